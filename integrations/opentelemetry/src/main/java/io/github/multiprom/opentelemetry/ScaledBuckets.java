package io.github.multiprom.opentelemetry;

import io.github.multiprom.model.NativeBuckets;
import io.opentelemetry.sdk.metrics.data.ExponentialHistogramBuckets;
import io.opentelemetry.sdk.metrics.data.ExponentialHistogramPointData;

/** The buckets of exponential histograms, as Prometheus numbers them. */
final class ScaledBuckets {
  private ScaledBuckets() {}

  /**
   * The buckets of a point, at the finest schema if its scale is finer.
   *
   * @param point of a scale that is not below {@link NativeBuckets#MIN_SCHEMA}
   */
  static NativeBuckets of(ExponentialHistogramPointData point) {
    int schema = Math.min(point.getScale(), NativeBuckets.MAX_SCHEMA);
    int shift = point.getScale() - schema;
    return new NativeBuckets(
        schema,
        0,
        point.getZeroCount(),
        indices(point.getPositiveBuckets(), shift),
        counts(point.getPositiveBuckets(), shift),
        indices(point.getNegativeBuckets(), shift),
        counts(point.getNegativeBuckets(), shift));
  }

  private static long[] counts(ExponentialHistogramBuckets buckets, int shift) {
    int size = buckets.getBucketCounts().size();
    int first = buckets.getOffset() >> shift;
    int end = size == 0 ? first : ((buckets.getOffset() + size - 1) >> shift) + 1;
    long[] counts = new long[end - first];
    for (int i = 0; i < size; i++) {
      counts[((buckets.getOffset() + i) >> shift) - first] += buckets.getBucketCounts().get(i);
    }
    return counts;
  }

  /** Prometheus names a bucket by its upper bound, OpenTelemetry by its lower one. */
  private static int[] indices(ExponentialHistogramBuckets buckets, int shift) {
    int[] indices = new int[counts(buckets, shift).length];
    for (int i = 0; i < indices.length; i++) {
      indices[i] = (buckets.getOffset() >> shift) + i + 1;
    }
    return indices;
  }
}
