package io.github.multiprom.model;

import java.util.List;

/**
 * How a native histogram counts: one cell for each meeting of an exponential bucket and a classic
 * one. Immutable.
 *
 * <p>Both numbers grow with the magnitude of a value, so their sum names one meeting: a positive
 * value of the exponential bucket j and the classic bucket c has the cell {@code (j >> level) + c}.
 * Of a negative one the classic buckets are counted from above. What is around zero has the cell
 * {@code c}. Cells come in chunks of {@link #CHUNK_CELLS}.
 */
public final class RefinedCells {
  /** Cells of a chunk. */
  public static final int CHUNK_CELLS = 16;

  /** The number of cells as a power of two. */
  public static final int CHUNK_BITS = 4;

  /** The sign of what is in the zero bucket. */
  public static final int ZERO = 0;

  /** The sign of what is above it. */
  public static final int POSITIVE = 1;

  /** The sign of what is below it. */
  public static final int NEGATIVE = 2;

  private static final int SIGNS = 3;

  /** Below the number of any cell. */
  private static final int BEFORE_ALL = Integer.MIN_VALUE / 2;

  private final List<Double> upperBounds;
  private final NativeShape shape;
  private final ExponentialBuckets exponential;
  // By sign and level. Made when they are needed: a writer needs none.
  private final LastCells[][] lastCells;

  /** For each classic bucket but the last the number of its last cell. */
  private static final class LastCells {
    // Final: threads find it in an array without a fence.
    final int[] numbers;

    LastCells(int[] numbers) {
      this.numbers = numbers;
    }
  }

  private RefinedCells(List<Double> upperBounds, NativeShape shape) {
    this.upperBounds = upperBounds;
    this.shape = shape;
    exponential = ExponentialBuckets.of(shape.schema());
    lastCells = new LastCells[SIGNS][maxLevel() + 1];
  }

  /** Those of a family; null if it is no native histogram. */
  public static RefinedCells of(FamilyDescriptor family) {
    return family.nativeShape() == null
        ? null
        : new RefinedCells(family.upperBounds(), family.nativeShape());
  }

  /** Schema and limit. */
  public NativeShape shape() {
    return shape;
  }

  /** The exponential buckets at level 0. */
  public ExponentialBuckets exponential() {
    return exponential;
  }

  /** The number of classic bounds, without +Inf. */
  public int boundCount() {
    return upperBounds.size();
  }

  /** The coarsest level. */
  public int maxLevel() {
    return shape.schema() - NativeBuckets.MIN_SCHEMA;
  }

  /** Where a value counts; it is no NaN. */
  public static int signOf(double value) {
    if (Math.abs(value) <= NativeBuckets.ZERO_THRESHOLD) {
      return ZERO;
    }
    return value > 0 ? POSITIVE : NEGATIVE;
  }

  /** The number of the exponential bucket of a value; 0 of what is around zero. */
  public int exponentialOf(int sign, double value) {
    return sign == ZERO ? 0 : exponential.indexOf(Math.abs(value));
  }

  /** The number of a classic bucket, counted in the direction of growing magnitudes; and back. */
  public int classicOf(int sign, int bucket) {
    return sign == NEGATIVE ? boundCount() - bucket : bucket;
  }

  /** Whether a chunk can hold cells of values. */
  public boolean isPossible(ChunkKey chunk) {
    if (chunk.sign() < ZERO
        || chunk.sign() > NEGATIVE
        || chunk.level() < 0
        || chunk.level() > (chunk.sign() == ZERO ? 0 : maxLevel())) {
      return false;
    }
    int first = chunk.sign() == ZERO ? 0 : exponential.first() >> chunk.level();
    int last = chunk.sign() == ZERO ? 0 : exponential.last() >> chunk.level();
    return chunk.key() >= first >> CHUNK_BITS && chunk.key() <= (last + boundCount()) >> CHUNK_BITS;
  }

  /** The classic bucket that a cell belongs to. */
  public int bucketOf(ChunkKey chunk, int cell) {
    int number = (chunk.key() << CHUNK_BITS) + cell;
    return classicOf(chunk.sign(), classicOf(chunk.sign(), chunk.level(), number));
  }

  /** The exponential bucket that a cell belongs to, at the schema that its level stands for. */
  public int exponentialOf(ChunkKey chunk, int cell) {
    int number = (chunk.key() << CHUNK_BITS) + cell;
    int found = number - classicOf(chunk.sign(), chunk.level(), number);
    int first = exponential.first() >> chunk.level();
    // What no writer makes.
    return Math.max(first, Math.min(found, exponential.last() >> chunk.level()));
  }

  /** The first classic bucket, in the direction of growing magnitudes, that ends behind a cell. */
  private int classicOf(int sign, int level, int number) {
    if (sign == ZERO) {
      return Math.min(number, boundCount());
    }
    LastCells made = lastCells[sign][level];
    if (made == null) {
      made = new LastCells(lastCells(sign, level));
      lastCells[sign][level] = made;
    }
    int[] last = made.numbers;
    int from = 0;
    int to = last.length;
    while (from < to) {
      int middle = (from + to) >>> 1;
      if (number <= last[middle]) {
        to = middle;
      } else {
        from = middle + 1;
      }
    }
    return from;
  }

  private int[] lastCells(int sign, int level) {
    int[] last = new int[boundCount()];
    for (int k = 0; k < last.length; k++) {
      // The greatest magnitude in the bucket: a bound belongs to the lower values.
      double greatest =
          sign == POSITIVE
              ? upperBounds.get(k)
              : Math.nextDown(-upperBounds.get(boundCount() - 1 - k));
      last[k] =
          greatest > NativeBuckets.ZERO_THRESHOLD
              ? (exponential.indexOf(greatest) >> level) + k
              : BEFORE_ALL + k;
    }
    return last;
  }
}
