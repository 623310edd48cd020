package io.github.multiprom.merge;

import io.github.multiprom.model.DirectorySnapshot;
import io.github.multiprom.model.WorkerInfo;
import java.util.List;

/**
 * One worker of a directory, over all files that it has there, as one read found it. Immutable.
 *
 * @param info its newest incarnation
 * @param name the name with which series per worker show it; of a dead worker that they do not show
 *     its name and the short name of its incarnation
 * @param live whether it lives
 * @param endNanos when it announced its exit or beat last, nanoseconds since the epoch; 0 if it
 *     lives
 * @param seriesCount how many series it has, without those that it removed
 * @param laneCount how many lanes it has beside the first
 * @param bytes the length of its files
 * @param port where it serves its own metrics; 0 if it does not
 */
public record WorkerStatus(
    WorkerInfo info,
    String name,
    boolean live,
    long endNanos,
    int seriesCount,
    int laneCount,
    long bytes,
    int port) {

  /** All workers that have a file, in the order of their names. */
  public static List<WorkerStatus> all(DirectorySnapshot directory) {
    return new WorkersOfDirectory(directory).all();
  }
}
