package io.github.multiprom.store;

import io.github.multiprom.model.DirectorySnapshot;
import io.github.multiprom.model.Incarnation;
import io.github.multiprom.model.RetainedFamily;
import io.github.multiprom.model.Snapshot;
import io.github.multiprom.model.WorkerInfo;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * One pass of moving dead workers of a directory into its retained totals, under the directory's
 * lock. One thread.
 *
 * <p>The protocol, exact at a kill between any two steps:
 *
 * <ol>
 *   <li>Take the lock. Delete what an earlier pass left: files of workers that {@code retained}
 *       already contains, temporary files, leases without a worker.
 *   <li>Write the new totals, and the list of incarnations that they contain, to a temporary file;
 *       force it to the disk.
 *   <li>Rename it to {@code retained}; force the directory. From this instant the listed
 *       incarnations count only there.
 *   <li>Delete the listed worker files, their maps, then their leases; force the directory.
 * </ol>
 */
public final class RetiringPass implements AutoCloseable {
  private final Path directory;
  private final FileOwnership ownership;
  private final LockFiles.Held lock;
  private final CrashPoint crashPoint;
  private final DirectoryReader reader;
  private final Liveness liveness;
  private DirectorySnapshot snapshot;
  private Backlog backlog;

  private RetiringPass(
      DirectoryReader reader, FileOwnership ownership, LockFiles.Held lock, CrashPoint crashPoint) {
    this.directory = reader.directory();
    this.ownership = ownership;
    this.lock = lock;
    this.crashPoint = crashPoint;
    this.reader = reader;
    this.liveness = new Liveness(directory);
  }

  /** Whether a directory is on a file system whose locks can be relied on. */
  public static boolean isPossible(DirectoryReader reader) {
    Path directory = reader.directory();
    FileSystemKind kind = FileSystemKind.of(directory);
    if (!kind.isLocal()) {
      StoreLog.warnOnce(
          "not-local " + directory,
          directory
              + " is on a file system of type "
              + kind.type()
              + ", not known to be local; dead workers there are served but never retired");
    }
    return kind.isLocal();
  }

  /**
   * Begins a pass and cleans up behind earlier ones.
   *
   * @param reader reads a directory that it {@link #isPossible} for; others may use it meanwhile,
   *     because the cells of dead workers do not change
   * @return null if somebody else is retiring
   * @throws IOException if the directory cannot be written, or its retained totals cannot be read
   */
  public static RetiringPass begin(DirectoryReader reader) throws IOException {
    return begin(reader, CrashPoint.NONE);
  }

  static RetiringPass begin(DirectoryReader reader, CrashPoint crashPoint) throws IOException {
    FileOwnership ownership = FileOwnership.of(reader.directory());
    ownership.provideLock();
    LockFiles.Held lock = LockFiles.tryLock(ownership.lock());
    if (lock == null) {
      return null;
    }
    RetiringPass pass = new RetiringPass(reader, ownership, lock, crashPoint);
    try {
      crashPoint.passed("directory locked");
      pass.read();
      pass.deleteRetired(pass.reader.retiredInFile());
      pass.deleteOrphans();
      return pass;
    } catch (IOException | RuntimeException | Error e) {
      pass.close();
      throw e;
    }
  }

  private void read() throws IOException {
    snapshot = reader.readForRetiring(true);
    if (snapshot == null) {
      backlog = Backlog.of(directory, liveness, reader.retiredInFile());
      if (backlog == null) {
        snapshot = reader.readForRetiring(false);
      }
    }
  }

  /**
   * The backlog of dead workers, if they are too many to be held in memory together.
   *
   * @return null if there is none; else {@link #snapshot()} is null
   */
  public Backlog backlog() {
    return backlog;
  }

  /** The retained totals so far; null if there are none. */
  public Snapshot retained() {
    return reader.retained();
  }

  /** Everything in the directory, as the pass found it; null if there is a backlog. */
  public DirectorySnapshot snapshot() {
    return snapshot;
  }

  /**
   * The workers that may be retired: surely dead, and wholly readable.
   *
   * <p>A free lease alone is not enough: the process must be of this boot, and gone if that can be
   * seen from here, unless the worker itself announced its exit.
   */
  public List<Snapshot> retirable() {
    List<Snapshot> retirable = new ArrayList<>();
    for (Snapshot worker : snapshot.workers()) {
      if (!worker.live()
          && !reader.isDamaged(worker.worker().incarnation())
          && liveness.isSurelyDead(worker.worker(), worker.exitNanos())) {
        retirable.add(worker);
      }
    }
    return retirable;
  }

