package io.github.multiprom.internal.directory;

import io.github.multiprom.internal.file.LabelInterner;
import io.github.multiprom.internal.file.UnreadableFileException;
import io.github.multiprom.internal.file.WorkerFileReader;
import io.github.multiprom.internal.file.WorkerHeader;
import io.github.multiprom.internal.lease.Liveness;
import io.github.multiprom.internal.lease.LockFiles;
import io.github.multiprom.internal.ownership.FileName;
import io.github.multiprom.internal.ownership.FileOwnership;
import io.github.multiprom.internal.ownership.StoreFiles;
import io.github.multiprom.model.Incarnation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** Deletes the files of one ledger's workers, and its totals, under its lock. One thread. */
final class Cleaning {
  private final FileOwnership ownership;
  private final Liveness liveness;
  private final boolean evenLive;
  private final List<Path> files = new ArrayList<>();

  /**
   * Prepares to delete files.
   *
   * @param listed all files of the directory
   * @param evenLive whether also what belongs to live workers
   */
  Cleaning(FileOwnership ownership, List<Path> listed, boolean evenLive) {
    this.ownership = ownership;
    this.liveness = new Liveness(ownership.directory());
    this.evenLive = evenLive;
    for (Path file : listed) {
      if (nameOf(file) != null && isOfTheLedger(file)) {
        files.add(file);
      }
    }
  }

  private static FileName nameOf(Path file) {
    return FileName.parse(file.getFileName().toString());
  }

  private boolean isOfTheLedger(Path file) {
    long user = ownership.userOf(nameOf(file));
    return ownership.isOfLedger(file)
        && (!ownership.isShared() || user == FileName.NO_UID || user == ownership.user());
  }

  /** Whether there are no files to be looked at. */
  boolean isEmpty() {
    return files.isEmpty();
  }

  /** Whether workers are live that are to be spared. */
  boolean findsLive() {
    Set<Incarnation> incarnations = new TreeSet<>();
    for (Path file : files) {
      if (nameOf(file).incarnation() != null) {
        incarnations.add(nameOf(file).incarnation());
      }
    }
    return !evenLive && incarnations.stream().anyMatch(this::isLive);
  }

  /** By the lease of the file's name first, whatever the file says. */
  private boolean isLive(Incarnation incarnation) {
    return isLeased(incarnation) || saysThatItLives(incarnation);
  }

  private boolean isLeased(Incarnation incarnation) {
    Path lease = StoreFiles.lease(ownership.directory(), incarnation);
    // In this order: it is renamed while it is held.
    return LockFiles.probe(StoreFiles.temporary(lease)) == LockFiles.State.HELD
        || LockFiles.probe(lease) == LockFiles.State.HELD;
  }

  private boolean saysThatItLives(Incarnation incarnation) {
    Path file = StoreFiles.worker(ownership.directory(), incarnation);
    try (WorkerFileReader reader = WorkerFileReader.open(file, new LabelInterner())) {
      if (reader.isRetained() || !reader.worker().incarnation().equals(incarnation)) {
        return false;
      }
      reader.readWords();
      return liveness.isLive(reader);
    } catch (IOException e) {
      return false;
    }
  }

  /**
   * Deletes what is not live.
   *
   * @return how many files were deleted
   */
  int deleteAll() throws IOException {
    // Maps after worker files: a worker file whose map is gone would look damaged. Leases last:
    // they
    // say whether the others may be deleted.
    int deleted = 0;
    for (FileName.Kind kind :
        List.of(
            FileName.Kind.RETAINED,
            FileName.Kind.SPARE,
            FileName.Kind.NEW_LOCK,
            FileName.Kind.WORKER,
            FileName.Kind.MAP,
            FileName.Kind.LEASE)) {
      for (Path file : files) {
        if (nameOf(file).kind() == kind && mayGo(file) && Files.deleteIfExists(file)) {
          deleted++;
        }
      }
    }
    return deleted;
  }

  private boolean mayGo(Path file) throws IOException {
    FileName name = nameOf(file);
    if (Files.isDirectory(file, LinkOption.NOFOLLOW_LINKS)) {
      return false;
    }
    if (name.incarnation() == null) {
      return WorkerHeader.isOurs(file) && (evenLive || !name.isRetained() || !isNewer(file));
    }
    return evenLive
        || (!isLeased(name.incarnation())
            && (isOfDead(name) || !StoreFiles.isYoung(file))
            && !isNewer(StoreFiles.worker(ownership.directory(), name.incarnation())));
  }

  /** Whether a later release wrote something in a file that this one does not know. */
  private static boolean isNewer(Path file) {
    try (WorkerFileReader reader = WorkerFileReader.open(file, new LabelInterner())) {
      reader.readWords();
      reader.refreshRecords();
      return reader.newer() != null;
    } catch (UnreadableFileException e) {
      return e.reason() == UnreadableFileException.Reason.NEWER_VERSION;
    } catch (IOException e) {
      return false;
    }
  }

  /** Whether the worker's file had its name, so that a lease that is not held was given up. */
  private boolean isOfDead(FileName name) {
    Path worker = StoreFiles.worker(ownership.directory(), name.incarnation());
    return files.contains(worker);
  }
}
