package io.github.multiprom.merge;

import io.github.multiprom.model.FamilyDescriptor;
import io.github.multiprom.model.MetricType;
import java.util.List;

/**
 * One metric family with its merged series, in the order in which they are exposed.
 *
 * <p>Each series has {@link #width} values, one series after the other: a counter's or gauge's
 * value; a summary's count and sum; a histogram's cumulative bucket counts with +Inf last, and then
 * its sum.
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
 */
public record MergedFamily(
    FamilyDescriptor descriptor,
    List<MergedSeries> series,
    double[] values,
    boolean withCreated,
    double[] createdMs) {
  /** Values of one of the series. */
  public int width(int index) {
    return width(descriptor.type(), series.get(index));
  }

  static int width(MetricType type, MergedSeries series) {
    return switch (type) {
      case COUNTER, GAUGE, INFO, STATESET -> 1;
      case SUMMARY -> 2;
      case HISTOGRAM -> series.upperBounds().size() + 2;
    };
  }

  /** Number of series. */
  public int seriesCount() {
    return series.size();
  }
}
