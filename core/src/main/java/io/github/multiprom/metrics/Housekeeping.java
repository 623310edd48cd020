package io.github.multiprom.metrics;

import io.github.multiprom.internal.directory.RetiringPass;
import io.github.multiprom.internal.os.OwnThreads;
import io.github.multiprom.internal.os.StoreLog;
import java.nio.file.Path;
import java.util.concurrent.locks.LockSupport;

/**
 * Does a worker's chores once a second, and renews its file when asked, in a daemon thread.
 * Thread-safe.
 */
final class Housekeeping implements Runnable {
  private static final String THREAD_NAME = "multiprom-housekeeping";
  private static final long PERIOD_NANOS = 1_000_000_000L;

  /** How often the directory is asked whether its spare is still long enough. */
  private static final int TICKS_BETWEEN_SPARES = 60;

  private final Path directory;
  private final SeriesPublisher publisher;
  private final SeriesMover mover;
  private final Sampler sampler;
  private final SpaceByRetiring space;
  // Guarded by this, as the next one.
  private long ticks;
  private boolean diskWasNoted;
  // Null if there is none.
  private volatile Thread thread;
  private volatile boolean stopped;
  private volatile boolean awake;

  Housekeeping(
      Path directory,
      SeriesPublisher publisher,
      SeriesMover mover,
      Sampler sampler,
      SpaceByRetiring space) {
    this.directory = directory;
    this.publisher = publisher;
    this.mover = mover;
    this.sampler = sampler;
    this.space = space;
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

  /** Ends the thread, after the chores that it does at the moment; it does none after that. */
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
        run(this::tick);
        next = System.nanoTime() + PERIOD_NANOS;
      } else if (awake) {
        awake = false;
        run(this::renew);
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

  /** Does the chores that are due. */
  void tick() {
    StoreLog.hold();
    try {
      synchronized (this) {
        if (stopped) {
          return;
        }
        // A worker opens without this, to be quick: a short JVM needs no hint about its disk.
        if (!diskWasNoted && publisher.hasFile()) {
          diskWasNoted = true;
          OpeningLog.noteDisk(directory, publisher.log());
        }
        mover.tick();
        sampler.tick();
        retireIfNeeded();
        if (ticks++ % TICKS_BETWEEN_SPARES == 0 && publisher.hasFile()) {
          RetiringPass.prepare(directory);
        }
      }
    } finally {
      StoreLog.release();
    }
  }

  /** Renews the worker file between two ticks. */
  private void renew() {
    StoreLog.hold();
    try {
      synchronized (this) {
        if (stopped) {
          return;
        }
        mover.renew();
        retireIfNeeded();
      }
    } finally {
      StoreLog.release();
    }
  }

  private void retireIfNeeded() {
    if (mover.isCrowded()) {
      if (space.makeAgain()) {
        mover.renew();
      }
    } else if (mover.needsSpace() && space.make()) {
      mover.useSpace();
    }
  }
}
