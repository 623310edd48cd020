package io.github.multiprom.model;

/**
 * The exponential buckets of a schema: into which one a magnitude falls. Immutable.
 *
 * <p>Buckets are numbered from 0 for what is above 1, so that halving the schema is a shift: bucket
 * j is {@code (g^j, g^(j+1)]}, with {@code g = 2^(2^-schema)}. Prometheus' index is one more.
 *
 * <p>The bounds are, bit for bit, those of client_golang, which Prometheus uses itself: each second
 * one is that of the coarser schema, and the next one is that times a literal.
 */
/* Mechanism: the exponent of a double gives the power of two, and the upper bits of its mantissa an
 * interval that holds one bound at most, as bounds are at least 0.69 / 2^schema apart. One
 * subtraction tells whether the mantissa is above that bound. So there is no search, no logarithm,
 * and no branch that depends on the value.
 */
public final class ExponentialBuckets {
  private static final int MANTISSA_BITS = 52;
  private static final long MANTISSA = (1L << MANTISSA_BITS) - 1;
  private static final int EXPONENT_BIAS = 1023;

  /** By schema from 1 on, the base as client_golang has it. */
  private static final double[] BASES = {
    1.414213562373095,
    1.189207115002721,
    1.0905077326652577,
    1.0442737824274138,
    1.0218971486541166,
    1.0108892860517005,
    1.0054299011128027,
    1.0027112750502025
  };

  private static final ExponentialBuckets[] BY_SCHEMA =
      new ExponentialBuckets[NativeBuckets.MAX_SCHEMA - NativeBuckets.MIN_SCHEMA + 1];

  static {
    for (int i = 0; i < BY_SCHEMA.length; i++) {
      BY_SCHEMA[i] = new ExponentialBuckets(NativeBuckets.MIN_SCHEMA + i);
    }
  }

  private final int schema;
  // From 1 to 2.
  private final double[] bounds;
  // Their mantissas; last the greatest number.
  private final long[] keys;
  // By interval, the first bound that is not below it.
  private final short[] firstBounds;
  private final int shift;
  private final int first;
  private final int last;

  private ExponentialBuckets(int schema) {
    this.schema = schema;
    bounds = bounds(schema);
    keys = new long[bounds.length + 1];
    for (int i = 0; i < bounds.length; i++) {
      keys[i] = Double.doubleToRawLongBits(bounds[i]) & MANTISSA;
    }
    keys[bounds.length] = Long.MAX_VALUE;
    int bits = Math.max(schema, 0) + 1;
    shift = MANTISSA_BITS - bits;
    firstBounds = new short[1 << bits];
    short bound = 0;
    for (int i = 0; i < firstBounds.length; i++) {
      while (bound < bounds.length && keys[bound] >> shift < i) {
        bound++;
      }
      firstBounds[i] = bound;
    }
    int exponent = EXPONENT_BIAS + 1;
    last = schema >= 0 ? exponent << schema : exponent >> -schema;
    first = indexOf(Math.nextUp(NativeBuckets.ZERO_THRESHOLD));
  }

  private static double[] bounds(int schema) {
    double[] bounds = {1};
    for (int s = 1; s <= schema; s++) {
      double[] finer = new double[2 * bounds.length];
      for (int i = 0; i < bounds.length; i++) {
        finer[2 * i] = bounds[i];
        finer[2 * i + 1] = bounds[i] * BASES[s - 1];
      }
      bounds = finer;
    }
    return bounds;
  }

  /**
   * Those of a schema from {@link NativeBuckets#MIN_SCHEMA} to {@link NativeBuckets#MAX_SCHEMA}.
   */
  public static ExponentialBuckets of(int schema) {
    return BY_SCHEMA[schema - NativeBuckets.MIN_SCHEMA];
  }

  /**
   * The number of the bucket of a magnitude.
   *
   * @param magnitude above {@link NativeBuckets#ZERO_THRESHOLD}, perhaps infinite
   */
  public int indexOf(double magnitude) {
    if (magnitude == Double.POSITIVE_INFINITY) {
      return last;
    }
    long bits = Double.doubleToRawLongBits(magnitude);
    int exponent = (int) (bits >>> MANTISSA_BITS) - EXPONENT_BIAS;
    long mantissa = bits & MANTISSA;
    int bound = firstBounds[(int) (mantissa >>> shift)];
    // One more if the mantissa is above the bound.
    int below = bound + (int) ((keys[bound] - mantissa) >>> (Long.SIZE - 1)) - 1;
    return schema >= 0 ? (exponent << schema) + below : (exponent + below) >> -schema;
  }

  /** The greatest number of a bucket, which is infinity of the last one. */
  public double upperBound(int index) {
    if (index >= last) {
      return Double.POSITIVE_INFINITY;
    }
    int next = index + 1;
    double bound =
        schema >= 0
            ? Math.scalb(bounds[next & (bounds.length - 1)], next >> schema)
            : Math.scalb(1.0, next << -schema);
    return Math.min(bound, Double.MAX_VALUE);
  }

  /**
   * The value that is, in relation to itself, nowhere in a bucket farther off than {@code (g - 1) /
   * (g + 1)}; of the last bucket infinity.
   */
  double middle(int index) {
    double base = schema > 0 ? bounds[1] : Math.scalb(1.0, 1 << -schema);
    return upperBound(index) * (2 / (1 + base));
  }

  /** The number of the first bucket, which begins at the zero threshold. */
  public int first() {
    return first;
  }

  /** The number of the last bucket, that of infinity. */
  public int last() {
    return last;
  }
}
