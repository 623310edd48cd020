package io.github.multiprom.model;

/**
 * The exponential buckets of one series of a native histogram, as Prometheus counts them.
 * Immutable: the arrays are never changed once they are here.
 *
 * <p>With the base {@code g = 2^(2^-schema)}, the positive bucket of index i holds what is greater
 * than {@code g^(i-1)} and at most {@code g^i}, so that the bucket of 1 has index 0. Negative ones
 * are their mirror image. What lies between {@code -zeroThreshold} and {@code zeroThreshold}, both
 * included, is in the zero bucket. All counts together are the count of the series.
 *
 * @param schema from -4 to 8
 * @param zeroThreshold 0 or more
 * @param zeroCount how many observations are in the zero bucket
 * @param positiveIndices indices of the positive buckets that hold something, ascending
 * @param positiveCounts for each of them how many observations it holds; not cumulative
 * @param negativeIndices the same for the negative ones, ascending, so the values descend
 * @param negativeCounts as {@code positiveCounts}
 */
public record NativeBuckets(
    int schema,
    double zeroThreshold,
    long zeroCount,
    int[] positiveIndices,
    long[] positiveCounts,
    int[] negativeIndices,
    long[] negativeCounts) {
  /** The finest schema: 256 buckets from a number to its double. */
  public static final int MAX_SCHEMA = 8;

  /** The coarsest schema: each bucket ends at 65,536 times its beginning. */
  public static final int MIN_SCHEMA = -4;

  /** The zero threshold of all series: that of other clients. */
  public static final double ZERO_THRESHOLD = 0x1p-128;

  /** The number of all observations. */
  public long count() {
    long count = zeroCount;
    for (long some : positiveCounts) {
      count += some;
    }
    for (long some : negativeCounts) {
      count += some;
    }
    return count;
  }
}
