package io.github.multiprom.model;

/** What the series of summaries with quantiles had counted before. Thread-safe. */
public interface WindowHistory {
  /** That of an incarnation that has none. */
  WindowHistory NONE = (series, place, stampMs) -> null;

  /**
   * The snapshot in a place.
   *
   * @param series index of the series in the catalog
   * @param stampMs what the place's stamp is, by the cells of the series
   * @return null if it cannot be had, as when there is another one by now
   */
  RefinedCounts at(int series, int place, double stampMs);
}
