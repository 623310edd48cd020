package io.github.multiprom.model;

import java.util.List;

/**
 * One series of the retained totals, as a retiring pass writes it.
 *
 * @param labelValues one value per label name
 * @param createdNanos when the earliest contributor made it, nanoseconds since the epoch; of a
 *     per-worker gauge series when that worker started
 * @param endNanos until when a contributor was alive, nanoseconds since the epoch
 * @param owner the name of the retired worker whose own gauge series this is; otherwise empty
 * @param high high words of the cells, laid out as in a {@link Snapshot}
 * @param low low words of the cells
 * @param exemplars the newest, at most one for each bucket
 * @param counts of a native histogram; else null
 */
public record RetainedSeries(
    List<String> labelValues,
    long createdNanos,
    long endNanos,
    String owner,
    double[] high,
    double[] low,
    List<SeriesExemplar> exemplars,
    RefinedCounts counts) {
  /** A series without exemplars, and no native histogram. */
  public RetainedSeries(
      List<String> labelValues,
      long createdNanos,
      long endNanos,
      String owner,
      double[] high,
      double[] low) {
    this(labelValues, createdNanos, endNanos, owner, high, low, List.of(), null);
  }
}
