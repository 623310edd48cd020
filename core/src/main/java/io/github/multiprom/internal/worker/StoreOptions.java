package io.github.multiprom.internal.worker;

import io.github.multiprom.internal.file.WorkerFileLayout;

/**
 * What an incarnation is opened with. Immutable.
 *
 * @param workerName the worker's name; empty for the pid
 * @param maxLanes how many threads at a time have cells of their own, at least 0
 * @param maxSeries how many series a family may have at a time, at least 1. The store only notes
 *     it, so that who retires the worker keeps as many apart
 * @param store where the cells are kept, if that can be done
 */
public record StoreOptions(String workerName, int maxLanes, int maxSeries, StoreKind store) {
  /** Lanes of a worker unless it is told otherwise. */
  public static final int DEFAULT_MAX_LANES = 64;

  /** Series of a family unless a worker is told otherwise. */
  public static final int DEFAULT_MAX_SERIES = 10_000;

  /**
   * Checks the components.
   *
   * @throws IllegalArgumentException if there are fewer than 0 lanes or more than a reader accepts,
   *     or less than 1 series
   */
  public StoreOptions {
    if (maxLanes < 0 || maxLanes > WorkerFileLayout.MAX_LANE) {
      throw new IllegalArgumentException(
          "maxLanes must be 0 to " + WorkerFileLayout.MAX_LANE + ": " + maxLanes);
    }
    if (maxSeries < 1) {
      throw new IllegalArgumentException("maxSeries must be at least 1: " + maxSeries);
    }
  }

  /** Options of a worker that keeps its cells in its worker file. */
  public StoreOptions(String workerName, int maxLanes) {
    this(workerName, maxLanes, DEFAULT_MAX_SERIES, StoreKind.MAPPED);
  }
}
