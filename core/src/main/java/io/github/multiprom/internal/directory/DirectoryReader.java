package io.github.multiprom.internal.directory;

import io.github.multiprom.internal.file.LabelInterner;
import io.github.multiprom.internal.file.LifeSigns;
import io.github.multiprom.internal.file.UnreadableFileException;
import io.github.multiprom.internal.file.UnreadableFileException.Reason;
import io.github.multiprom.internal.os.ExhaustedException;
import io.github.multiprom.internal.os.Scratch;
import io.github.multiprom.internal.os.StoreLog;
import io.github.multiprom.internal.ownership.FileName;
import io.github.multiprom.internal.ownership.FileOwnership;
import io.github.multiprom.internal.ownership.StoreFiles;
import io.github.multiprom.model.DirectorySnapshot;
import io.github.multiprom.model.ForeignSource;
import io.github.multiprom.model.Incarnation;
import io.github.multiprom.model.Snapshot;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Reads all worker files of a directory and the retained totals. Thread-safe; one read at a time.
 *
 * <p>A retiring worker moves from its own file into retained totals. The reader reads all totals
 * first, then the workers that are in none of their lists, and at last makes sure that the totals
 * are still the same; so each worker is read in exactly one of the two places.
 */
public final class DirectoryReader implements SnapshotReader {
  /**
   * Bound on retries. A retirer must itself read the directory between two generations, so at least
   * every second attempt succeeds.
   */
  private static final int MAX_TRIES = 64;

  private static final int SPARE_LABEL_SETS = 10_000;

  /** Instead of a number of bytes: only the totals are read. */
  private static final long NO_WORKERS = -1;

  /** Of the heap, how much may go to dead workers' files that were not read before. */
  private static final int HEAP_SHARE = 8;

  private final Path directory;
  private final long backlogBytes;
  private final LabelInterner labels = new LabelInterner();
  private final ForeignSource foreign;
  private final Ledgers ledgers;
  private final DirectoryWorkers workers;
  private Set<String> toldFiles = Set.of();
  private boolean closed;

  /**
   * A reader of a directory, which need not exist yet, and of what the settings say that others
   * count there.
   */
  public DirectoryReader(Path directory) {
    this(directory, ForeignSources.of(directory));
  }

  /**
   * A reader of a directory, which need not exist yet.
   *
   * @param foreign what others count there; closed with this reader
   */
  public DirectoryReader(Path directory, ForeignSource foreign) {
    this(directory, Runtime.getRuntime().maxMemory() / HEAP_SHARE, foreign);
  }

  /**
   * A reader of a directory.
   *
   * @param backlogBytes how much of dead workers' files is not yet a backlog
   */
  public DirectoryReader(Path directory, long backlogBytes) {
    this(directory, backlogBytes, ForeignSource.NONE);
  }

  private DirectoryReader(Path directory, long backlogBytes, ForeignSource foreign) {
    Scratch.prepare();
    FileOwnership.checkSetting();
    this.directory = directory;
    this.backlogBytes = backlogBytes;
    this.foreign = foreign;
    this.ledgers = new Ledgers(directory, labels);
    this.workers = new DirectoryWorkers(directory, labels, ledgers);
  }

  /**
   * A reader for a process with little memory: it counts all dead workers as a backlog, which a
   * pass then reads one at a time.
   */
  public static DirectoryReader ofOneByOne(Path directory) {
    return new DirectoryReader(directory, 0);
  }

  /** Which directory it reads. */
  @Override
  public Path directory() {
    return directory;
  }

  /** Logs that another process has held the lock of the directory for long. */
  public void tellOfLock() {
    StoreLog.warnOnce(
        "lock " + directory,
        "Dead workers in "
            + directory
            + " are served but not retired: another process has held a lock there for long. "
            + "lslocks shows which one holds "
            + FileOwnership.of(directory).lock());
  }

  /**
   * {@inheritDoc}
   *
   * @throws IllegalStateException if the reader is closed
   * @throws ExhaustedException if this process lacks what it needs to read what is there
   */
  @Override
  public DirectorySnapshot read() throws IOException {
    return read(Long.MAX_VALUE);
  }

  /**
   * Reads all files, unless there is a backlog: the files of newly found dead workers are so large
   * that the heap might not hold them together.
   *
   * @return null if there is a backlog, which the caller must retire before it reads again
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
      labels.budget().begin();
      SkippedFiles skipped = new SkippedFiles(directory);
      // First: what is retired while this goes on may be there twice then, but never be missing.
      ForeignSource.Reading others = foreign.read();
      ledgers.read(skipped);
      String[] names = StoreFiles.names(directory);
      if (!ledgers.find(names)) {
        DirectorySnapshot snapshot =
            maxNewBytes == NO_WORKERS ? null : readAll(names, maxNewBytes, others, skipped);
        if (snapshot == null || (ledgers.areCurrent() && foreign.isCurrent())) {
          toldFiles = skipped.tell(toldFiles);
          return snapshot;
        }
      }
      if (tries == MAX_TRIES) {
        // A worker could be missing in what was read.
        throw new IOException("the directory changed during each of " + tries + " reads");
      }
    }
  }

  /**
   * Reads as {@link #read()} does, or {@link #readUnlessBacklog()}, but fails if the totals that
   * are to be replaced cannot be read: who replaces them must have seen them.
   */
  synchronized DirectorySnapshot readForRetiring(boolean unlessBacklog, Path retained)
      throws IOException {
    // Where there is no room for a dead worker, live ones are not held either.
    long most = backlogBytes == 0 ? NO_WORKERS : backlogBytes;
    DirectorySnapshot snapshot = read(unlessBacklog ? most : Long.MAX_VALUE);
    ledgers.checkReplaceable(retained);
    return snapshot;
  }

