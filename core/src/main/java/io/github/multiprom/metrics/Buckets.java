package io.github.multiprom.metrics;

import io.github.multiprom.internal.cell.DistributionCells;
import java.util.List;

/**
 * The buckets of a histogram, and which of them a value falls into. Immutable.
 *
 * <p>The search has no branch that depends on the value. When latencies vary, a processor
 * mispredicts half of such branches, and one misprediction costs more than the rest of an
 * observation. The upper bits of a double divide the values from 0 on into intervals, so finely
 * that a interval holds one bound at most; a table gives the first bound that is not below a
 * interval, and one subtraction tells whether the value is above it.
 */
final class Buckets {
  private static final int EXPONENT_SHIFT = 52;

  /** As long as such a table may be, when bounds lie close to one another in a wide range. */
  private static final int MAX_INTERVALS = 1024;

  private final double[] upperBounds;

  /* The bounds as whole numbers, which compare as they do with values from 0 on; last the greatest
   * number. */
  private final long[] keys;

  // By interval; null if there would be too many intervals, or bounds.
  private final short[] firstBounds;
  private final int shift;
  private final long firstInterval;

  /** Buckets with these upper bounds, ascending, and one for what is above. */
  Buckets(List<Double> upperBounds) {
    this.upperBounds = upperBounds.stream().mapToDouble(Double::doubleValue).toArray();
    keys = new long[this.upperBounds.length + 1];
    for (int i = 0; i < this.upperBounds.length; i++) {
      keys[i] = key(this.upperBounds[i]);
    }
    keys[this.upperBounds.length] = Long.MAX_VALUE;
    shift = shift();
    firstInterval = keys[0] >> shift;
    firstBounds = firstBounds();
  }

  private static long key(double bound) {
    // All negative bounds get -1: any value from 0 on is above them. Adding turns -0.0 into 0.0.
    return bound < 0 ? -1 : Double.doubleToRawLongBits(bound + 0.0);
  }

  /** The coarsest intervals with one bound at most. */
  private int shift() {
    int fits = EXPONENT_SHIFT;
    for (int i = 1; i < upperBounds.length; i++) {
      while (fits > 0 && keys[i - 1] >= 0 && keys[i - 1] >> fits == keys[i] >> fits) {
        fits--;
      }
    }
    return fits;
  }

  private short[] firstBounds() {
    int last = upperBounds.length - 1;
    if (upperBounds.length > Short.MAX_VALUE) {
      return null;
    }
    // One more, for the values above all bounds.
    long intervals = last < 0 ? 1 : (keys[last] >> shift) - firstInterval + 2;
    if (intervals > MAX_INTERVALS) {
      return null;
    }
    short[] first = new short[(int) intervals];
    short bound = 0;
    for (int i = 0; i < intervals; i++) {
      while (bound <= last && keys[bound] >> shift < firstInterval + i) {
        bound++;
      }
      first[i] = bound;
    }
    return first;
  }

  /** How many there are. */
  int count() {
    return upperBounds.length + 1;
  }

  /** The upper bound of a bucket, +Inf of the last one. */
  double upperBound(int bucket) {
    return bucket == upperBounds.length ? Double.POSITIVE_INFINITY : upperBounds[bucket];
  }

  /** The index of the bucket for a value; {@link DistributionCells#NO_BUCKET} for NaN. */
  int of(double value) {
    long key = Double.doubleToRawLongBits(value);
    short[] first = firstBounds;
    if (key < 0 || first == null) {
      return search(value);
    }
    int interval = (int) Math.max(0, Math.min((key >> shift) - firstInterval, first.length - 1));
    int bound = first[interval];
    // 1 if the value is above the bound.
    int bucket = bound + (int) ((keys[bound] - key) >>> (Long.SIZE - 1));
    return bucket == upperBounds.length && Double.isNaN(value)
        ? DistributionCells.NO_BUCKET
        : bucket;
  }

  /** For any value and any bounds. */
  private int search(double value) {
    for (int i = 0; i < upperBounds.length; i++) {
      if (value <= upperBounds[i]) {
        return i;
      }
    }
    return Double.isNaN(value) ? DistributionCells.NO_BUCKET : upperBounds.length;
  }
}
