package io.github.multiprom.internal.directory;

import io.github.multiprom.internal.file.LabelInterner;
import io.github.multiprom.internal.file.LifeSigns;
import io.github.multiprom.internal.file.UnreadableFileException;
import io.github.multiprom.internal.file.UnreadableFileException.Reason;
import io.github.multiprom.internal.file.WorkerFileReader;
import io.github.multiprom.internal.lease.Liveness;
import io.github.multiprom.internal.os.ExhaustedException;
import io.github.multiprom.internal.ownership.StoreFiles;
import io.github.multiprom.model.Incarnation;
import io.github.multiprom.model.Snapshot;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The workers of a directory that count by their own files, as these were last read. Files are kept
 * open from one read to the next. One thread at a time.
 */
final class DirectoryWorkers {
  private final Path directory;
  private final LabelInterner labels;
  private final Ledgers ledgers;
  private final Liveness liveness;
  private final Map<Incarnation, Entry> entries = new TreeMap<>();
  // Of the files that the last read could read.
  private long bytes;

  private static final class Entry {
    private final Path path;
    private final WorkerFileReader reader;
    private final Liveness.Watch watch;
    private boolean dead;
    private boolean damaged;

    Entry(Path path, WorkerFileReader reader, Liveness.Watch watch) {
      this.path = path;
      this.reader = reader;
      this.watch = watch;
    }

    void close() {
      watch.close();
      reader.close();
    }
  }

  DirectoryWorkers(Path directory, LabelInterner labels, Ledgers ledgers) {
    this.directory = directory;
    this.labels = labels;
    this.ledgers = ledgers;
    this.liveness = new Liveness(directory);
  }

  /** The workers. */
  Set<Incarnation> present() {
    return entries.keySet();
  }

  boolean has(Incarnation incarnation) {
    return entries.containsKey(incarnation);
  }

  /** How long the files are that were read. */
  long bytes() {
    return bytes;
  }

  /** What the dead ones had said. */
  Map<Incarnation, LifeSigns> lifeSignsOfDead() {
    Map<Incarnation, LifeSigns> signs = new HashMap<>();
    entries.forEach(
        (incarnation, entry) -> {
          if (entry.dead) {
            signs.put(incarnation, entry.reader.lifeSigns());
          }
        });
    return signs;
  }

  /** Whether a file was read only in part, or not at all. */
  boolean isDamaged(Incarnation incarnation) {
    Entry entry = entries.get(incarnation);
    return entry == null || entry.damaged;
  }

  /**
   * Reads the files.
   *
   * @param listed the workers that a listing of the directory shows
   * @param maxNewBytes how long the files of dead workers may be that were not read before
   * @return null if they are longer
   */
  List<Snapshot> read(Set<Incarnation> listed, long maxNewBytes, SkippedFiles skipped)
      throws IOException {
    addKnown(listed);
    ledgers.removeRetired(listed);
    closeUnlisted(listed);
    Set<Incarnation> newDead = new TreeSet<>();
    long newBytes = 0;
    List<Snapshot> workers = new ArrayList<>();
    bytes = 0;
    for (Incarnation incarnation : listed) {
      Entry known = entries.get(incarnation);
      Entry entry = known;
      Path path = known == null ? StoreFiles.worker(directory, incarnation) : known.path;
      try {
        if (known == null || known.reader.isReplaced()) {
          WorkerFileReader reader = openWorker(path, incarnation);
          entry = new Entry(path, reader, liveness.watch(reader.worker()));
        }
        entry.dead = !entry.watch.isLive(entry.reader);
        if (entry.dead && known == null) {
          newDead.add(incarnation);
          newBytes += entry.reader.size();
          if (newBytes > maxNewBytes) {
            entry.close();
            listed.removeAll(newDead);
            closeUnlisted(listed);
            return null;
          }
        }
        entry.reader.refresh(!entry.dead);
        entry.damaged = entry.reader.damage() != null || entry.reader.newer() != null;
        entries.put(incarnation, entry);
        if (known != null && known != entry) {
          known.close();
        }
        bytes += entry.reader.size();
        if (entry.reader.damage() != null) {
          skipped.add(path, entry.reader.damage());
        } else if (entry.damaged) {
          skipped.add(path, entry.reader.newer());
        }
      } catch (NoSuchFileException e) {
        if (entry != null && entry != known) {
          entry.close();
        }
        if (known == null || ledgers.areKnown()) {
          // Retired or deleted since the listing.
          continue;
        }
        entry = known;
      } catch (ExhaustedException e) {
        if (entry != null && entry != known) {
          entry.close();
        }
        throw e;
      } catch (IOException | OutOfMemoryError e) {
        skipped.add(
            path,
            e instanceof IOException failure
                ? failure
                : new UnreadableFileException(Reason.TOO_LARGE, "no heap is left to read it"));
        if (entry != null && entry != known) {
          entry.close();
        }
        if (known == null) {
          continue;
        }
        entry = known;
        entry.damaged = true;
        // Served before: a counter must not fall because of a failure to read.
      }
      workers.add(entry.reader.snapshot(!entry.dead));
    }
    workers.replaceAll(
        worker ->
            ledgers.withOwnPredecessors(
                worker,
                StoreFiles.worker(directory, worker.worker().incarnation()),
                entries.keySet()));
    return workers;
  }

  /**
   * Who is gone may have been retired into totals that cannot be read. And a listing that fails
   * midway is only a shorter one.
   */
  private void addKnown(Set<Incarnation> listed) {
    entries.forEach(
        (incarnation, entry) -> {
          if (!ledgers.areKnown()
              || (!listed.contains(incarnation)
                  && !Files.notExists(entry.path, LinkOption.NOFOLLOW_LINKS))) {
            listed.add(incarnation);
          }
        });
  }

  private void closeUnlisted(Set<Incarnation> listed) {
    for (Iterator<Map.Entry<Incarnation, Entry>> all = entries.entrySet().iterator();
        all.hasNext(); ) {
      Map.Entry<Incarnation, Entry> entry = all.next();
      if (!listed.contains(entry.getKey())) {
        entry.getValue().close();
        all.remove();
      }
    }
  }

  private WorkerFileReader openWorker(Path path, Incarnation incarnation) throws IOException {
    WorkerFileReader reader = WorkerFileReader.open(path, labels, ledgers::ownership);
    if (!reader.worker().incarnation().equals(incarnation) || reader.isRetained()) {
      reader.close();
      throw new UnreadableFileException(Reason.FOREIGN, "the file of another worker");
    }
    return reader;
  }

  /** Lets go of all files. */
  void close() {
    closeUnlisted(Set.of());
  }
}
