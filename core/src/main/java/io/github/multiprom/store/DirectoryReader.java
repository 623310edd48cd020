package io.github.multiprom.store;

import io.github.multiprom.model.DirectorySnapshot;
import io.github.multiprom.model.Incarnation;
import io.github.multiprom.model.Snapshot;
import io.github.multiprom.store.UnreadableFileException.Reason;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
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
 * Reads all worker files of a directory and the retained totals. Thread-safe; one read at a time.
 *
 * <p>A retiring worker moves from its own file into {@code retained}. The reader reads {@code
 * retained} first, then the workers that are not in its list, and at last makes sure that {@code
 * retained} is still the same; so each worker is read in exactly one of the two places.
 */
public final class DirectoryReader implements SnapshotReader {
  /**
   * As the retirer itself reads the directory for each generation, one read in two gets through.
   */
  private static final int MAX_TRIES = 64;

  private static final int SPARE_LABEL_SETS = 10_000;

  /** Of the heap, how much may go to dead workers' files that were not read before. */
  private static final int HEAP_SHARE = 8;

  private final Path directory;
  private final long backlogBytes;
  private final Liveness liveness;
  private final Map<Incarnation, Entry> entries = new TreeMap<>();
  private final LabelSets labelSets = new LabelSets();
  private WorkerFileReader retained;
  private Set<String> toldFiles = Set.of();
  private boolean closed;
  // Whether these are the totals of now, and not those that were read before.
  private boolean retainedIsKnown;

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

  /** A reader of a directory, which need not exist yet. */
  public DirectoryReader(Path directory) {
    this(directory, Runtime.getRuntime().maxMemory() / HEAP_SHARE);
  }

  /**
   * A reader of a directory.
   *
   * @param backlogBytes how much of dead workers' files is not yet a backlog
   */
  DirectoryReader(Path directory, long backlogBytes) {
    this.directory = directory;
    this.backlogBytes = backlogBytes;
    this.liveness = new Liveness(directory);
  }

  /** A reader for retiring where little memory is to be had: all dead workers are a backlog. */
  public static DirectoryReader ofOneByOne(Path directory) {
    return new DirectoryReader(directory, 0);
  }

  Path directory() {
    return directory;
  }

  /**
   * {@inheritDoc}
   *
   * @throws IllegalStateException if the reader is closed
   */
  @Override
  public DirectorySnapshot read() throws IOException {
    return read(Long.MAX_VALUE);
  }

  /**
   * Reads, unless there is a backlog: so much in files of dead workers that were not read before
   * that they might not find room in the heap together.
   *
   * @return null if there is a backlog, which is to be retired first
   * @throws IllegalStateException if the reader is closed
   */
  public DirectorySnapshot readUnlessBacklog() throws IOException {
    return read(backlogBytes);
  }

  private DirectorySnapshot read(long maxNewBytes) throws IOException {
    StoreLog.hold();
    try {
      synchronized (this) {
        checkOpen();
        return readOnce(maxNewBytes);
      }
    } finally {
      // Outside the monitor: an appender of the application may wait for it.
      StoreLog.release();
    }
  }

  private DirectorySnapshot readOnce(long maxNewBytes) throws IOException {
    for (int tries = 1; ; tries++) {
      SkippedFiles skipped = new SkippedFiles(directory);
      openRetained(skipped);
      DirectorySnapshot snapshot = readWorkers(maxNewBytes, skipped);
      if (snapshot == null || !retainedIsKnown || isRetainedCurrent()) {
        toldFiles = skipped.tell(toldFiles);
        return snapshot;
      }
      if (tries == MAX_TRIES) {
        // A worker could be missing in what was read.
        throw new IOException("the retained totals changed during each of " + tries + " reads");
      }
    }
  }

