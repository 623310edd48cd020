package io.github.multiprom.micrometer;

import io.github.multiprom.metrics.Histogram;
import io.github.multiprom.metrics.Summary;
import io.micrometer.core.instrument.distribution.CountAtBucket;

/** The observations of one timer or summary, in the cells of this worker. Thread-safe. */
interface Distribution {
  /** How many observations there were, and their sum. */
  record Totals(double count, double sum) {}

  void observe(double value);

  Totals totals();

  /** Whether there are buckets. */
  boolean hasBuckets();

  /**
   * The cumulative buckets, but for that of +Inf.
   *
   * @param scale by which the bounds are multiplied
   */
  CountAtBucket[] buckets(double scale);

  /** Count and sum alone. */
  static Distribution of(Summary.Child child) {
    return new Distribution() {
      @Override
      public void observe(double value) {
        child.observe(value);
      }

      @Override
      public Totals totals() {
        Summary.Child.Value value = child.get();
        return new Totals(value.count, value.sum);
      }

      @Override
      public boolean hasBuckets() {
        return false;
      }

      @Override
      public CountAtBucket[] buckets(double scale) {
        return new CountAtBucket[0];
      }
    };
  }

  /**
   * Observations in buckets.
   *
   * @param upperBounds of the child's buckets, but for +Inf
   */
  static Distribution of(Histogram.Child child, double[] upperBounds) {
    return new Distribution() {
      @Override
      public void observe(double value) {
        child.observe(value);
      }

      @Override
      public Totals totals() {
        Histogram.Child.Value value = child.get();
        return new Totals(value.buckets[value.buckets.length - 1], value.sum);
      }

      @Override
      public boolean hasBuckets() {
        return true;
      }

      @Override
      public CountAtBucket[] buckets(double scale) {
        double[] counts = child.get().buckets;
        CountAtBucket[] buckets = new CountAtBucket[upperBounds.length];
        for (int i = 0; i < buckets.length; i++) {
          buckets[i] = new CountAtBucket(upperBounds[i] * scale, counts[i]);
        }
        return buckets;
      }
    };
  }
}
