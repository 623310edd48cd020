package io.github.multiprom.metrics;

import io.github.multiprom.internal.os.OwnThreads;
import io.github.multiprom.internal.os.StoreLog;

/** Does a worker's chores once a second, in a daemon thread. Thread-safe. */
final class Housekeeping implements Runnable {
  private static final String THREAD_NAME = "multiprom-housekeeping";
  private static final long PERIOD_NANOS = 1_000_000_000L;
  private static final long NANOS_PER_MILLI = 1_000_000L;

  private final Worker worker;
  private boolean stopped;

  Housekeeping(Worker worker) {
    this.worker = worker;
  }

  void start() {
    try {
      Thread thread = OwnThreads.make(this, THREAD_NAME);
      thread.setDaemon(true);
      thread.start();
    } catch (OutOfMemoryError | SecurityException e) {
      StoreLog.errorOnce(THREAD_NAME, "No housekeeping, as no thread can be started: " + e);
    }
  }

  synchronized void stop() {
    stopped = true;
    notifyAll();
  }

  /** The thread's life. */
  @Override
  public void run() {
    while (pause()) {
      try {
        worker.tick();
      } catch (RuntimeException | Error e) {
        // The next time may do better, and nothing else would.
        StoreLog.errorOnce(THREAD_NAME + e.getClass(), "Housekeeping failed: " + e);
      }
    }
  }

  /** Waits for one whole period; false if it was stopped. */
  private synchronized boolean pause() {
    long end = System.nanoTime() + PERIOD_NANOS;
    for (long left = PERIOD_NANOS; !stopped && left > 0; left = end - System.nanoTime()) {
      try {
        wait(left / NANOS_PER_MILLI + 1);
      } catch (InterruptedException e) {
        // Only stop() ends this thread.
      }
    }
    return !stopped;
  }
}