  /**
   * Reads as {@link #read()} does, or {@link #readUnlessBacklog()}, but fails if the retained
   * totals cannot be read: who replaces them must have seen them.
   */
  synchronized DirectorySnapshot readForRetiring(boolean unlessBacklog) throws IOException {
    DirectorySnapshot snapshot = read(unlessBacklog ? backlogBytes : Long.MAX_VALUE);
    if (!retainedIsKnown) {
      throw new IOException("the retained totals in " + directory + " cannot be read");
    }
    if (retained != null && retained.newer() != null) {
      throw retained.newer();
    }
    return snapshot;
  }

  /** A closed reader has no totals, which a pass that goes on must not take for none. */
  private void checkOpen() {
    if (closed) {
      throw new IllegalStateException("The reader of " + directory + " is closed");
    }
  }

  /** The retained totals, by the last read; null if there are none. */
  synchronized Snapshot retained() {
    checkOpen();
    return retained == null ? null : retained.snapshot(false);
  }

  /**
   * The incarnations that the retained totals list, by the last read; those that were retired last
   * at the end.
   */
  synchronized List<Incarnation> retiredInFile() {
    checkOpen();
    return retained == null ? List.of() : List.copyOf(retained.retired());
  }

  /** Earlier incarnations of retired workers, by the last read. */
  synchronized List<Incarnation> predecessorsInFile() {
    return retained == null ? List.of() : List.copyOf(retained.predecessors());
  }

  /** What the dead workers had said when they were last read. */
  synchronized Map<Incarnation, LifeSigns> lifeSignsOfDead() {
    Map<Incarnation, LifeSigns> signs = new HashMap<>();
    entries.forEach(
        (incarnation, entry) -> {
          if (entry.dead) {
            signs.put(incarnation, entry.reader.lifeSigns());
          }
        });
    return signs;
  }

  /** Whether a file is to stay: it was read only in part, or not at all, by the last read. */
  synchronized boolean isDamaged(Incarnation incarnation) {
    checkOpen();
    return entries.get(incarnation) == null || entries.get(incarnation).damaged;
  }

  private void openRetained(SkippedFiles skipped) {
    Path path = FileOwnership.of(directory).retained();
    try {
      WorkerFileReader opened = WorkerFileReader.open(path, labelSets);
      if (isGeneration(opened)) {
        opened.close();
      } else {
        readRetained(opened);
        closeRetained();
        retained = opened;
      }
      retainedIsKnown = true;
      if (retained.newer() != null) {
        skipped.add(path, retained.newer());
      }
    } catch (NoSuchFileException e) {
      closeRetained();
      retainedIsKnown = true;
    } catch (IOException e) {
      // The totals that were served before are served on.
      retainedIsKnown = false;
      skipped.add(path, e);
    }
  }

  private boolean isGeneration(WorkerFileReader file) {
    return retained != null && retained.worker().incarnation().equals(file.worker().incarnation());
  }

  private static void readRetained(WorkerFileReader opened) throws IOException {
    boolean whole = false;
    try {
      if (!opened.isRetained()) {
        throw new UnreadableFileException(Reason.FOREIGN, "the file of a worker");
      }
      opened.readWords();
      opened.refresh(false);
      if (opened.damage() != null) {
        throw opened.damage();
      }
      whole = true;
    } finally {
      if (!whole) {
        opened.close();
      }
    }
  }

  private void closeRetained() {
    if (retained != null) {
      retained.close();
      retained = null;
    }
  }

  private boolean isRetainedCurrent() {
    Path path = FileOwnership.of(directory).retained();
    try (WorkerFileReader now = WorkerFileReader.open(path, labelSets)) {
      return isGeneration(now);
    } catch (NoSuchFileException e) {
      return retained == null;
    } catch (IOException e) {
      // It cannot be told, and workers may have moved into it meanwhile.
      return false;
    }
  }

