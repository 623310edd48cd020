package io.github.multiprom.internal.directory;

import io.github.multiprom.internal.file.LabelInterner;
import io.github.multiprom.internal.file.WorkerFileReader;
import io.github.multiprom.internal.ownership.StoreFiles;
import io.github.multiprom.model.DirectorySnapshot;
import io.github.multiprom.model.Incarnation;
import io.github.multiprom.model.Snapshot;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Reads the files of one worker of this process, and no others: the newest one, and those before it
 * that are still there. Thread-safe; one read at a time.
 */
public final class OwnWorkerReader implements SnapshotReader {
  private final EndpointStarter.OwnWorker worker;
  private final Map<Incarnation, WorkerFileReader> readers = new HashMap<>();
  private final LabelInterner labels = new LabelInterner();

  /** A reader of a worker. */
  public OwnWorkerReader(EndpointStarter.OwnWorker worker) {
    this.worker = worker;
  }

  @Override
  public Path directory() {
    return worker.directory();
  }

  @Override
  public synchronized DirectorySnapshot read() throws IOException {
    labels.budget().begin();
    List<Snapshot> files = new ArrayList<>();
    Set<Incarnation> found = new HashSet<>();
    Deque<Incarnation> next = new ArrayDeque<>();
    Incarnation newest = worker.incarnation();
    if (newest != null) {
      next.add(newest);
    }
    long bytes = 0;
    while (!next.isEmpty()) {
      Incarnation incarnation = next.poll();
      boolean wanted =
          !found.contains(incarnation) && (incarnation.equals(newest) || isThere(incarnation));
      WorkerFileReader reader = wanted ? reader(incarnation) : null;
      if (reader != null) {
        found.add(incarnation);
        reader.readWords();
        reader.refresh(true);
        files.add(reader.snapshot(true));
        bytes += reader.size();
        next.addAll(reader.predecessors());
      }
    }
    closeOthers(found);
    files.sort(Comparator.comparing(file -> file.worker().incarnation()));
    return new DirectorySnapshot(files, List.of(), Map.of(), bytes);
  }

  /** An earlier file whose name is gone is let go, or its space would not come back. */
  private boolean isThere(Incarnation incarnation) {
    return Files.exists(
        StoreFiles.worker(worker.directory(), incarnation), LinkOption.NOFOLLOW_LINKS);
  }

  /** The reader of a file; null if that is gone. */
  private WorkerFileReader reader(Incarnation incarnation) throws IOException {
    WorkerFileReader known = readers.get(incarnation);
    if (known != null && !known.isReplaced()) {
      return known;
    }
    try {
      Path file = StoreFiles.worker(worker.directory(), incarnation);
      WorkerFileReader reader = WorkerFileReader.open(file, labels);
      readers.put(incarnation, reader);
      return reader;
    } catch (NoSuchFileException e) {
      return null;
    } finally {
      if (known != null) {
        known.close();
      }
    }
  }

  /** The label sets of files that are gone must not pile up. */
  private void closeOthers(Set<Incarnation> found) {
    Set<Incarnation> others = new HashSet<>(readers.keySet());
    others.removeAll(found);
    for (Incarnation other : others) {
      readers.remove(other).close();
      labels.clear();
    }
  }

  @Override
  public synchronized void close() {
    closeOthers(Set.of());
  }
}
