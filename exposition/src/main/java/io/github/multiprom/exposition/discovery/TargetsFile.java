package io.github.multiprom.exposition.discovery;

import io.github.multiprom.internal.os.OwnThreads;
import io.github.multiprom.internal.os.StoreLog;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * A file of targets for Prometheus' {@code file_sd_configs}, which is kept up to date. Thread-safe.
 */
public final class TargetsFile implements AutoCloseable {
  private static final long PAUSE_SECONDS = 2;

  private final Path file;
  private final Supplier<byte[]> targets;
  private final CountDownLatch closed = new CountDownLatch(1);
  // The thread's alone.
  private byte[] written;

  private TargetsFile(Path file, Supplier<byte[]> targets) {
    this.file = file;
    this.targets = targets;
  }

  /**
   * Writes a file, so that a reader sees the list before or this one, whole.
   *
   * @throws IOException if that fails
   */
  public static void write(Path file, byte[] targets) throws IOException {
    Path temporary = file.resolveSibling(file.getFileName() + ".tmp");
    try {
      Files.write(temporary, targets);
      Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      Files.deleteIfExists(temporary);
      throw e;
    }
  }

  /**
   * Writes a file every two seconds, if the list is another one or the file is gone, in a daemon
   * thread.
   */
  public static TargetsFile keep(Path file, Supplier<byte[]> targets) {
    TargetsFile kept = new TargetsFile(file, targets);
    Thread thread = OwnThreads.make(kept::run, "multiprom-file-sd");
    thread.setDaemon(true);
    thread.start();
    return kept;
  }

  private void run() {
    try {
      do {
        update();
      } while (!closed.await(PAUSE_SECONDS, TimeUnit.SECONDS));
    } catch (InterruptedException e) {
      // No other code knows this thread.
    }
  }

  private void update() {
    try {
      byte[] now = targets.get();
      if (!Arrays.equals(now, written) || Files.notExists(file)) {
        write(file, now);
        written = now;
      }
    } catch (IOException | RuntimeException | OutOfMemoryError e) {
      StoreLog.warnOnce("file-sd " + file + e, "Targets cannot be written to " + file + ": " + e);
    }
  }

  /** Ends the writing; the file stays. */
  @Override
  public void close() {
    closed.countDown();
  }
}
