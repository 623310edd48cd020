package io.github.multiprom.merge;

import io.github.multiprom.model.DoubleDouble;
import io.github.multiprom.model.EpochClock;
import io.github.multiprom.model.FamilyDescriptor;
import io.github.multiprom.model.MetricType;
import io.github.multiprom.model.Snapshot;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Merges counters, histograms and summaries: sums over every incarnation that ever counted, dead
 * and retired ones too. A merged histogram's count is its +Inf bucket. One merge at a time.
 *
 * <p>Bucket bounds that differ: see {@link BucketBounds}.
 */
final class AdditivePlan implements FamilyPlan {
  /** Of a distribution's cells the merge needs the sum and the buckets. */
  private static final int SUM_CELL = 1;

  private static final int FIRST_BUCKET_CELL = 2;

  private final FamilyDescriptor descriptor;
  private final List<Share> shares = new ArrayList<>();
  private final MergedFamily merged;
  // By position in the output: the index of that series' sums.
  private final int[] order;
  private final double[] sumHigh;
  private final double[] sumLow;
  // Reused from incarnation to incarnation.
  private final double[] addends;
  // By index of the sums, and one more: where the buckets of that series begin.
  private final int[] firstBuckets;
  // Not cumulative. Whole numbers, which a double adds exactly.
  private final double[] buckets;

  /**
   * What one incarnation adds: runs of series whose cells follow one another as their sums do.
   * Workers that make their series in the same order have few runs.
   *
   * @param cells for each run the first cell
   * @param sums for each run the index of the first sum
   * @param lengths for each run the number of series
   * @param stride cells of a series
   * @param buckets for each run, for each of its buckets the bucket that counts it; null for the
   *     same
   */
  private record Share(
      int source, int[] cells, int[] sums, int[] lengths, int stride, int[][] buckets) {}

  AdditivePlan(FamilyDefinition definition, boolean withCreated, List<MergedSeries> old) {
    descriptor = definition.descriptor();
    SeriesLabels labels = new SeriesLabels(descriptor, definition.parts());
    SeriesGroups groups = new SeriesGroups(labels, definition.parts());
    BucketBounds bounds =
        descriptor.type() == MetricType.HISTOGRAM ? new BucketBounds(groups) : null;
    double[] createdMs = new double[groups.size()];
    Arrays.fill(createdMs, Double.POSITIVE_INFINITY);
    for (int p = 0; p < groups.parts().size(); p++) {
      addShare(groups, p, bounds, createdMs);
    }
    // Removed series have nobody left who made them.
    order = Arrays.stream(groups.sorted()).filter(sum -> Double.isFinite(createdMs[sum])).toArray();
    sumHigh = new double[groups.size()];
    sumLow = new double[groups.size()];
    addends = new double[descriptor.type() == MetricType.COUNTER ? groups.size() : 0];
    firstBuckets = firstBuckets(groups.size(), bounds, createdMs);
    buckets = new double[firstBuckets[groups.size()]];
    List<MergedSeries> series = new ArrayList<>(order.length);
    double[] sortedCreatedMs = new double[order.length];
    for (int i = 0; i < order.length; i++) {
      series.add(
          labels.series(
              groups.labelValues(order[i]), bounds == null ? List.of() : bounds.of(order[i])));
      sortedCreatedMs[i] = createdMs[order[i]];
    }
    merged =
        new MergedFamily(
            descriptor,
            FamilyPlan.keepIfEqual(old, List.copyOf(series)),
            new double[valueCount(series)],
            withCreated,
            sortedCreatedMs);
  }

  private int[] firstBuckets(int groups, BucketBounds bounds, double[] createdMs) {
    int[] first = new int[groups + 1];
    for (int group = 0; group < groups; group++) {
      int count = descriptor.type() == MetricType.SUMMARY ? 1 : 0;
      if (bounds != null && Double.isFinite(createdMs[group])) {
        count = bounds.of(group).size() + 1;
      }
      first[group + 1] = first[group] + count;
    }
    return first;
  }

  private int valueCount(List<MergedSeries> series) {
    int count = 0;
    for (int i = 0; i < order.length; i++) {
      count += MergedFamily.width(descriptor.type(), series.get(i));
    }
    return count;
  }

