package io.github.multiprom.python;

import io.github.multiprom.internal.file.UnreadableFileException;
import io.github.multiprom.internal.file.UnreadableFileException.Reason;
import io.github.multiprom.internal.os.StoreLog;
import io.github.multiprom.internal.ownership.FileOwnership;
import io.github.multiprom.internal.ownership.StoreFiles;
import io.github.multiprom.model.ForeignSource;
import io.github.multiprom.model.Incarnation;
import io.github.multiprom.model.SkippedFile;
import io.github.multiprom.model.Snapshot;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * What Python processes count in a metrics directory with client_python, in multiprocess mode. One
 * thread at a time.
 *
 * <pre>{@code
 * Path directory = Path.of("/dev/shm/my-app");
 * new MultiprocessCollector(directory, new PythonSource(directory, false)).register(registry);
 * }</pre>
 *
 * <p>It reads the files of all releases that keep one file for each type and process, since 0.2.
 * Families of one name are merged over Python and Java. The name of a worker is what client_python
 * shows as its {@code pid}.
 */
public final class PythonSource implements ForeignSource {
  private final Path directory;
  private final boolean retiring;
  private final PythonProcesses processes;
  private final Map<String, PythonFile> files = new TreeMap<>();
  private final Map<String, PythonWorker> workers = new HashMap<>();
  private final PythonClaims claims;

  /**
   * A source of a directory, which need not exist yet.
   *
   * @param retiring whether files of processes that have ended are retired: only where nothing else
   *     reads them
   */
  public PythonSource(Path directory, boolean retiring) {
    this(directory, retiring, new PythonProcesses(Path.of("/proc")));
  }

  PythonSource(Path directory, boolean retiring, PythonProcesses processes) {
    this.directory = directory;
    this.retiring = retiring;
    this.processes = processes;
    claims = new PythonClaims(directory, processes);
  }

  @Override
  public Reading read() {
    List<SkippedFile> skipped = new ArrayList<>();
    try {
      readFiles(skipped);
    } catch (IOException e) {
      // A directory that cannot be listed is told of by those who read the other files.
      skipped.clear();
    }
    group();
    List<Snapshot> snapshots = new ArrayList<>();
    long bytes = 0;
    for (PythonWorker worker : workers.values()) {
      for (PythonFile file : worker.files()) {
        String problem = worker.problem(file);
        if (problem != null) {
          skipped.add(skipped(file.path(), new UnreadableFileException(Reason.NEWER, problem)));
        }
      }
      snapshots.add(worker.snapshot());
      bytes += worker.bytes();
    }
    return new Reading(snapshots, skipped, bytes);
  }

  private void readFiles(List<SkippedFile> skipped) throws IOException {
    Set<String> listed = new HashSet<>();
    Supplier<FileOwnership> ownership = () -> FileOwnership.of(directory);
    for (String name : list(directory)) {
      PythonFileName parsed = PythonFileName.parse(name);
      if (parsed != null) {
        listed.add(name);
        read(name, parsed, ownership, skipped);
      }
    }
    files
        .entrySet()
        .removeIf(
            known -> {
              if (!listed.contains(known.getKey())) {
                known.getValue().close();
                return true;
              }
              return false;
            });
  }

  /** The names in a directory; none if it is not there. */
  static String[] list(Path directory) throws IOException {
    try {
      String[] names = StoreFiles.names(directory);
      Arrays.sort(names);
      return names;
    } catch (NoSuchFileException e) {
      return new String[0];
    }
  }

  private void read(
      String name,
      PythonFileName parsed,
      Supplier<FileOwnership> ownership,
      List<SkippedFile> skipped) {
    PythonFile known = files.get(name);
    if (known != null && !known.isStill()) {
      known.close();
      files.remove(name);
      known = null;
    }
    Path path = directory.resolve(name);
    try {
      if (known == null) {
        PythonFile opened = new PythonFile(path, parsed, ownership);
        try {
          opened.read();
        } catch (IOException | RuntimeException | Error e) {
          opened.close();
          throw e;
        }
        files.put(name, opened);
      } else {
        known.read();
      }
    } catch (NoSuchFileException e) {
      // Deleted since the listing.
    } catch (IOException | OutOfMemoryError e) {
      // What was read before is served on.
      IOException why =
          e instanceof IOException failure
              ? failure
              : new UnreadableFileException(Reason.TOO_LARGE, "no heap is left to read it");
      skipped.add(skipped(path, why));
    }
  }

  private static SkippedFile skipped(Path path, IOException why) {
    Reason reason =
        why instanceof UnreadableFileException unreadable ? unreadable.reason() : Reason.IO_ERROR;
    return new SkippedFile(
        path.getFileName().toString(), reason.label(), UnreadableFileException.text(why));
  }

  private void group() {
    Map<String, List<PythonFile>> byWorker = new TreeMap<>();
    for (PythonFile file : files.values()) {
      PythonFile before = files.get(file.nameBeforeClaim());
      // Of a file that is being given back, the name that it had before counts.
      if (before == null || before == file || !before.isSameAs(file)) {
        byWorker.computeIfAbsent(key(file.name()), none -> new ArrayList<>()).add(file);
      }
    }
    workers.keySet().retainAll(byWorker.keySet());
    byWorker.forEach(
        (key, its) -> {
          PythonFileName name = its.get(0).name();
          PythonWorker worker =
              workers.computeIfAbsent(
                  key, none -> new PythonWorker(name.process(), name.claimed()));
          worker.follow(its, processes);
          if (worker.sight() == PythonProcesses.Sight.UNKNOWN) {
            tellUnknown(worker);
          }
        });
    processes.keepOnly(files.values());
  }

  private static String key(PythonFileName name) {
    return name.process() + (name.claimed() == null ? "" : "/" + name.claimed());
  }

  private void tellUnknown(PythonWorker worker) {
    StoreLog.noteOnce(
        "python unknown " + directory,
        "Python process "
            + worker.process()
            + " and perhaps others that count in "
            + directory
            + " cannot be seen from this process: their live gauges are shown on when they have"
            + " ended, and their files are not retired");
  }

  @Override
  public boolean isCurrent() {
    try {
      Set<String> now = new HashSet<>(Arrays.asList(list(directory)));
      for (String name : now) {
        PythonFileName parsed = PythonFileName.parse(name);
        if (parsed != null && parsed.claimed() != null && !files.containsKey(name)) {
          return false;
        }
      }
      for (PythonWorker worker : workers.values()) {
        boolean mayBeClaimed = worker.sight() != PythonProcesses.Sight.RUNNING;
        for (PythonFile file : worker.files()) {
          if (!now.contains(file.path().getFileName().toString())
              || (mayBeClaimed && !file.isStill())) {
            return false;
          }
        }
      }
      return true;
    } catch (IOException e) {
      return true;
    }
  }

  @Override
  public boolean isOne(String fileName) {
    return PythonFileName.parse(fileName) != null;
  }

  @Override
  public boolean isRetiring() {
    return retiring;
  }

  @Override
  public void claim(Predicate<Path> mine, Set<Incarnation> listed) throws IOException {
    claims.endGivingBack(mine);
    read();
    claims.claim(workers.values(), mine, listed);
  }

  @Override
  public Set<Incarnation> claimed() {
    return claims.verified();
  }

  @Override
  public void delete(Collection<Incarnation> incarnations) throws IOException {
    claims.delete(incarnations);
  }

  @Override
  public void close() {
    files.values().forEach(PythonFile::close);
    files.clear();
    workers.clear();
  }
}
