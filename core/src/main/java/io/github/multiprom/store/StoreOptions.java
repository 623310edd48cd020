package io.github.multiprom.store;

/**
 * What an incarnation is opened with. Immutable.
 *
 * @param workerName the worker's name; empty for the pid
 * @param maxLanes how many threads at a time have cells of their own, at least 0
 * @param store where the cells are kept, if that can be done
 */
public record StoreOptions(String workerName, int maxLanes, StoreKind store) {
  /** Lanes of a worker unless it is told otherwise. */
  public static final int DEFAULT_MAX_LANES = 64;

  /**
   * Checks the components.
   *
   * @throws IllegalArgumentException if there are fewer than 0 lanes or more than a reader accepts
   */
  public StoreOptions {
    if (maxLanes < 0 || maxLanes > WorkerFileLayout.MAX_LANE) {
      throw new IllegalArgumentException(
          "maxLanes must be 0 to " + WorkerFileLayout.MAX_LANE + ": " + maxLanes);
    }
  }

  /** Options of a worker that keeps its cells in its worker file. */
  public StoreOptions(String workerName, int maxLanes) {
    this(workerName, maxLanes, StoreKind.MAPPED);
  }
}
