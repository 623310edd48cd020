package io.github.multiprom.metrics;

import io.github.multiprom.model.ExponentialBuckets;
import io.github.multiprom.model.NativeBuckets;
import io.github.multiprom.model.RefinedCells;
import java.util.Arrays;
import java.util.Iterator;
import java.util.Map;
import java.util.TreeMap;

/** The exponential buckets of a source in the order of their values. One thread. */
final class RankedBuckets {
  /** Greatest count that a cell can have. */
  static final long MAX_COUNT = 1L << 53;

  /** More than the number of any bucket, with its sign or without. */
  private static final int MIDDLE = 1 << 20;

  /** Other clients' bounds differ in the last digits. */
  private static final double ABOUT = 1 + 1e-9;

  final int schema;

  // By rank: of zero 0, of a positive bucket its number and MIDDLE, of a negative one the opposite.
  private final TreeMap<Integer, Long> counts = new TreeMap<>();

  private RankedBuckets(int schema) {
    this.schema = schema;
  }

  /**
   * The buckets of a source, at a schema that is not finer than theirs.
   *
   * @param zeroThreshold up to which they are in the zero bucket
   */
  static RankedBuckets of(NativeBuckets given, int schema, double zeroThreshold) {
    RankedBuckets ranked = new RankedBuckets(schema);
    int shift = given.schema() - schema;
    ranked.add(0, given.zeroCount());
    for (int i = 0; i < given.positiveIndices().length; i++) {
      int rank = ranked.rank(given.positiveIndices()[i], shift, zeroThreshold);
      ranked.add(rank, given.positiveCounts()[i]);
    }
    for (int i = 0; i < given.negativeIndices().length; i++) {
      int rank = ranked.rank(given.negativeIndices()[i], shift, zeroThreshold);
      ranked.add(-rank, given.negativeCounts()[i]);
    }
    return ranked;
  }

  private int rank(int givenIndex, int shift, double zeroThreshold) {
    ExponentialBuckets buckets = ExponentialBuckets.of(schema);
    // Prometheus' index is one more.
    long index = ((long) givenIndex - 1) >> shift;
    if (index < buckets.first()) {
      return 0;
    }
    int number = (int) Math.min(index, buckets.last());
    return buckets.upperBound(number) <= zeroThreshold * ABOUT ? 0 : MIDDLE + number;
  }

  private void add(int rank, long count) {
    if (count != 0) {
      counts.merge(rank, count, Long::sum);
    }
  }

  /**
   * Takes away what had been counted before.
   *
   * @return whether no bucket had more than it has now; where one had, nothing is left
   */
  boolean subtract(RankedBuckets before) {
    boolean isRisen = true;
    for (Map.Entry<Integer, Long> bucket : before.counts.entrySet()) {
      long left = counts.getOrDefault(bucket.getKey(), 0L) - bucket.getValue();
      isRisen &= left >= 0;
      if (left > 0) {
        counts.put(bucket.getKey(), left);
      } else {
        counts.remove(bucket.getKey());
      }
    }
    return isRisen;
  }

  /** Takes what some observations are counted in. */
  @FunctionalInterface
  interface Meetings {
    /**
     * Some observations.
     *
     * @param sign as in {@link RefinedCells}
     * @param number of the exponential bucket; 0 of the zero bucket
     */
    void count(int bucket, int sign, int number, long times);
  }

  /**
   * Joins them by rank with classic buckets of the same observations: both divide what is sorted by
   * value, so what the ranks of two buckets have in common is the number of observations in both.
   */
  void join(long[] classic, Meetings meetings) {
    Iterator<Map.Entry<Integer, Long>> buckets = counts.entrySet().iterator();
    int rank = 0;
    long left = 0;
    for (int bucket = 0; bucket < classic.length; bucket++) {
      long wanted = classic[bucket];
      while (wanted > 0 && (left > 0 || buckets.hasNext())) {
        if (left == 0) {
          Map.Entry<Integer, Long> next = buckets.next();
          rank = next.getKey();
          left = next.getValue();
        }
        long times = Math.min(wanted, left);
        meetings.count(bucket, sign(rank), rank == 0 ? 0 : Math.abs(rank) - MIDDLE, times);
        wanted -= times;
        left -= times;
      }
    }
  }

  private static int sign(int rank) {
    if (rank == 0) {
      return RefinedCells.ZERO;
    }
    return rank > 0 ? RefinedCells.POSITIVE : RefinedCells.NEGATIVE;
  }

  /** Whether two look alike; cheap, as most do from one pass to the next. */
  static boolean isSame(NativeBuckets one, NativeBuckets other) {
    return one != null
        && other != null
        && one.schema() == other.schema()
        && one.zeroThreshold() == other.zeroThreshold()
        && one.zeroCount() == other.zeroCount()
        && Arrays.equals(one.positiveIndices(), other.positiveIndices())
        && Arrays.equals(one.positiveCounts(), other.positiveCounts())
        && Arrays.equals(one.negativeIndices(), other.negativeIndices())
        && Arrays.equals(one.negativeCounts(), other.negativeCounts());
  }

  /** Whether buckets are such as {@link NativeBuckets} says, and can be counted. */
  static boolean isValid(NativeBuckets buckets) {
    return buckets.schema() >= NativeBuckets.MIN_SCHEMA
        && buckets.schema() <= NativeBuckets.MAX_SCHEMA
        && buckets.zeroThreshold() >= 0
        && buckets.zeroThreshold() <= Double.MAX_VALUE
        && isCount(buckets.zeroCount())
        && isValid(buckets.positiveIndices(), buckets.positiveCounts())
        && isValid(buckets.negativeIndices(), buckets.negativeCounts())
        && isCount(buckets.count());
  }

  private static boolean isValid(int[] indices, long[] counts) {
    boolean isValid = indices.length == counts.length;
    long total = 0;
    for (int i = 0; isValid && i < indices.length; i++) {
      isValid = isCount(counts[i]) && (i == 0 || indices[i] > indices[i - 1]);
      total += counts[i];
      isValid &= isCount(total);
    }
    return isValid;
  }

  private static boolean isCount(long count) {
    return count >= 0 && count <= MAX_COUNT;
  }
}
