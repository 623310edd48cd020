package io.github.multiprom.internal.directory;

import io.github.multiprom.internal.file.LabelInterner;
import io.github.multiprom.internal.file.UnreadableFileException;
import io.github.multiprom.internal.file.UnreadableFileException.Reason;
import io.github.multiprom.internal.file.WorkerFileReader;
import io.github.multiprom.internal.lease.Liveness;
import io.github.multiprom.internal.lease.LockFiles;
import io.github.multiprom.internal.ownership.FileName;
import io.github.multiprom.internal.ownership.FileOwnership;
import io.github.multiprom.internal.ownership.StoreFiles;
import io.github.multiprom.model.Snapshot;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** A metrics directory as an operator looks after it. Thread-safe. */
public final class MetricsDirectory {
  private final Path path;

  /** The directory of a path. */
  public MetricsDirectory(Path path) {
    FileOwnership.checkSetting();
    this.path = path;
  }

  /**
   * Reads each worker file and then each file of retained totals, one by one. The list has no
   * leases, maps and locks, and no files of other programs.
   *
   * @throws IOException if the directory cannot be read
   */
  public List<FileStatus> files() throws IOException {
    List<FileStatus> workers = new ArrayList<>();
    List<FileStatus> totals = new ArrayList<>();
    Liveness liveness = new Liveness(path);
    for (Path file : list()) {
      FileName name = FileName.parse(file.getFileName().toString());
      if (name != null && name.isWorker()) {
        workers.add(status(file, false, liveness));
      } else if (name != null && name.isRetained()) {
        totals.add(status(file, true, liveness));
      }
    }
    workers.addAll(totals);
    return workers;
  }

  /**
   * How many files are not of Multiprom, by their names.
   *
   * @throws IOException if the directory cannot be read
   */
  public int foreignFiles() throws IOException {
    int foreign = 0;
    for (Path file : list()) {
      foreign += FileName.parse(file.getFileName().toString()) == null ? 1 : 0;
    }
    return foreign;
  }

  /**
   * Mends damaged retained totals with what can be read of them; sets the damaged file aside. Of a
   * series that is read twice the greater value counts. Whole totals stay as they are.
   *
   * @return what was found and done, a line each
   * @throws IOException if a retirer is at work, workers that the totals list still have files, a
   *     later release wrote the totals, or files cannot be written
   */
  public List<String> repair() throws IOException {
    return new Repair(FileOwnership.of(path)).run();
  }

  private List<Path> list() throws IOException {
    List<Path> paths = new ArrayList<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(path)) {
      files.forEach(paths::add);
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
    Collections.sort(paths);
    return paths;
  }

  private static long length(Path file) {
    try {
      return Files.size(file);
    } catch (IOException e) {
      return 0;
    }
  }

  private static FileStatus status(Path file, boolean retained, Liveness liveness) {
    try (WorkerFileReader reader = WorkerFileReader.open(file, new LabelInterner())) {
      if (reader.isRetained() != retained
          || (!retained
              && !file.equals(
                  StoreFiles.worker(file.getParent(), reader.worker().incarnation())))) {
        throw new UnreadableFileException(Reason.FOREIGN, "not the file that its name says");
      }
      reader.readWords();
      boolean live = !retained && liveness.isLive(reader);
      reader.refresh(live);
      Snapshot snapshot = reader.snapshot(live);
      String problem = reader.damage() == null ? null : reader.damage().getMessage();
      return new FileStatus(file, retained, snapshot, reader.laneCount(), reader.size(), problem);
    } catch (IOException e) {
      return new FileStatus(file, retained, null, 0, length(file), UnreadableFileException.text(e));
    }
  }

  /**
   * Deletes everything that workers and retirers made, but for locks. Files of others stay; in a
   * directory with the sticky bit so do those of other users, unless this process may act for them.
   *
   * <p>Workers may start meanwhile. What belongs to a live worker stays, and what is younger than
   * ten seconds and not yet a whole worker.
   *
   * @param evenLive whether also the files of live workers and young ones; these workers go on in
   *     new files then
   * @return how many files were deleted; -1 if workers are live or somebody is retiring, and
   *     nothing was deleted
   * @throws IOException if a file cannot be deleted, or the directory belongs to somebody else
   */
  public int clean(boolean evenLive) throws IOException {
    List<LockFiles.Held> locks = new ArrayList<>();
    try {
      List<Cleaning> all = new ArrayList<>();
      for (FileOwnership ownership : FileOwnership.of(path).ledgers()) {
        if (new Cleaning(ownership, list(), evenLive).isEmpty()) {
          // Perhaps no metrics directory at all, where a lock would be out of place.
          continue;
        }
        LockFiles.Held lock = LockFiles.tryLock(ownership);
        if (lock == null) {
          return -1;
        }
        locks.add(lock);
        all.add(new Cleaning(ownership, list(), evenLive));
      }
      int deleted = 0;
      for (Cleaning cleaning : all) {
        if (cleaning.findsLive()) {
          return -1;
        }
      }
      for (Cleaning cleaning : all) {
        deleted += cleaning.deleteAll();
      }
      return deleted;
    } finally {
      locks.forEach(LockFiles.Held::release);
    }
  }
}
