package io.github.multiprom.model;

import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What one incarnation had counted at one moment.
 *
 * <p>The cells of a series start at its {@link SeriesDescriptor#firstCell()}; {@link SeriesLayout}
 * says what each is. Each number is the unevaluated sum of its high and its low word.
 *
 * <p>The arrays belong to the reader and are filled anew by its next read; everything else is
 * immutable.
 *
 * @param worker who counted
 * @param live whether its lease is held
 * @param exitNanos when it announced an orderly exit, nanoseconds since the epoch; 0 if it did not
 * @param beatNanos when it last said that it was alive, nanoseconds since the epoch
 * @param sampleNanos when all that it samples was sampled last, or sampling began, nanoseconds
 *     since the epoch; 0 if it samples nothing
 * @param catalog its families and series
 * @param predecessors earlier incarnations of this worker, whose series moved into this one as far
 *     as it has published them; of the retained totals, those of retired workers
 * @param high high words by cell
 * @param low low words by cell
 * @param lowIsZero whether all low words are 0, as where a single thread counts
 * @param exemplars by the index of a series its exemplars, at most one for each bucket
 * @param chunks by the index of a series, of a native histogram or a summary with quantiles, the
 *     chunks that it has
 * @param history what summaries with quantiles had counted before
 * @param bytes the length of its file, and of the blocks in its map
 * @param laneCount how many lanes it has beside the first
 * @param port where the worker serves its own metrics; 0 if it does not
 */
public record Snapshot(
    WorkerInfo worker,
    boolean live,
    long exitNanos,
    long beatNanos,
    long sampleNanos,
    Catalog catalog,
    Set<Incarnation> predecessors,
    double[] high,
    double[] low,
    boolean lowIsZero,
    Map<Integer, List<SeriesExemplar>> exemplars,
    Map<Integer, List<BucketChunk>> chunks,
    WindowHistory history,
    long bytes,
    int laneCount,
    int port) {
  /** A snapshot without exemplars, chunks, a file and a port. */
  public Snapshot(
      WorkerInfo worker,
      boolean live,
      long exitNanos,
      long beatNanos,
      long sampleNanos,
      Catalog catalog,
      Set<Incarnation> predecessors,
      double[] high,
      double[] low,
      boolean lowIsZero) {
    this(
        worker,
        live,
        exitNanos,
        beatNanos,
        sampleNanos,
        catalog,
        predecessors,
        high,
        low,
        lowIsZero,
        Map.of(),
        Map.of(),
        WindowHistory.NONE,
        0,
        0,
        0);
  }

  /**
   * The counts of a series of a native histogram, or of a summary with quantiles and its history,
   * over all chunks; of any other null.
   */
  public RefinedCounts refinedCounts(int series) {
    FamilyDescriptor family = catalog.familyOf(catalog.series().get(series));
    if (family.nativeShape() == null) {
      return null;
    }
    RefinedCounts counts = new RefinedCounts();
    for (BucketChunk chunk : chunks.getOrDefault(series, List.of())) {
      counts.add(chunk.key(), high, chunk.firstCell());
    }
    if (family.window() != null) {
      addHistory(series, family.window(), counts);
    }
    return counts;
  }

  private void addHistory(int series, QuantileWindow window, RefinedCounts counts) {
    int first = catalog.series().get(series).firstCell();
    counts.addEarlier(high[first + SeriesLayout.EARLIER_COUNT_CELL]);
    for (int place = 0; place < window.places(); place++) {
      double stampMs = high[first + SeriesLayout.FIRST_STAMP_CELL + place];
      RefinedCounts then = stampMs > 0 ? history.at(series, place, stampMs) : null;
      if (then != null) {
        counts.snapshot((long) stampMs).add(then);
      }
    }
  }

  /** The same with other predecessors. */
  public Snapshot succeeding(Set<Incarnation> others) {
    return new Snapshot(
        worker,
        live,
        exitNanos,
        beatNanos,
        sampleNanos,
        catalog,
        Set.copyOf(others),
        high,
        low,
        lowIsZero,
        exemplars,
        chunks,
        history,
        bytes,
        laneCount,
        port);
  }
}
