package io.github.multiprom.internal.directory;

import io.github.multiprom.internal.file.CrashPoint;
import io.github.multiprom.internal.lease.LockFiles;
import io.github.multiprom.internal.os.StoreLog;
import io.github.multiprom.internal.ownership.FileName;
import io.github.multiprom.internal.ownership.FileOwnership;
import io.github.multiprom.internal.ownership.StoreFiles;
import io.github.multiprom.model.Incarnation;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The files in a directory that are of no use any more: those of workers that the totals list, and
 * what processes left that were killed. One thread, which holds the directory's lock.
 */
final class Leftovers {
  private final Path directory;
  private final FileOwnership ownership;
  private final CrashPoint crashPoint;

  /** Those that a ledger may delete. */
  Leftovers(FileOwnership ownership, CrashPoint crashPoint) {
    this.directory = ownership.directory();
    this.ownership = ownership;
    this.crashPoint = crashPoint;
  }

  /** The incarnations that have a file of any kind. */
  Set<Incarnation> withFiles() throws IOException {
    Set<Incarnation> incarnations = new HashSet<>();
    for (Path file : list()) {
      FileName name = FileName.parse(file.getFileName().toString());
      if (name != null && name.incarnation() != null) {
        incarnations.add(name.incarnation());
      }
    }
    return incarnations;
  }

  private List<Path> list() throws IOException {
    List<Path> files = new ArrayList<>();
    try (DirectoryStream<Path> listing = Files.newDirectoryStream(directory)) {
      listing.forEach(files::add);
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
    return files;
  }

  /** Deletes the files of workers that the totals list. */
  void deleteRetired(List<Incarnation> listed) throws IOException {
    if (!listed.isEmpty()) {
      deleteRetired(listed, withFiles());
    }
  }

  /**
   * Deletes the files of workers that the totals list. The worker file first: as long as it is
   * there, its free lease says that no worker writes it.
   *
   * @param withFiles those that have files
   */
  void deleteRetired(Collection<Incarnation> retired, Set<Incarnation> withFiles)
      throws IOException {
    boolean deleted = false;
    List<Incarnation> gone = new ArrayList<>();
    for (Incarnation incarnation : retired) {
      if (!withFiles.contains(incarnation)) {
        continue;
      }
      Path file = StoreFiles.worker(directory, incarnation);
      if (!ownership.isOfLedger(file) && exists(file)) {
        continue;
      }
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

  /** Deletes what a pass left that was killed, and workers that were killed opening their store. */
  void deleteOrphans() throws IOException {
    List<Path> files = list();
    // Leases last: without the others they are orphans as well, and these are while a lease is
    // free.
    files.sort(Comparator.comparing(file -> file.toString().endsWith(StoreFiles.LEASE_SUFFIX)));
    for (Path file : files) {
      if (isOrphan(file, file.getFileName().toString())) {
        delete(file);
        crashPoint.passed("orphan deleted");
      }
    }
  }

  private boolean isOrphan(Path file, String name) {
    if (FileName.parse(name) == null || !ownership.isOfLedger(file)) {
      return false;
    }
    if (file.equals(StoreFiles.temporary(ownership.spare()))) {
      return true;
    }
    if (FileName.parse(name).kind() == FileName.Kind.NEW_LOCK) {
      return !StoreFiles.isYoung(file);
    }
    if (FileName.parse(name).kind() == FileName.Kind.PORT) {
      // Of a container that is gone: each has a network of its own, and so another name.
      return !StoreFiles.isYoung(file)
          && LockFiles.probe(file) == LockFiles.State.FREE
          && file.toFile().length() == 0;
    }
    if (name.endsWith(StoreFiles.WORKER_SUFFIX + StoreFiles.TEMPORARY_SUFFIX)) {
      Path lease = file.resolveSibling(name.replace(".worker.tmp", StoreFiles.LEASE_SUFFIX));
      LockFiles.State state = LockFiles.probe(lease);
      return state == LockFiles.State.FREE
          || (state == LockFiles.State.MISSING && !StoreFiles.isYoung(file));
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
      return (lease == LockFiles.State.FREE
              || (lease == LockFiles.State.MISSING && !StoreFiles.isYoung(file)))
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
}