  private DirectorySnapshot readWorkers(long maxNewBytes, SkippedFiles skipped) throws IOException {
    Set<Incarnation> listed = list(skipped);
    closeUnlisted(listed);
    Set<Incarnation> newDead = new TreeSet<>();
    long newBytes = 0;
    List<Snapshot> workers = new ArrayList<>();
    long bytes = retained == null ? 0 : retained.size();
    for (Incarnation incarnation : listed) {
      Entry entry = entries.get(incarnation);
      Path path = entry == null ? StoreFiles.worker(directory, incarnation) : entry.path;
      try {
        if (entry == null) {
          WorkerFileReader reader = openWorker(path, incarnation);
          entry = new Entry(path, reader, liveness.watch(reader.worker()));
        }
        entry.dead = !entry.watch.isLive(entry.reader);
        if (entry.dead && !entries.containsKey(incarnation)) {
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
        bytes += entry.reader.size();
        if (entry.reader.damage() != null) {
          skipped.add(path, entry.reader.damage());
        } else if (entry.damaged) {
          skipped.add(path, entry.reader.newer());
        }
      } catch (NoSuchFileException e) {
        // Retired or deleted since the listing.
        continue;
      } catch (IOException e) {
        skipped.add(path, e);
        if (!entries.containsKey(incarnation)) {
          if (entry != null) {
            entry.close();
          }
          continue;
        }
        entry.damaged = true;
        // Served before: a counter must not fall because of a failure to read.
      }
      workers.add(entry.reader.snapshot(!entry.dead));
    }
    forgetLabelSets(workers);
    return new DirectorySnapshot(
        workers,
        retained == null ? List.of() : List.of(retained.snapshot(false)),
        skipped.counts(),
        bytes);
  }

  /** Label sets of workers that are gone must not pile up. */
  private void forgetLabelSets(List<Snapshot> workers) {
    long inUse = retained == null ? 0 : retained.seriesCount();
    for (Snapshot worker : workers) {
      inUse += worker.catalog().series().size();
    }
    if (labelSets.size() > 2 * inUse + SPARE_LABEL_SETS) {
      labelSets.clear();
    }
  }

  /** The workers that count by their own file. */
  private Set<Incarnation> list(SkippedFiles skipped) throws IOException {
    Set<Incarnation> listed = new TreeSet<>();
    for (String name : names()) {
      FileName parsed = FileName.parse(name);
      if (parsed == null) {
        skipForeign(name, "not a file of Multiprom", skipped);
      } else if (parsed.isWorker()) {
        listed.add(parsed.incarnation());
      }
    }
    entries.forEach(
        (incarnation, entry) -> {
          // Who is gone may have been retired into totals that cannot be read. And a listing that
          // fails midway is only a shorter one.
          if (!retainedIsKnown
              || (!listed.contains(incarnation)
                  && !Files.notExists(entry.path, LinkOption.NOFOLLOW_LINKS))) {
            listed.add(incarnation);
          }
        });
    if (retained != null) {
      retained.retired().forEach(listed::remove);
    }
    return listed;
  }

  /** The names of all files: a Path for each would be two thirds of a warm scrape's garbage. */
  private String[] names() throws IOException {
    String[] names = directory.toFile().list();
    if (names != null) {
      return names;
    }
    // It does not say why it cannot.
    try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
      throw new IOException("the files of " + directory + " cannot be listed");
    } catch (NotDirectoryException e) {
      throw new NotDirectoryException(directory + " is not a directory");
    }
  }

  private void skipForeign(String name, String why, SkippedFiles skipped) {
    skipped.add(directory.resolve(name), new UnreadableFileException(Reason.FOREIGN, why));
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
    WorkerFileReader reader = WorkerFileReader.open(path, labelSets);
    if (!reader.worker().incarnation().equals(incarnation) || reader.isRetained()) {
      reader.close();
      throw new UnreadableFileException(Reason.FOREIGN, "the file of another worker");
    }
    return reader;
  }

  /** Lets go of all files for good: a later read fails. */
  @Override
  public synchronized void close() {
    closed = true;
    closeUnlisted(Set.of());
    closeRetained();
  }
}
