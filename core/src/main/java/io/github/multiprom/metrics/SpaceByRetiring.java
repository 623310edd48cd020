package io.github.multiprom.metrics;

import io.github.multiprom.internal.os.StoreLog;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Gives a full metrics directory space by retiring dead workers, where nobody scrapes who would.
 * Never in a thread of the application, but for the one that opens a worker. Thread-safe.
 */
final class SpaceByRetiring {
  private static final long PAUSE_NANOS = 10_000_000_000L;

  /** So many times as long as a pass the next one waits. */
  private static final int BUSY_PAUSE = 10;

  private final Path directory;
  private boolean hasRun;
  private long lastNanos;
  // How long it took if it retired something.
  private long tookNanos;

  SpaceByRetiring(Path directory) {
    this.directory = directory;
  }

  /**
   * Runs a retiring pass, unless one ran within the last ten seconds. Never throws.
   *
   * @return whether there may be space now
   */
  synchronized boolean make() {
    return !hasRunSince(PAUSE_NANOS) && retire();
  }

  /**
   * As {@link #make}, but sooner if the last pass retired something: to keep up with renewals.
   * Passes take a tenth of a core at most.
   */
  synchronized boolean makeAgain() {
    boolean isSoon = tookNanos > 0 && hasRunSince(BUSY_PAUSE * tookNanos);
    return !isSoon && (tookNanos > 0 || !hasRunSince(PAUSE_NANOS)) && retire();
  }

  private boolean hasRunSince(long nanos) {
    return hasRun && System.nanoTime() - lastNanos < nanos;
  }

  private boolean retire() {
    if (!Files.isDirectory(directory)) {
      // It is not space that is missing.
      return false;
    }
    long start = System.nanoTime();
    tookNanos = 0;
    lastNanos = start;
    try {
      int retired = DirectoryBinding.factory().retire(directory);
      // Somebody else who is retiring may leave something to do.
      hasRun = retired >= 0;
      tookNanos = retired > 0 ? System.nanoTime() - start : 0;
      return retired > 0;
    } catch (IOException | RuntimeException | Error e) {
      hasRun = true;
      StoreLog.warnOnce(
          "no space by retiring " + directory,
          directory + " lacks space, and dead workers there cannot be retired: " + e);
      return false;
    }
  }
}
