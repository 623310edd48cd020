package io.github.multiprom.internal.worker;

import io.github.multiprom.internal.cell.Lanes;
import io.github.multiprom.internal.file.WorkerFile;

/**
 * What an incarnation is opened with. Immutable.
 *
 * @param workerName the worker's name; empty for the pid
 * @param maxLanes how many threads at a time have cells of their own, at least 0
 * @param maxSeries how many series a family may have at a time, at least 1. The store only notes
 *     it, so that who retires the worker keeps as many apart
 * @param laneBytes most bytes of the chunks of native histograms that lanes of threads have
 * @param store where the cells are kept, if that can be done
 */
public record StoreOptions(
    String workerName, int maxLanes, int maxSeries, int laneBytes, StoreKind store) {
  private static final int LEAST_DEFAULT_LANES = 16;
  private static final int MOST_DEFAULT_LANES = 64;

  /** Series of a family unless a worker is told otherwise. */
  public static final int DEFAULT_MAX_SERIES = 10_000;

  /** Lanes of a worker unless it is told otherwise: twice as many as processors, 16 to 64. */
  public static int defaultMaxLanes() {
    int lanes = 2 * Runtime.getRuntime().availableProcessors();
    return Math.min(MOST_DEFAULT_LANES, Math.max(LEAST_DEFAULT_LANES, lanes));
  }

  /**
   * Checks the components.
   *
   * @throws IllegalArgumentException if there are fewer than 0 lanes or more than {@link
   *     Lanes#MOST_LANES}, less than 1 series, or less than 0 bytes
   */
  public StoreOptions {
    if (maxLanes < 0 || maxLanes > Lanes.MOST_LANES) {
      throw new IllegalArgumentException(
          "maxLanes must be 0 to " + Lanes.MOST_LANES + ": " + maxLanes);
    }
    if (maxSeries < 1) {
      throw new IllegalArgumentException("maxSeries must be at least 1: " + maxSeries);
    }
    if (laneBytes < 0) {
      throw new IllegalArgumentException("laneBytes must be at least 0: " + laneBytes);
    }
  }

  /** Options of a worker that keeps its cells in its worker file. */
  public StoreOptions(String workerName, int maxLanes) {
    this(workerName, maxLanes, DEFAULT_MAX_SERIES, StoreKind.MAPPED);
  }

  /** Options of a worker with the usual memory for native histograms. */
  public StoreOptions(String workerName, int maxLanes, int maxSeries, StoreKind store) {
    this(workerName, maxLanes, maxSeries, WorkerFile.DEFAULT_LANE_BYTES, store);
  }
}
