package io.github.multiprom.merge;

import io.github.multiprom.model.Catalog;
import io.github.multiprom.model.DirectorySnapshot;
import io.github.multiprom.model.EpochClock;
import io.github.multiprom.model.Snapshot;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/** The workers of one read: which files are of one worker, and what it is called. One thread. */
final class WorkersOfDirectory {
  private final DirectorySnapshot directory;
  private final Succession succession;
  private final WorkerNames names;

  WorkersOfDirectory(DirectorySnapshot directory) {
    this.directory = directory;
    succession = new Succession(directory);
    names = new WorkerNames(directory, succession, EpochClock.nowNanos());
  }

  /** All workers, in the order of their names. */
  List<WorkerStatus> all() {
    List<WorkerStatus> all = new ArrayList<>();
    for (int i = 0; i < directory.workers().size(); i++) {
      if (succession.workerOf(i) == i) {
        all.add(status(i));
      }
    }
    all.sort(
        Comparator.comparing(WorkerStatus::name)
            .thenComparing(status -> status.info().incarnation()));
    return all;
  }

  private WorkerStatus status(int worker) {
    Snapshot newest = directory.workers().get(worker);
    boolean live = succession.isLive(worker);
    long endNanos = 0;
    int seriesCount = 0;
    int laneCount = 0;
    long bytes = 0;
    for (int i = 0; i < directory.workers().size(); i++) {
      if (succession.workerOf(i) == worker) {
        Snapshot file = directory.workers().get(i);
        endNanos = Math.max(endNanos, Math.max(file.exitNanos(), file.beatNanos()));
        seriesCount += seriesCount(i);
        laneCount += file.laneCount();
        bytes += file.bytes();
      }
    }
    return new WorkerStatus(
        newest.worker(),
        name(worker),
        live,
        live ? 0 : endNanos,
        seriesCount,
        laneCount,
        bytes,
        newest.port());
  }

  private int seriesCount(int file) {
    Catalog catalog = directory.workers().get(file).catalog();
    int count = 0;
    for (int i = 0; i < catalog.series().size(); i++) {
      boolean moved = succession.moved(file) != null && succession.moved(file).get(i);
      count += moved || catalog.removedNanos()[i] != 0 ? 0 : 1;
    }
    return count;
  }

  private String name(int worker) {
    String shown = names.nameOf(worker);
    return shown != null
        ? shown
        : WorkerNames.withIncarnation(directory.workers().get(worker).worker());
  }

  /**
   * The place of a worker's newest file in the directory.
   *
   * @param worker one of its incarnations, or its name
   * @return -1 if there is none
   */
  int find(String worker) {
    int byName = -1;
    for (int i = 0; i < directory.workers().size(); i++) {
      if (directory.workers().get(i).worker().incarnation().toString().equals(worker)) {
        return succession.workerOf(i);
      }
      if (succession.workerOf(i) == i && name(i).equals(worker)) {
        byName = i;
      }
    }
    return byName;
  }

  /** The directory as if this worker were alone in it. */
  DirectorySnapshot only(int worker) {
    List<Snapshot> files = new ArrayList<>();
    for (int i = 0; i < directory.workers().size(); i++) {
      if (succession.workerOf(i) == worker) {
        files.add(directory.workers().get(i));
      }
    }
    return new DirectorySnapshot(files, List.of(), Map.of(), 0);
  }
}
