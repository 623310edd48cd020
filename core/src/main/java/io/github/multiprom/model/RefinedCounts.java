package io.github.multiprom.model;

import java.util.Map;
import java.util.TreeMap;

/**
 * The counts of one native histogram by chunk, over lanes or workers of one shape. One thread.
 *
 * <p>Together with a sum they are written as numbers: the sum, and then for each chunk its sign,
 * level and key, and the counts of its cells.
 */
public final class RefinedCounts {
  private static final int SIGN = 0;
  private static final int LEVEL = 1;
  private static final int KEY = 2;
  private static final int COUNTS = 3;
  private static final int CHUNK_NUMBERS = COUNTS + RefinedCells.CHUNK_CELLS;

  private final TreeMap<ChunkKey, double[]> chunks = new TreeMap<>();

  /** The counts that some numbers stand for. */
  public static RefinedCounts of(double[] numbers) {
    RefinedCounts counts = new RefinedCounts();
    counts.add(numbers, 1);
    return counts;
  }

  /** Takes away the counts that some numbers stand for. */
  public void subtract(double[] numbers) {
    add(numbers, -1);
  }

  private void add(double[] numbers, double factor) {
    for (int at = 1; at < numbers.length; at += CHUNK_NUMBERS) {
      double[] cells =
          cells(
              new ChunkKey(
                  (int) numbers[at + SIGN], (int) numbers[at + LEVEL], (int) numbers[at + KEY]));
      for (int i = 0; i < cells.length; i++) {
        cells[i] += factor * numbers[at + COUNTS + i];
      }
    }
  }

  /** Adds other counts. */
  public void add(RefinedCounts others) {
    others.chunks.forEach((key, counts) -> add(key, counts, 0));
  }

  /** Adds the counts of one chunk, which stand in an array from an index on. */
  public void add(ChunkKey key, double[] counts, int from) {
    double[] cells = cells(key);
    for (int i = 0; i < cells.length; i++) {
      cells[i] += counts[from + i];
    }
  }

  /** Adds to the count of one cell of a chunk. */
  public void add(ChunkKey key, int cell, double count) {
    cells(key)[cell] += count;
  }

  private double[] cells(ChunkKey key) {
    return chunks.computeIfAbsent(key, k -> new double[RefinedCells.CHUNK_CELLS]);
  }

  /** The chunks, in order, and the counts of each. */
  public Map<ChunkKey, double[]> chunks() {
    return chunks;
  }

  /** The number of all observations. */
  public double total() {
    double total = 0;
    for (double[] cells : chunks.values()) {
      for (double count : cells) {
        total += count;
      }
    }
    return total;
  }

  /** As numbers, with their sum. Chunks of zeros are left out. */
  public double[] toNumbers(double sum) {
    chunks.values().removeIf(RefinedCounts::isZero);
    double[] numbers = new double[1 + CHUNK_NUMBERS * chunks.size()];
    numbers[0] = sum;
    int at = 1;
    for (Map.Entry<ChunkKey, double[]> chunk : chunks.entrySet()) {
      numbers[at + SIGN] = chunk.getKey().sign();
      numbers[at + LEVEL] = chunk.getKey().level();
      numbers[at + KEY] = chunk.getKey().key();
      System.arraycopy(chunk.getValue(), 0, numbers, at + COUNTS, RefinedCells.CHUNK_CELLS);
      at += CHUNK_NUMBERS;
    }
    return numbers;
  }

  private static boolean isZero(double[] cells) {
    for (double count : cells) {
      if (count != 0) {
        return false;
      }
    }
    return true;
  }

  /** The native buckets. */
  public NativeBuckets buckets(RefinedCells refined) {
    NativeSum sum = new NativeSum();
    chunks.forEach((key, cells) -> sum.add(refined, key, cells, 0));
    return sum.buckets(refined.shape());
  }

  /** For each classic bucket, +Inf last, its count; not cumulative. */
  public double[] classic(RefinedCells refined) {
    double[] buckets = new double[refined.boundCount() + 1];
    chunks.forEach(
        (key, cells) -> {
          for (int i = 0; i < cells.length; i++) {
            if (cells[i] != 0) {
              buckets[refined.bucketOf(key, i)] += cells[i];
            }
          }
        });
    return buckets;
  }
}
