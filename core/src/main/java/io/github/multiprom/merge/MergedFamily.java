package io.github.multiprom.merge;

import io.github.multiprom.model.FamilyDescriptor;
import java.util.List;

/**
 * One metric family with its merged series, in the order in which they are exposed.
 *
 * <p>Each series has {@link #width()} values, one after the other: a counter's or gauge's value; a
 * summary's count and sum; a histogram's cumulative bucket counts with +Inf last, and then its sum.
 *
 * <p>The arrays belong to the merge and are filled anew by the next one; everything else is
 * immutable. As long as no series comes or goes, {@link #labelValues()} is the same object from
 * merge to merge, so that what was rendered from it can be kept.
 *
 * @param descriptor name, type, help, unit
 * @param labelNames the label names as exposed: those of the family, and for a gauge that is not
 *     folded the worker label
 * @param labelValues for each series one value per label name
 * @param values {@code width()} values per series
 * @param createdMs for each series when it was made, milliseconds since the epoch; meaningless for
 *     gauges
 */
public record MergedFamily(
    FamilyDescriptor descriptor,
    List<String> labelNames,
    List<List<String>> labelValues,
    double[] values,
    double[] createdMs) {
  /** Values per series. */
  public int width() {
    return width(descriptor);
  }

  /** Values per series of a family. */
  public static int width(FamilyDescriptor descriptor) {
    return switch (descriptor.type()) {
      case COUNTER, GAUGE -> 1;
      case SUMMARY -> 2;
      case HISTOGRAM -> descriptor.upperBounds().size() + 2;
    };
  }

  /** Number of series. */
  public int seriesCount() {
    return labelValues.size();
  }
}
