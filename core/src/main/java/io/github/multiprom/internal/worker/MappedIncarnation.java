package io.github.multiprom.internal.worker;

import io.github.multiprom.internal.cell.CounterCell;
import io.github.multiprom.internal.cell.DistributionCells;
import io.github.multiprom.internal.cell.GaugeCell;
import io.github.multiprom.internal.cell.GaugeCells;
import io.github.multiprom.internal.cell.LaneCounter;
import io.github.multiprom.internal.cell.LaneDistribution;
import io.github.multiprom.internal.cell.LaneNative;
import io.github.multiprom.internal.cell.Lanes;
import io.github.multiprom.internal.cell.SummaryWindows;
import io.github.multiprom.internal.cell.WaitingChunks;
import io.github.multiprom.internal.chronicle.ChronicleRequirements;
import io.github.multiprom.internal.chronicle.ExtentMap;
import io.github.multiprom.internal.chronicle.MapBlocks;
import io.github.multiprom.internal.file.CellBlocks;
import io.github.multiprom.internal.file.CrashPoint;
import io.github.multiprom.internal.file.ExemplarSlots;
import io.github.multiprom.internal.file.FileSegments;
import io.github.multiprom.internal.file.WorkerFile;
import io.github.multiprom.internal.lease.LockFiles;
import io.github.multiprom.internal.os.Incarnations;
import io.github.multiprom.internal.os.ProcessIdentity;
import io.github.multiprom.internal.os.StoreLog;
import io.github.multiprom.internal.ownership.FileOwnership;
import io.github.multiprom.internal.ownership.FileSharing;
import io.github.multiprom.internal.ownership.StoreFiles;
import io.github.multiprom.model.EpochClock;
import io.github.multiprom.model.FamilyDescriptor;
import io.github.multiprom.model.Incarnation;
import io.github.multiprom.model.WorkerInfo;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;

/** An incarnation that keeps its cells in mapped memory, in a worker file. Thread-safe. */
public final class MappedIncarnation implements IncarnationWriter {
  /** A janitor that deletes files by their age or name may come by more than once. */
  private static final int MAX_TRIES = 3;

  private final WorkerFile file;
  private final Lanes lanes;
  private final WaitingChunks waiting = new WaitingChunks();
  private final SummaryWindows windows = new SummaryWindows();
  private final Object leaseMonitor = new Object();
  private final Path name;
  // Null where locks do not work.
  private LockFiles.Held lease;
  private boolean closed;

  private MappedIncarnation(WorkerFile file, Lanes lanes, LockFiles.Held lease, Path name) {
    this.file = file;
    this.lanes = lanes;
    this.lease = lease;
    this.name = name;
  }

  /**
   * Opens a new incarnation in a directory, which is made (mode 0750) if it is missing.
   *
   * @throws IOException if the directory cannot be used or is full
   */
  public static MappedIncarnation inDirectory(Path directory, StoreOptions options)
      throws IOException {
    return inDirectory(directory, options, List.of());
  }

  /**
   * Opens a new incarnation of a worker that had others before.
   *
   * @param predecessors the earlier ones whose files may be in the directory, or come back: their
   *     series count only as far as this one has not published them
   * @throws IOException if the directory cannot be used or is full
   */
  public static MappedIncarnation inDirectory(
      Path directory, StoreOptions options, Collection<Incarnation> predecessors)
      throws IOException {
    return inDirectory(directory, options, predecessors, CrashPoint.NONE);
  }

  /** Again, under other names, if another process deleted a file that had not got its name yet. */
  public static MappedIncarnation inDirectory(
      Path directory,
      StoreOptions options,
      Collection<Incarnation> predecessors,
      CrashPoint crashPoint)
      throws IOException {
    for (int tries = 1; ; tries++) {
      try {
        return inDirectory(
            directory,
            options,
            newInfo(options, ProcessIdentity.current()),
            predecessors,
            crashPoint);
      } catch (NoSuchFileException e) {
        if (tries == MAX_TRIES) {
          throw e;
        }
      }
    }
  }

  public static MappedIncarnation inDirectory(
      Path directory, StoreOptions options, WorkerInfo info, CrashPoint crashPoint)
      throws IOException {
    return inDirectory(directory, options, info, List.of(), crashPoint);
  }

