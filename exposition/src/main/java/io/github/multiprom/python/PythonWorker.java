package io.github.multiprom.python;

import io.github.multiprom.internal.worker.StoreOptions;
import io.github.multiprom.model.Incarnation;
import io.github.multiprom.model.Snapshot;
import io.github.multiprom.model.WindowHistory;
import io.github.multiprom.model.WorkerInfo;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** One Python process, with all its files, as a worker. One thread. */
final class PythonWorker {
  private static final Incarnation UNKNOWN_BOOT = new Incarnation(0, 0);

  private final String process;
  private final Incarnation incarnation;
  private final boolean claimed;
  private List<PythonFile> files = List.of();
  private PythonCatalog catalog = new PythonCatalog();
  private WorkerInfo info;
  private double[] high = {};
  private double[] low = {};
  private PythonProcesses.Sight sight = PythonProcesses.Sight.UNKNOWN;
  // When its files were changed last; 0 while it lives.
  private long endNanos;

  /**
   * A process without files yet.
   *
   * @param claimed the incarnation by which its files were claimed; null if they were not
   */
  PythonWorker(String process, Incarnation claimed) {
    this.process = process;
    this.claimed = claimed != null;
    incarnation = claimed != null ? claimed : incarnation(process);
  }

  /** Always the same for one process: it is never listed as retired. */
  private static Incarnation incarnation(String process) {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256")
              .digest(("client_python " + process).getBytes(StandardCharsets.UTF_8));
      ByteBuffer bits = ByteBuffer.wrap(hash);
      return new Incarnation(bits.getLong(), bits.getLong());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /**
   * Takes what was read of the files of the process.
   *
   * @param now the files, in the order of their names
   */
  void follow(List<PythonFile> now, PythonProcesses processes) {
    if (!now.containsAll(files) || !catalog.add(now)) {
      catalog = new PythonCatalog();
      catalog.add(now);
    }
    boolean changed = !now.equals(files);
    if (changed) {
      files = now;
      info = info();
    }
    PythonProcesses.Sight before = sight;
    sight = claimed ? PythonProcesses.Sight.GONE : processes.sightOf(process, files);
    if (sight != PythonProcesses.Sight.GONE) {
      endNanos = 0;
    } else if (sight != before || changed) {
      endNanos = files.stream().mapToLong(PythonFile::modifiedNanos).max().orElse(0);
    }
  }

  private WorkerInfo info() {
    long createdNanos = files.stream().mapToLong(PythonFile::createdNanos).min().orElse(0);
    return new WorkerInfo(
        incarnation,
        process,
        "",
        0,
        0,
        0,
        UNKNOWN_BOOT,
        createdNanos,
        StoreOptions.DEFAULT_MAX_SERIES);
  }

  /** What the process had counted when its files were read. */
  Snapshot snapshot() {
    if (high.length != catalog.cellCount()) {
      high = new double[catalog.cellCount()];
      low = new double[catalog.cellCount()];
    }
    Arrays.fill(high, 0);
    catalog.fill(high);
    return new Snapshot(
        info,
        sight != PythonProcesses.Sight.GONE,
        endNanos,
        endNanos,
        0,
        catalog.catalog(),
        Set.of(),
        high,
        low,
        true,
        Map.of(),
        Map.of(),
        WindowHistory.NONE,
        bytes(),
        0,
        0);
  }

  /** How much of its files is in use. */
  long bytes() {
    return files.stream().mapToLong(PythonFile::used).sum();
  }

  Incarnation incarnation() {
    return incarnation;
  }

  boolean isClaimed() {
    return claimed;
  }

  PythonProcesses.Sight sight() {
    return sight;
  }

  String process() {
    return process;
  }

  List<PythonFile> files() {
    return files;
  }

  /** What of a file is not shown; null if everything is. */
  String problem(PythonFile file) {
    return catalog.problem(file);
  }
}
