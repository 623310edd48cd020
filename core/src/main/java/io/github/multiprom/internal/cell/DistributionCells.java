package io.github.multiprom.internal.cell;

import io.github.multiprom.model.RefinedCounts;

/** Buckets and sum behind one histogram or summary child. Thread-safe; never throws. */
public interface DistributionCells {
  /** The bucket index for a NaN, which no bucket counts. */
  int NO_BUCKET = -1;

  /**
   * Records one observation.
   *
   * @param bucket index of the bucket that counts it, ascending by bound with +Inf last, or {@link
   *     #NO_BUCKET}
   * @param value the observed value, added to the sum
   */
  void observe(int bucket, double value);

  /**
   * Records equal observations, as of a value that was sampled. A reader sees none, one or all of
   * them.
   *
   * @param bucket as in {@link #observe(int, double)}, but no NaN
   * @param times at least 1
   */
  default void observe(int bucket, double value, long times) {
    for (long i = 0; i < times; i++) {
      observe(bucket, value);
    }
  }

  /**
   * Records one observation, and leaves the sum alone, as where it would be infinite forever.
   *
   * @param bucket as in {@link #observe(int, double)}, but no NaN
   */
  default void observeUnsummed(int bucket, double value) {
    observe(bucket, 0);
  }

  /** Adds bucket counts and a sum at once, laid out as {@link #read()} returns them. */
  void addAll(double[] sumAndBuckets);

  /**
   * This worker's own numbers: the sum, then the buckets' counts, not cumulative; of a native
   * histogram as {@link RefinedCounts} has them.
   */
  double[] read();
}