  /*
   * Both files get their names when they are complete, the lease first: a reader that sees a worker
   * file sees its header whole and its lease held. A kill before that leaves a temporary file, or a
   * lease without a worker file.
   */
  public static MappedIncarnation inDirectory(
      Path directory,
      StoreOptions options,
      WorkerInfo info,
      Collection<Incarnation> predecessors,
      CrashPoint crashPoint)
      throws IOException {
    if (!Files.isDirectory(directory)) {
      Files.createDirectories(directory, StoreFiles.DIRECTORY_MODE);
    }
    Path leaseName = StoreFiles.lease(directory, info.incarnation());
    FileOwnership ownership = FileOwnership.of(directory);
    LockFiles.Held lease = lockLease(leaseName, ownership, crashPoint);
    Path name = StoreFiles.worker(directory, info.incarnation());
    Path temporary = StoreFiles.temporary(name);
    Path mapName = StoreFiles.map(directory, info.incarnation());
    CellBlocks blocks = null;
    try {
      blocks =
          options.store() == StoreKind.CHRONICLE ? createMap(mapName, ownership, crashPoint) : null;
      FileSegments segments = new FileSegments(temporary, ownership);
      crashPoint.passed("worker file created");
      WorkerFile file = new WorkerFile(info, segments, blocks, 0, options.laneBytes(), crashPoint);
      for (Incarnation predecessor : predecessors) {
        file.addPredecessor(predecessor);
      }
      segments.rename(name);
      crashPoint.passed("worker file named");
      return new MappedIncarnation(file, new Lanes(file, options.maxLanes()), lease, name);
    } catch (IOException | RuntimeException e) {
      if (blocks != null) {
        blocks.close();
      }
      deleteAfter(e, temporary);
      deleteAfter(e, mapName);
      if (lease != null) {
        // In this order: once it is deleted, a new file may have its inode, by which it is listed.
        lease.release();
        deleteAfter(e, leaseName);
      }
      throw e;
    }
  }

  /** The map; null if it cannot be had, and the worker file must do. */
  private static CellBlocks createMap(Path name, FileOwnership ownership, CrashPoint crashPoint) {
    String why;
    try {
      why = ChronicleRequirements.missing(ExtentMap.moduleOfChronicleMap());
      if (why.isEmpty()) {
        return MapBlocks.create(name, ownership, crashPoint);
      }
    } catch (IOException | RuntimeException | LinkageError | OutOfMemoryError e) {
      why = ChronicleRequirements.advice(e);
    }
    StoreLog.warnOnce(
        "no-map " + name.getParent(),
        "Store \"chronicle\" cannot be used and \"mapped\" is used instead: " + why);
    return null;
  }

  private static void deleteAfter(Exception failure, Path path) {
    try {
      Files.deleteIfExists(path);
    } catch (IOException e) {
      failure.addSuppressed(e);
    }
  }

  /** The lease; null where locks do not work, as on some network file systems. */
  private static LockFiles.Held lockLease(Path name, FileOwnership ownership, CrashPoint crashPoint)
      throws IOException {
    Path temporary = StoreFiles.temporary(name);
    new FileSharing(ownership).create(temporary, FileSharing.Access.READ);
    crashPoint.passed("lease created");
    LockFiles.Held lease;
    try {
      lease = LockFiles.tryLock(temporary);
    } catch (IOException e) {
      if (!Files.exists(temporary)) {
        throw e;
      }
      lease = null;
    }
    crashPoint.passed("lease locked");
    if (lease == null) {
      Files.deleteIfExists(temporary);
      StoreLog.warnOnce(
          "no-locks " + name.getParent(),
          "Files in "
              + name.getParent()
              + " cannot be locked; collectors may need a minute to see that a worker there is"
              + " dead");
      return null;
    }
    nameLease(lease, name);
    crashPoint.passed("lease named");
    return lease;
  }

  private static void nameLease(LockFiles.Held lease, Path name) throws IOException {
    try {
      StoreFiles.renameAtomically(StoreFiles.temporary(name), name);
    } catch (IOException | RuntimeException e) {
      lease.release();
      throw e;
    }
  }

  /** Whether the worker file of an incarnation is in a directory. */
  public static boolean isIn(Path directory, Incarnation incarnation) {
    return Files.exists(StoreFiles.worker(directory, incarnation), LinkOption.NOFOLLOW_LINKS);
  }

