package io.github.multiprom.internal.directory;

import io.github.multiprom.internal.file.LabelInterner;
import io.github.multiprom.internal.file.LifeSigns;
import io.github.multiprom.internal.file.WorkerFileReader;
import io.github.multiprom.internal.lease.Liveness;
import io.github.multiprom.internal.ownership.FileOwnership;
import io.github.multiprom.internal.ownership.StoreFiles;
import io.github.multiprom.model.Incarnation;
import io.github.multiprom.model.Snapshot;
import io.github.multiprom.model.WorkerInfo;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Dead workers that may be retired and are too many to be held in memory together; they are read
 * one at a time. One thread.
 */
public final class DeadWorkerQueue {
  private final Path directory;
  private final Map<Incarnation, Candidate> candidates = new HashMap<>();
  private final List<Snapshot> others = new ArrayList<>();
  private final Set<Incarnation> withFiles = new HashSet<>();
  private final Set<Incarnation> predecessors = new HashSet<>();

  private record Candidate(WorkerInfo worker, LifeSigns lifeSigns, Set<Incarnation> predecessors) {}

  private DeadWorkerQueue(Path directory) {
    this.directory = directory;
  }

  /**
   * The backlog of a directory whose lock the caller has.
   *
   * @param retired workers that count in the retained totals already
   * @param predecessors earlier incarnations of these
   * @return null if some worker removed a series, or went on in another file although the earlier
   *     one is there: what still counts can only be told from all workers together
   * @throws IOException if the directory cannot be read
   */
  static DeadWorkerQueue of(
      FileOwnership ledger,
      Liveness liveness,
      Set<Incarnation> retired,
      Collection<Incarnation> predecessors)
      throws IOException {
    Path directory = ledger.directory();
    DeadWorkerQueue backlog = new DeadWorkerQueue(directory);
    backlog.predecessors.addAll(predecessors);
    try (DirectoryStream<Path> files =
        Files.newDirectoryStream(directory, "*" + StoreFiles.WORKER_SUFFIX)) {
      for (Path file : files) {
        if (!backlog.add(file, ledger, liveness, retired)) {
          return null;
        }
      }
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
    return Collections.disjoint(backlog.withFiles, backlog.predecessors) ? backlog : null;
  }

  /** Adds a worker, if it may be retired; false if it removed a series. */
  private boolean add(
      Path path, FileOwnership ledger, Liveness liveness, Set<Incarnation> retired) {
    try (WorkerFileReader file = WorkerFileReader.open(path, new LabelInterner())) {
      WorkerInfo worker = file.worker();
      if (retired.contains(worker.incarnation())
          || !path.equals(StoreFiles.worker(directory, worker.incarnation()))) {
        return true;
      }
      file.readWords();
      boolean dead = ledger.isOfLedger(path) && liveness.isSurelyDead(worker, file.lifeSigns());
      // Once more: what it published until it died, which may have been a moment ago.
      file.readWords();
      file.refreshRecords();
      for (long removedNanos : file.snapshot(false).catalog().removedNanos()) {
        if (removedNanos != 0) {
          return false;
        }
      }
      withFiles.add(worker.incarnation());
      predecessors.addAll(file.predecessors());
      if (dead && file.damage() == null && file.newer() == null) {
        candidates.put(
            worker.incarnation(),
            new Candidate(worker, file.lifeSigns(), Set.copyOf(file.predecessors())));
      } else {
        others.add(file.snapshot(!dead));
      }
      return true;
    } catch (IOException e) {
      // Not to be retired then. The reader of the directory tells of it.
      return true;
    }
  }

  /** The workers that may be retired, those that published least first. */
  public List<WorkerInfo> workers() {
    return candidates.values().stream()
        .sorted(Comparator.comparingLong(candidate -> candidate.lifeSigns.published()))
        .map(Candidate::worker)
        .toList();
  }

  /**
   * All workers that stay, without the values of their cells: what of a retired worker must be kept
   * apart can only be told with the label sets that they have.
   */
  public List<Snapshot> others() {
    return List.copyOf(others);
  }

  LifeSigns lifeSignsOf(Incarnation incarnation) {
    return candidates.get(incarnation).lifeSigns;
  }

  Set<Incarnation> predecessorsOf(Incarnation incarnation) {
    return candidates.get(incarnation).predecessors;
  }

  /** Workers that lived on after they were read are not to be retired. */
  void leaveOut(Set<Incarnation> living) {
    candidates.keySet().removeAll(living);
  }

  /**
   * Reads a worker.
   *
   * @throws IOException if that fails, although it did not before
   */
  public Snapshot read(WorkerInfo worker) throws IOException {
    Path path = StoreFiles.worker(directory, worker.incarnation());
    try (WorkerFileReader file = WorkerFileReader.open(path, new LabelInterner())) {
      file.readWords();
      file.refresh(false);
      if (file.damage() != null) {
        throw file.damage();
      }
      file.refreshHistory();
      return file.snapshot(false);
    }
  }
}
