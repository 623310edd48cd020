package io.github.multiprom.python;

import io.github.multiprom.internal.os.Incarnations;
import io.github.multiprom.internal.ownership.StoreFiles;
import io.github.multiprom.model.Incarnation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Takes the files of Python processes that have ended, for the retained totals. One thread, which
 * holds the directory's lock.
 *
 * <p>client_python opens the file of a process id that was used before and counts on. So a file is
 * first renamed, {@code counter_7.db} to {@code counter_7.db.INCARNATION}: no process opens it any
 * more, and client_python's own collector, which looks for {@code *.db}, does not count it. Then
 * all processes are looked at once more. A file that one of them has open, from before the rename,
 * gets its name back or, if that is taken, waits under the new one.
 *
 * <p>A kill in between leaves files under one name, the other, or both. They count once, until the
 * totals list the incarnation, and the next pass goes on with them.
 */
final class PythonClaims {
  /** Of the heap, how much the files of one pass may take. */
  private static final int HEAP_SHARE = 16;

  private final Path directory;
  private final PythonProcesses processes;
  private final Set<Incarnation> verified = new HashSet<>();

  PythonClaims(Path directory, PythonProcesses processes) {
    this.directory = directory;
    this.processes = processes;
  }

  /**
   * Claims what belongs to processes that have ended.
   *
   * @param workers as they were just read
   * @param mine which files may be claimed
   * @param listed the incarnations that the retained totals list
   */
  void claim(Collection<PythonWorker> workers, Predicate<Path> mine, Set<Incarnation> listed)
      throws IOException {
    verified.clear();
    if (workers.stream().allMatch(worker -> isLive(worker))) {
      return;
    }
    processes.scan(false);
    long bytes = 0;
    Map<Incarnation, Map<Path, PythonFile>> claimed = new HashMap<>();
    for (PythonWorker worker : workers) {
      boolean isOne = worker.files().stream().allMatch(file -> mine.test(file.path()));
      if (isOne && listed.contains(worker.incarnation())) {
        // What it had counted would count again under the name that it had before.
        verified.add(worker.incarnation());
        continue;
      }
      if (!isOne
          || bytes > Runtime.getRuntime().maxMemory() / HEAP_SHARE
          || worker.files().stream().anyMatch(file -> worker.problem(file) != null)) {
        continue;
      }
      if (worker.isClaimed()) {
        bytes += worker.bytes();
        Map<Path, PythonFile> names = new HashMap<>();
        worker.files().forEach(file -> names.put(file.path(), file));
        claimed.put(worker.incarnation(), names);
      } else if (!isLive(worker)
          && processes.sightByScan(worker.files()) == PythonProcesses.Sight.GONE) {
        bytes += worker.bytes();
        Incarnation incarnation = Incarnations.newId();
        claimed.put(incarnation, rename(worker, incarnation));
      }
    }
    if (!claimed.isEmpty()) {
      StoreFiles.force(directory);
      processes.scan(true);
      claimed.forEach(
          (incarnation, files) -> {
            if (files.values().stream().noneMatch(processes::isOpen)) {
              verified.add(incarnation);
            } else {
              files.keySet().forEach(PythonClaims::giveBack);
            }
          });
    }
  }

  private static boolean isLive(PythonWorker worker) {
    return worker.sight() != PythonProcesses.Sight.GONE;
  }

  /** Returns the files by their new names. */
  private static Map<Path, PythonFile> rename(PythonWorker worker, Incarnation incarnation)
      throws IOException {
    Map<Path, PythonFile> renamed = new HashMap<>();
    for (PythonFile file : worker.files()) {
      Path claimed = file.path().resolveSibling(file.path().getFileName() + "." + incarnation);
      if (file.isStill()) {
        try {
          StoreFiles.renameAtomically(file.path(), claimed);
          renamed.put(claimed, file);
        } catch (NoSuchFileException e) {
          // Its application deleted it.
        }
      }
    }
    return renamed;
  }

  /** Deletes the second name of files that a pass was giving back when it was killed. */
  void endGivingBack(Predicate<Path> mine) throws IOException {
    for (String name : PythonSource.list(directory)) {
      Path claimed = directory.resolve(name);
      Path before = beforeClaim(claimed);
      if (!before.equals(claimed) && mine.test(claimed) && isSame(before, claimed)) {
        Files.deleteIfExists(claimed);
      }
    }
  }

  private static boolean isSame(Path before, Path claimed) throws IOException {
    try {
      Object key = StoreFiles.key(before);
      return key != null && key.equals(StoreFiles.key(claimed));
    } catch (NoSuchFileException e) {
      return false;
    }
  }

  private static Path beforeClaim(Path claimed) {
    return claimed.resolveSibling(PythonFileName.beforeClaim(claimed.getFileName().toString()));
  }

  private static void giveBack(Path claimed) {
    try {
      // A link fails if the name is taken, where a rename would replace that file.
      Files.createLink(beforeClaim(claimed), claimed);
      Files.delete(claimed);
    } catch (IOException | UnsupportedOperationException e) {
      // It counts under the name that it has.
    }
  }

  /** Those that nothing but the retained totals can take now, by the last pass. */
  Set<Incarnation> verified() {
    return verified;
  }

  /** Deletes what was claimed as some incarnations. */
  void delete(Collection<Incarnation> incarnations) throws IOException {
    Set<Incarnation> all = new HashSet<>(incarnations);
    boolean deleted = false;
    for (String name : PythonSource.list(directory)) {
      PythonFileName parsed = PythonFileName.parse(name);
      if (parsed != null && parsed.claimed() != null && all.contains(parsed.claimed())) {
        Path file = directory.resolve(name);
        if (Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
          deleted |= Files.deleteIfExists(file);
        }
      }
    }
    if (deleted) {
      StoreFiles.force(directory);
    }
  }
}