  /** A closed reader has no totals, which a pass that goes on must not take for none. */
  private void checkOpen() {
    if (closed) {
      throw new IllegalStateException("The reader of " + directory + " is closed");
    }
  }

  /** The retained totals of a file, by the last read; null if there are none. */
  synchronized Snapshot retained(Path file) {
    checkOpen();
    return ledgers.snapshot(file);
  }

  /**
   * The incarnations that the retained totals of a file list, by the last read; those that were
   * retired last at the end.
   */
  synchronized List<Incarnation> retiredInFile(Path file) {
    checkOpen();
    return List.copyOf(ledgers.retired(file));
  }

  /** Earlier incarnations of the workers that a file of totals lists, by the last read. */
  synchronized List<Incarnation> predecessorsInFile(Path file) {
    checkOpen();
    return List.copyOf(ledgers.predecessors(file));
  }

  /** What the dead workers had said when they were last read. */
  synchronized Map<Incarnation, LifeSigns> lifeSignsOfDead() {
    return workers.lifeSignsOfDead();
  }

  /** Whether a file is to stay: it was read only in part, or not at all, by the last read. */
  public synchronized boolean isDamaged(Incarnation incarnation) {
    checkOpen();
    return workers.isDamaged(incarnation);
  }

  private DirectorySnapshot readAll(
      String[] names, long maxNewBytes, ForeignSource.Reading others, SkippedFiles skipped)
      throws IOException {
    Set<Incarnation> listed = new TreeSet<>();
    for (String name : names) {
      FileName parsed = FileName.parse(name);
      if (parsed == null && !foreign.isOne(name)) {
        skipped.add(
            directory.resolve(name),
            new UnreadableFileException(Reason.FOREIGN, "not a file of Multiprom"));
      } else if (parsed != null && parsed.isWorker()) {
        listed.add(parsed.incarnation());
      }
    }
    List<Snapshot> all = workers.read(listed, maxNewBytes, skipped);
    if (all == null) {
      return null;
    }
    addForeign(others, all, skipped);
    List<Snapshot> totals = ledgers.snapshots(workers.present());
    forgetLabelSets(all, totals);
    long bytes = ledgers.bytes() + workers.bytes() + others.bytes();
    return new DirectorySnapshot(all, totals, skipped.counts(), bytes, skipped.named());
  }

  /** Adds what others count, without those of them that the totals list already. */
  private void addForeign(ForeignSource.Reading others, List<Snapshot> all, SkippedFiles skipped) {
    if (!others.workers().isEmpty()) {
      Set<Incarnation> counting = new TreeSet<>();
      others.workers().forEach(other -> counting.add(other.worker().incarnation()));
      ledgers.removeRetired(counting);
      for (Snapshot other : others.workers()) {
        if (counting.contains(other.worker().incarnation())) {
          all.add(other);
        }
      }
      all.sort(Comparator.comparing(worker -> worker.worker().incarnation()));
    }
    others.skipped().forEach(skipped::add);
  }

  /** Whether a file of the directory is one that others count in. */
  boolean isForeignOne(String name) {
    return foreign.isOne(name);
  }

  /**
   * Claims files of others that are dead, for a pass; see {@link ForeignSource#claim}.
   *
   * @return false if files of others are not retired
   * @throws IOException if the directory cannot be written, or its totals cannot be read
   */
  synchronized boolean claimForeign(FileOwnership ownership) throws IOException {
    checkOpen();
    if (!foreign.isRetiring()) {
      return false;
    }
    labels.budget().begin();
    ledgers.read(new SkippedFiles(directory));
    ledgers.checkReplaceable(ownership.retained());
    foreign.claim(ownership::isOfLedger, ledgers.retired(ownership.retained()));
    return true;
  }

  /** The incarnations of others that were claimed, by the last read. */
  synchronized Set<Incarnation> claimedForeign() {
    return foreign.claimed();
  }

  /** Deletes files of others that the totals list. */
  synchronized void deleteForeign(Collection<Incarnation> retired) throws IOException {
    Set<Incarnation> claimed = new TreeSet<>(foreign.claimed());
    claimed.retainAll(Set.copyOf(retired));
    if (!claimed.isEmpty()) {
      foreign.delete(claimed);
    }
  }

  /** Whether a pass might retire a dead worker. */
  public synchronized boolean isRetirable(Incarnation dead) {
    return workers.has(dead) || foreign.isRetiring();
  }

  /** Label sets of workers that are gone must not pile up. */
  private void forgetLabelSets(List<Snapshot> all, List<Snapshot> totals) {
    long inUse = 0;
    for (Snapshot retained : totals) {
      inUse += retained.catalog().series().size();
    }
    for (Snapshot worker : all) {
      inUse += worker.catalog().series().size();
    }
    if (labels.size() > 2 * inUse + SPARE_LABEL_SETS) {
      labels.clear();
    }
  }

  /** Lets go of all files for good: a later read fails. */
  @Override
  public synchronized void close() {
    closed = true;
    foreign.close();
    workers.close();
  }
}
