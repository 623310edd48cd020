package io.github.multiprom.internal.directory;

import io.github.multiprom.internal.os.OwnThreads;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/** The threads in which collectors of this JVM retire dead workers. Thread-safe. */
public final class RetiringThreads {
  private static final Map<Thread, Path> RUNNING = new ConcurrentHashMap<>();

  private RetiringThreads() {}

  /**
   * Starts a thread for a retiring pass.
   *
   * @throws OutOfMemoryError if there is none to be had
   */
  public static void start(Path directory, Runnable pass) {
    Thread thread =
        OwnThreads.make(
            () -> {
              try {
                pass.run();
              } finally {
                RUNNING.remove(Thread.currentThread());
              }
            },
            "multiprom-retirer");
    thread.setDaemon(true);
    RUNNING.put(thread, key(directory));
    boolean started = false;
    try {
      thread.start();
      started = true;
    } finally {
      if (!started) {
        RUNNING.remove(thread);
      }
    }
  }

  /** Waits a little until no pass runs in a directory; not for one of this thread. */
  public static void await(Path directory, long ms) {
    Path key = key(directory);
    long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(ms);
    for (Map.Entry<Thread, Path> running : RUNNING.entrySet()) {
      if (running.getValue().equals(key) && running.getKey() != Thread.currentThread()) {
        long left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
        try {
          running.getKey().join(Math.max(1, left));
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          return;
        }
      }
    }
  }

  private static Path key(Path directory) {
    return directory.toAbsolutePath().normalize();
  }
}
