package io.github.multiprom.store;

import io.github.multiprom.model.Snapshot;
import io.github.multiprom.store.UnreadableFileException.Reason;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** A metrics directory as an operator looks after it. Thread-safe. */
public final class MetricsDirectory {
  private final Path path;

  /** The directory of a path. */
  public MetricsDirectory(Path path) {
    this.path = path;
  }

  /**
   * Reads every file on its own, the retained totals last. Leases and the like are left out.
   *
   * @throws IOException if the directory cannot be read
   */
  public List<FileStatus> files() throws IOException {
    List<FileStatus> files = new ArrayList<>();
    Liveness liveness = new Liveness(path);
    for (Path file : list()) {
      String name = file.getFileName().toString();
      FileName parsed = FileName.parse(name);
      if (parsed != null && parsed.isWorker()) {
        files.add(status(file, false, liveness));
      } else if (parsed == null) {
        files.add(new FileStatus(file, false, null, 0, length(file), "not a file of Multiprom"));
      }
    }
    Path retained = FileOwnership.of(path).retained();
    if (Files.exists(retained, LinkOption.NOFOLLOW_LINKS)) {
      files.add(status(retained, true, liveness));
    }
    return files;
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
    try (WorkerFileReader reader = WorkerFileReader.open(file, new LabelSets())) {
      if (reader.isRetained() != retained
          || (!retained
              && !file.equals(
                  StoreFiles.worker(file.getParent(), reader.worker().incarnation())))) {
        throw new UnreadableFileException(Reason.FOREIGN, "not the file that its name says");
      }
      reader.readWords();
      boolean live = !retained && liveness.isLive(reader.worker(), reader.exitNanos());
      reader.refresh(live);
      Snapshot snapshot = reader.snapshot(live);
      String problem = reader.damage() == null ? null : reader.damage().getMessage();
      return new FileStatus(file, retained, snapshot, reader.laneCount(), reader.size(), problem);
    } catch (IOException e) {
      return new FileStatus(file, retained, null, 0, length(file), UnreadableFileException.text(e));
    }
  }

  /**
   * Deletes everything that workers and retirers made, but for the directory's lock. Files of
   * others stay.
   *
   * @param evenLive whether also the files of live workers; these go on in new ones then
   * @return how many files were deleted; -1 if workers are live or somebody is retiring, and
   *     nothing was deleted
   * @throws IOException if a file cannot be deleted
   */
  public int clean(boolean evenLive) throws IOException {
    FileOwnership ownership = FileOwnership.of(path);
    ownership.provideLock();
    LockFiles.Held lock = LockFiles.tryLock(ownership.lock());
    if (lock == null) {
      return -1;
    }
    try {
      if (!evenLive && files().stream().anyMatch(MetricsDirectory::isLive)) {
        return -1;
      }
      return deleteAll();
    } finally {
      lock.release();
    }
  }

  private static boolean isLive(FileStatus file) {
    return file.snapshot() != null && file.snapshot().live();
  }

  private int deleteAll() throws IOException {
    List<Path> own = new ArrayList<>();
    List<Path> maps = new ArrayList<>();
    List<Path> leases = new ArrayList<>();
    for (Path file : list()) {
      FileName name = FileName.parse(file.getFileName().toString());
      if (name == null || (name.kind() == FileName.Kind.LOCK && !name.temporary())) {
        continue;
      }
      if (name.kind() == FileName.Kind.LEASE) {
        leases.add(file);
      } else if (name.kind() == FileName.Kind.MAP) {
        maps.add(file);
      } else {
        own.add(file);
      }
    }
    // What is missing of a worker file that is there would be damage.
    own.addAll(maps);
    // A lease says whether its worker file may be touched, so it goes last.
    own.addAll(leases);
    int deleted = 0;
    for (Path file : own) {
      if (!Files.isDirectory(file, LinkOption.NOFOLLOW_LINKS) && Files.deleteIfExists(file)) {
        deleted++;
      }
    }
    return deleted;
  }
}
