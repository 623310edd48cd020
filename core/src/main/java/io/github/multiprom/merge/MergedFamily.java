package io.github.multiprom.merge;

import io.github.multiprom.model.FamilyDescriptor;
import io.github.multiprom.model.NativeBuckets;
import io.github.multiprom.model.SeriesExemplar;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * One metric family with its merged series, in the order in which they are exposed.
 *
 * <p>Each series has {@link #width} values, one series after the other: a counter's or gauge's
 * value; a summary's quantiles, count and sum; a histogram's cumulative bucket counts with +Inf
 * last, and then its sum.
 *
 * <p>The arrays belong to the merge and are filled anew by the next one; everything else is
 * immutable. As long as no series comes or goes, {@link #series()} is the same object from merge to
 * merge, so that the text made from it can be kept.
 *
 * @param descriptor name, type, help, unit. Label names and bucket bounds are those of the series
 * @param series the labels of each series
 * @param values the values of all series
 * @param withCreated whether it is exposed when the series were made: not for gauges, nor where
 *     another family has the name of these samples
 * @param createdMs for each series when it was made, milliseconds since the epoch
 * @param exemplars by the index of a series, for each bucket, for a counter's value, or for parts
 *     of the range of a native histogram without classic buckets, the newest exemplar of all
 *     workers, null where there is none; filled anew as the arrays
 * @param natives by the index of a series, its native buckets if it has a native view; filled anew
 *     as the arrays
 */
public record MergedFamily(
    FamilyDescriptor descriptor,
    List<MergedSeries> series,
    double[] values,
    boolean withCreated,
    double[] createdMs,
    Map<Integer, SeriesExemplar[]> exemplars,
    Map<Integer, NativeBuckets> natives) {
  /** A family without exemplars and native buckets. */
  public MergedFamily(
      FamilyDescriptor descriptor,
      List<MergedSeries> series,
      double[] values,
      boolean withCreated,
      double[] createdMs) {
    this(descriptor, series, values, withCreated, createdMs, Map.of(), Map.of());
  }

  /** The exemplar of a bucket, of a counter that of bucket 0; null if there is none. */
  public SeriesExemplar exemplar(int index, int bucket) {
    SeriesExemplar[] ofSeries = exemplars.get(index);
    if (ofSeries == null || hasClassicView(index)) {
      return ofSeries == null ? null : ofSeries[bucket];
    }
    return Arrays.stream(ofSeries)
        .filter(Objects::nonNull)
        .max(SeriesExemplar.NEWEST_LAST)
        .orElse(null);
  }

  /**
   * The native view of a series of a histogram; null if it has none. Its count is that of the
   * bucket +Inf.
   */
  public NativeBuckets nativeBuckets(int index) {
    return natives.get(index);
  }

  /**
   * Whether a series has a classic view. One that is native only has a native view and no bucket
   * but +Inf, which text formats show and protobuf leaves out.
   */
  public boolean hasClassicView(int index) {
    return !natives.containsKey(index) || !series.get(index).upperBounds().isEmpty();
  }

  /** Values of one of the series. */
  public int width(int index) {
    return width(descriptor, series.get(index));
  }

  static int width(FamilyDescriptor descriptor, MergedSeries series) {
    return switch (descriptor.type()) {
      case COUNTER, GAUGE, INFO, STATESET -> 1;
      case SUMMARY -> quantileCount(descriptor) + 2;
      case HISTOGRAM -> series.upperBounds().size() + 2;
    };
  }

  private static int quantileCount(FamilyDescriptor descriptor) {
    return descriptor.window() == null ? 0 : descriptor.window().quantiles().size();
  }

  /** Number of series. */
  public int seriesCount() {
    return series.size();
  }
}
