package io.github.multiprom.metrics;

import io.github.multiprom.internal.os.OwnThreads;
import io.github.multiprom.internal.os.StoreLog;
import java.util.concurrent.locks.LockSupport;

/**
 * Does a worker's chores once a second, and renews its file when asked, in a daemon thread.
 * Thread-safe.
 */
final class Housekeeping implements Runnable {
  private static final String THREAD_NAME = "multiprom-housekeeping";
  private static final long PERIOD_NANOS = 1_000_000_000L;

  private final Worker worker;
  // Null if there is none.
  private volatile Thread thread;
  private volatile boolean stopped;
  private volatile boolean awake;

  Housekeeping(Worker worker) {
    this.worker = worker;
  }

  void start() {
    try {
      thread = OwnThreads.make(this, THREAD_NAME);
      thread.setDaemon(true);
      thread.start();
    } catch (OutOfMemoryError | SecurityException e) {
      StoreLog.errorOnce(THREAD_NAME, "No housekeeping, as no thread can be started: " + e);
    }
  }

  /** Has the thread renew the worker file now. Takes no lock. */
  void wake() {
    if (!awake) {
      awake = true;
      LockSupport.unpark(thread);
    }
  }

  /** Ends the thread, after the chores that it does at the moment. */
  synchronized void stop() {
    stopped = true;
    LockSupport.unpark(thread);
  }

  /** The thread's life. Between two ticks there is a whole period. */
  @Override
  public void run() {
    long next = System.nanoTime() + PERIOD_NANOS;
    while (!stopped) {
      long left = next - System.nanoTime();
      if (left <= 0) {
        run(worker::tick);
        next = System.nanoTime() + PERIOD_NANOS;
      } else if (awake) {
        awake = false;
        run(worker::renew);
      } else {
        LockSupport.parkNanos(this, left);
        // Only stop() ends this thread, and parking would return at once from now on.
        Thread.interrupted();
      }
    }
  }

  private static void run(Runnable chore) {
    try {
      chore.run();
    } catch (RuntimeException | Error e) {
      // The next time may do better, and nothing else would.
      StoreLog.errorOnce(THREAD_NAME + e.getClass(), "Housekeeping failed: " + e);
    }
  }
}
