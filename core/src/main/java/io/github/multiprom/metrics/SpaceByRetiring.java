package io.github.multiprom.metrics;

import io.github.multiprom.internal.os.StoreLog;
import java.io.IOException;
import java.nio.file.Path;

/**
 * Gives a full metrics directory space by retiring dead workers, where nobody scrapes who would.
 * Never in a thread of the application, but for the one that opens a worker. Thread-safe.
 */
final class SpaceByRetiring {
  private static final long PAUSE_NANOS = 10_000_000_000L;

  private final Path directory;
  private boolean hasRun;
  private long lastNanos;

  SpaceByRetiring(Path directory) {
    this.directory = directory;
  }

  /**
   * Runs a retiring pass, unless one ran within the last ten seconds. Never throws.
   *
   * @return whether there may be space now
   */
  synchronized boolean make() {
    long now = System.nanoTime();
    if (hasRun && now - lastNanos < PAUSE_NANOS) {
      return false;
    }
    try {
      int retired = DirectoryBinding.factory().retire(directory);
      // Somebody else who is retiring may leave something to do.
      hasRun = retired >= 0;
      lastNanos = now;
      return retired > 0;
    } catch (IOException | RuntimeException | Error e) {
      hasRun = true;
      lastNanos = now;
      StoreLog.warnOnce(
          "no space by retiring " + directory,
          directory + " lacks space, and dead workers there cannot be retired: " + e);
      return false;
    }
  }
}
