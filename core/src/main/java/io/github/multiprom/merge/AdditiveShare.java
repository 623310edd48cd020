package io.github.multiprom.merge;

import java.util.Arrays;

/**
 * What one incarnation adds: runs of series whose cells follow one another as their sums do.
 * Workers that make their series in the same order have few runs. One thread.
 */
final class AdditiveShare {
  final Source source;
  // Cells of a series.
  final int stride;
  // Whether its buckets are elsewhere, as those of a native histogram.
  final boolean hasChunks;
  int runs;
  // For each run the first cell, the index of the first sum, and the number of series.
  int[] cells = new int[1];
  int[] sums = new int[1];
  int[] lengths = new int[1];
  // For each run, for each of its buckets the bucket that counts it; null for the same.
  int[][] buckets = new int[1][];

  AdditiveShare(Part part) {
    source = part.source();
    stride = part.family().cellCount();
    hasChunks = part.family().nativeShape() != null;
  }

  void add(int cell, int sum, int[] into) {
    int last = runs - 1;
    if (last >= 0
        && cell == cells[last] + lengths[last] * stride
        && sum == sums[last] + lengths[last]
        && into == buckets[last]) {
      lengths[last]++;
      return;
    }
    if (runs == cells.length) {
      cells = Arrays.copyOf(cells, 2 * runs);
      sums = Arrays.copyOf(sums, 2 * runs);
      lengths = Arrays.copyOf(lengths, 2 * runs);
      buckets = Arrays.copyOf(buckets, 2 * runs);
    }
    cells[runs] = cell;
    sums[runs] = sum;
    lengths[runs] = 1;
    buckets[runs++] = into;
  }
}
