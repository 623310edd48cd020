package io.github.multiprom.model;

import java.util.Comparator;

/**
 * What a native histogram is, beside its classic buckets. Immutable; every instance is valid.
 *
 * @param schema how finely workers count, {@link NativeBuckets#MIN_SCHEMA} to {@link
 *     NativeBuckets#MAX_SCHEMA}
 * @param maxBuckets most buckets that are shown, at least 1: if more hold something, they are shown
 *     more coarsely
 */
public record NativeShape(int schema, int maxBuckets) implements Comparable<NativeShape> {
  /** Eight buckets from a number to its double: an error of at most 4.3 %. */
  public static final int DEFAULT_SCHEMA = 3;

  /** As other clients. */
  public static final int DEFAULT_MAX_BUCKETS = 160;

  /**
   * Checks the components.
   *
   * @throws IllegalArgumentException if one is out of its range
   */
  public NativeShape {
    if (schema < NativeBuckets.MIN_SCHEMA || schema > NativeBuckets.MAX_SCHEMA) {
      throw new IllegalArgumentException("no schema of a native histogram: " + schema);
    }
    if (maxBuckets < 1) {
      throw new IllegalArgumentException("a native histogram has a bucket at least: " + maxBuckets);
    }
  }

  /** The order in which one of equal claims is shown: any that is always the same. */
  @Override
  public int compareTo(NativeShape other) {
    return Comparator.comparingInt(NativeShape::schema)
        .thenComparingInt(NativeShape::maxBuckets)
        .compare(this, other);
  }
}