  private static double createdMs(Part part, int i) {
    return Math.floor(
        part.descriptor(i).createdNanos() / (double) EpochClock.NANOS_PER_MILLISECOND);
  }

  private void addShare(SeriesGroups groups, int p, BucketBounds bounds, double[] createdMs) {
    Part part = groups.parts().get(p);
    int stride = part.family().cellCount();
    int[] cells = new int[part.seriesCount()];
    int[] sums = new int[cells.length];
    int[] lengths = new int[cells.length];
    int[][] bucketsOf = new int[cells.length][];
    int runs = 0;
    int nextCell = -1;
    int nextSum = -1;
    for (int i = 0; i < cells.length; i++) {
      if (groups.isCounting(p, i)) {
        int sum = groups.groupOf(p, i);
        createdMs[sum] = Math.min(createdMs[sum], createdMs(part, i));
        int cell = part.descriptor(i).firstCell();
        int[] into = bounds == null ? null : bounds.buckets(p, sum);
        if (cell != nextCell || sum != nextSum || into != bucketsOf[runs - 1]) {
          cells[runs] = cell;
          bucketsOf[runs] = into;
          sums[runs++] = sum;
        }
        lengths[runs - 1]++;
        nextCell = cell + stride;
        nextSum = sum + 1;
      }
    }
    if (runs > 0) {
      shares.add(
          new Share(
              part.source(),
              Arrays.copyOf(cells, runs),
              Arrays.copyOf(sums, runs),
              Arrays.copyOf(lengths, runs),
              stride,
              Arrays.copyOf(bucketsOf, runs)));
    }
  }

  @Override
  public FamilyDescriptor descriptor() {
    return descriptor;
  }

  @Override
  public List<MergedSeries> series() {
    return merged.series();
  }

  @Override
  public MergedFamily merge(List<Snapshot> sources, double nowMicros) {
    Arrays.fill(sumHigh, 0);
    Arrays.fill(sumLow, 0);
    Arrays.fill(buckets, 0);
    for (Share share : shares) {
      Snapshot source = sources.get(share.source);
      if (descriptor.type() == MetricType.COUNTER) {
        addCounters(share, source.high());
        if (!source.lowIsZero()) {
          addCounters(share, source.low());
        }
      } else {
        addDistributions(share, source.high(), source.low());
      }
    }
    write(merged.values());
    return merged;
  }

  private void addCounters(Share share, double[] words) {
    for (int run = 0; run < share.cells.length; run++) {
      int first = share.sums[run];
      int length = share.lengths[run];
      System.arraycopy(words, share.cells[run], addends, first, length);
      DoubleDouble.accumulate(sumHigh, sumLow, addends, first, first + length);
    }
  }

  private void addDistributions(Share share, double[] high, double[] low) {
    for (int run = 0; run < share.cells.length; run++) {
      int cell = share.cells[run];
      int end = share.sums[run] + share.lengths[run];
      int[] into = share.buckets[run];
      for (int sum = share.sums[run]; sum < end; sum++, cell += share.stride) {
        DoubleDouble.accumulate(sumHigh, sumLow, sum, high[cell + SUM_CELL]);
        DoubleDouble.accumulate(sumHigh, sumLow, sum, low[cell + SUM_CELL]);
        if (into == null) {
          addBuckets(sum, high, low, cell + FIRST_BUCKET_CELL);
        } else {
          addBuckets(sum, high, low, cell + FIRST_BUCKET_CELL, into);
        }
      }
    }
  }

  private void addBuckets(int sum, double[] high, double[] low, int cell) {
    int first = firstBuckets[sum];
    int count = firstBuckets[sum + 1] - first;
    for (int i = 0; i < count; i++) {
      buckets[first + i] += high[cell + i] + low[cell + i];
    }
  }

  private void addBuckets(int sum, double[] high, double[] low, int cell, int[] into) {
    int first = firstBuckets[sum];
    for (int i = 0; i < into.length; i++) {
      buckets[first + into[i]] += high[cell + i] + low[cell + i];
    }
  }

  private void write(double[] values) {
    int at = 0;
    for (int sum : order) {
      double count = 0;
      for (int i = firstBuckets[sum]; i < firstBuckets[sum + 1]; i++) {
        count += buckets[i];
        values[at++] = count;
      }
      values[at++] = DoubleDouble.sum(sumHigh, sumLow, sum);
    }
  }
}