  /**
   * Replaces the retained totals, and deletes the files of the workers that they now contain.
   *
   * @param totals what was retained before and what the retired workers counted
   * @param retired the workers retired by this pass
   * @param maxSeries how many series of a family the totals keep apart, at least 1
   * @throws IOException if there is no space; the directory is as before then
   */
  public void commit(List<RetainedFamily> totals, List<WorkerInfo> retired, int maxSeries)
      throws IOException {
    Set<Incarnation> incarnations = new TreeSet<>();
    for (WorkerInfo worker : retired) {
      incarnations.add(worker.incarnation());
    }
    // Those whose files could not be deleted so far must stay in the list.
    for (Incarnation before : reader.retiredInFile()) {
      if (exists(StoreFiles.worker(directory, before))) {
        incarnations.add(before);
      }
    }
    Path name = ownership.retained();
    Path temporary = StoreFiles.temporary(name);
    try {
      RetainedFile.write(temporary, totals, incarnations, maxSeries, crashPoint);
      ownership.share(temporary, FileOwnership.Access.LEDGER);
    } catch (IOException e) {
      // Workers may need the space.
      Files.deleteIfExists(temporary);
      throw e;
    }
    crashPoint.passed("retained written");
    StoreFiles.renameAtomically(temporary, name);
    crashPoint.passed("retained named");
    StoreFiles.force(directory);
    crashPoint.passed("retained forced");
    deleteRetired(incarnations);
  }

  /** The worker file first: as long as it is there, its lease says that nobody writes it. */
  private void deleteRetired(Set<Incarnation> retired) throws IOException {
    boolean deleted = false;
    List<Incarnation> gone = new ArrayList<>();
    for (Incarnation incarnation : retired) {
      Path file = StoreFiles.worker(directory, incarnation);
      deleted |= delete(file);
      if (!exists(file)) {
        gone.add(incarnation);
      }
      crashPoint.passed("worker file deleted");
    }
    for (Incarnation incarnation : gone) {
      deleted |= delete(StoreFiles.map(directory, incarnation));
      crashPoint.passed("map deleted");
    }
    for (Incarnation incarnation : gone) {
      deleted |= delete(StoreFiles.lease(directory, incarnation));
      crashPoint.passed("lease deleted");
    }
    if (deleted) {
      StoreFiles.force(directory);
    }
  }

  /** Whether a file was there and is not any more. One that stays must not hold up the others. */
  private static boolean delete(Path file) {
    try {
      return Files.deleteIfExists(file);
    } catch (IOException e) {
      StoreLog.warnOnce("undeletable " + file, file + " is of no use and cannot be deleted: " + e);
      return false;
    }
  }

  /** What a pass left that was killed, and workers that were killed opening their store. */
  private void deleteOrphans() throws IOException {
    List<Path> files = new ArrayList<>();
    try (DirectoryStream<Path> listing = Files.newDirectoryStream(directory)) {
      listing.forEach(files::add);
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
    // Temporary files first: without them their leases are orphans as well.
    files.sort(
        Comparator.comparing(file -> !file.toString().endsWith(StoreFiles.TEMPORARY_SUFFIX)));
    for (Path file : files) {
      if (isOrphan(file, file.getFileName().toString())) {
        delete(file);
        crashPoint.passed("orphan deleted");
      }
    }
  }

  private boolean isOrphan(Path file, String name) {
    if (FileName.parse(name) == null) {
      return false;
    }
    if (file.equals(StoreFiles.temporary(ownership.retained()))) {
      return true;
    }
    if (FileName.parse(name).kind() == FileName.Kind.NEW_LOCK) {
      return !StoreFiles.isYoung(file);
    }
    if (name.endsWith(StoreFiles.WORKER_SUFFIX + StoreFiles.TEMPORARY_SUFFIX)) {
      Path lease = file.resolveSibling(name.replace(".worker.tmp", StoreFiles.LEASE_SUFFIX));
      return LockFiles.probe(lease) == LockFiles.State.FREE;
    }
    if (name.endsWith(StoreFiles.LEASE_SUFFIX + StoreFiles.TEMPORARY_SUFFIX)) {
      return !StoreFiles.isYoung(file) && LockFiles.probe(file) == LockFiles.State.FREE;
    }
    if (name.endsWith(StoreFiles.MAP_SUFFIX)
        || name.endsWith(StoreFiles.MAP_SUFFIX + StoreFiles.TEMPORARY_SUFFIX)) {
      String worker = name.substring(0, name.indexOf('.'));
      LockFiles.State lease =
          LockFiles.probe(file.resolveSibling(worker + StoreFiles.LEASE_SUFFIX));
      // In this order, as below.
      return (lease == LockFiles.State.FREE || lease == LockFiles.State.MISSING)
          && !exists(file.resolveSibling(worker + StoreFiles.WORKER_SUFFIX));
    }
    if (name.endsWith(StoreFiles.LEASE_SUFFIX)) {
      // In this order: a worker file appears while its lease is held.
      return LockFiles.probe(file) == LockFiles.State.FREE
          && !exists(file.resolveSibling(name.replace(StoreFiles.LEASE_SUFFIX, ".worker.tmp")))
          && !exists(
              file.resolveSibling(name.replace(StoreFiles.LEASE_SUFFIX, StoreFiles.WORKER_SUFFIX)));
    }
    return false;
  }

  private static boolean exists(Path path) {
    return !Files.notExists(path, LinkOption.NOFOLLOW_LINKS);
  }

  @Override
  public void close() {
    lock.release();
  }
}
