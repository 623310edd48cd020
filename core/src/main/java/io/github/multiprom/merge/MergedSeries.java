package io.github.multiprom.merge;

import java.util.Comparator;
import java.util.List;

/**
 * What tells one series of a merged family from the others, and its buckets. Immutable.
 *
 * @param labelNames the label names as exposed, for a gauge that is not folded with the worker
 *     label; where all series of a family have the same ones, the same object
 * @param labelValues one value per label name
 * @param upperBounds a histogram's finite bucket bounds, ascending; else empty
 */
public record MergedSeries(
    List<String> labelNames, List<String> labelValues, List<Double> upperBounds) {
  /** The order in which series of the same label names are exposed: by their label values. */
  public static final Comparator<MergedSeries> ORDER =
      Comparator.comparing(MergedSeries::labelValues, SeriesTable.BY_VALUES);
}