  public static WorkerInfo newInfo(StoreOptions options, ProcessIdentity process) {
    return Incarnations.newWorker(options.workerName(), options.maxSeries(), process);
  }

  /** Which threads write where; for benchmarks of that. */
  public Lanes lanes() {
    return lanes;
  }

  @Override
  public WorkerInfo info() {
    return file.info();
  }

  @Override
  public int addFamily(FamilyDescriptor family) throws IOException {
    return file.addFamily(family);
  }

  @Override
  public int addSeries(int family, List<String> labelValues, long createdNanos, double[] value)
      throws IOException {
    return file.addSeries(family, labelValues, createdNanos, "", value);
  }

  @Override
  public CounterCell counter(int series) {
    return new LaneCounter(lanes, file.place(series));
  }

  @Override
  public GaugeCell gauge(int series) {
    return new GaugeCells(file.place(series));
  }

  @Override
  public DistributionCells distribution(int series) {
    FamilyDescriptor family = file.place(series).family();
    if (family.nativeShape() == null) {
      return new LaneDistribution(lanes, file.place(series));
    }
    LaneNative cells = new LaneNative(lanes, file, series, waiting);
    if (family.window() != null) {
      windows.add(cells);
    }
    return cells;
  }

  @Override
  public ExemplarSlots exemplars(int series, int slotCount, int slotLength) throws IOException {
    return file.addExemplars(series, slotCount, slotLength);
  }

  @Override
  public void remove(int series, long removedNanos) throws IOException {
    file.addTombstone(series, removedNanos);
  }

  @Override
  public void beat(long nowNanos) {
    EpochClock.refresh();
    waiting.move();
    synchronized (leaseMonitor) {
      if (!closed) {
        try {
          mendLease();
        } finally {
          // After it: a retirer that missed the lease sees the beat move before it deletes the
          // file.
          file.beat(nowNanos);
        }
      }
    }
    // Last: it takes longest.
    windows.keepSnapshots(nowNanos / EpochClock.NANOS_PER_MILLISECOND);
  }

  /*
   * Only while the worker file has its name: otherwise the series are about to move to another
   * incarnation. A kill in between leaves what a kill in the opening leaves.
   */
  private void mendLease() {
    if (lease == null || !file.isReachable()) {
      return;
    }
    Path directory = name.getParent();
    Path leaseName = StoreFiles.lease(directory, info().incarnation());
    try {
      if (!lease.isLost(leaseName)) {
        lease.regain(leaseName);
      } else {
        Path temporary = StoreFiles.temporary(leaseName);
        Files.deleteIfExists(temporary);
        new FileSharing(FileOwnership.of(directory)).create(temporary, FileSharing.Access.READ);
        LockFiles.Held made = LockFiles.tryLock(temporary);
        if (made != null) {
          nameLease(made, leaseName);
          lease.release();
          lease = made;
        }
      }
    } catch (IOException | RuntimeException e) {
      StoreLog.warnOnce(
          "lease " + leaseName,
          leaseName
              + " was deleted, or its lock dropped, and cannot be locked again: other processes may"
              + " show no live gauges of this one: "
              + e);
    }
  }

  @Override
  public boolean needsSpace() {
    return waiting.hasSome();
  }

  @Override
  public boolean isReachable() {
    return file.isReachable();
  }

  @Override
  public long length() {
    return file.length();
  }

  @Override
  public void deleteIfUnreadable() throws IOException {
    if (file.hasLostItsMap()) {
      Files.deleteIfExists(name);
    }
  }

  @Override
  public void noteSample(long nowNanos) {
    file.noteSample(nowNanos);
  }

  @Override
  public void notePort(int port) {
    file.notePort(port);
  }

  @Override
  public void noteSpace() {
    file.noteSpace();
    waiting.move();
  }

  @Override
  public void markExit(long nowNanos) {
    file.markExit(nowNanos);
  }

  @Override
  public void close() {
    file.markExit(EpochClock.nowNanos());
    lanes.close();
    file.closeMap();
    abandon();
  }

  /** Gives up the lease without a mark, as the kernel does for a killed worker. */
  public void abandon() {
    synchronized (leaseMonitor) {
      closed = true;
      if (lease != null) {
        lease.release();
      }
    }
  }
}
