package io.github.multiprom.metrics;

import io.github.multiprom.internal.os.OwnThreads;
import io.github.multiprom.internal.os.StoreLog;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * What a worker with a directory does last: when its JVM ends, beside the threads of others, and
 * when it is closed. Takes no lock itself, and waits a second at most for what takes some: locks
 * and logs of the application may be held forever.
 */
final class WorkerExit {
  /** So long a JVM lives that a scrape may never see. */
  private static final long BATCH_NANOS = TimeUnit.SECONDS.toNanos(60);

  /** Longer than an increment takes. */
  private static final long MOVE_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

  private static final long MAX_EXIT_MS = 1000;

  private final long openedAt;
  private final SeriesPublisher publisher;
  private final SeriesMover mover;
  private final Sampler sampler;
  private final SpaceByRetiring space;
  private final Thread hook;

  /**
   * The exit of a worker.
   *
   * @param openedAt when it was opened, as {@link System#nanoTime}
   */
  WorkerExit(
      long openedAt,
      SeriesPublisher publisher,
      SeriesMover mover,
      Sampler sampler,
      SpaceByRetiring space) {
    this.openedAt = openedAt;
    this.publisher = publisher;
    this.mover = mover;
    this.sampler = sampler;
    this.space = space;
    // No lambda, as in all that runs when a worker opens: a cold JVM pays for each.
    Runnable atExit =
        new Runnable() {
          @Override
          public void run() {
            exit();
          }
        };
    hook = OwnThreads.make(atExit, "multiprom-exit");
  }

  /** Has the JVM call this when it ends. */
  void register() {
    try {
      Runtime.getRuntime().addShutdownHook(hook);
    } catch (IllegalStateException e) {
      // The JVM is ending: the lease will tell.
    }
  }

  void unregister() {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // The JVM is ending, and the mark is made anyway.
    }
  }

  private void exit() {
    finish(
        () -> {
          sampler.sampleAtExit();
          moveWhatWaits();
          noteBatch();
        });
    publisher.markExit();
  }

  /** Moves what waits, as the worker is closed. */
  void moveAtClose() {
    if (mover.hasWaiting()) {
      finish(this::moveWhatWaits);
    }
  }

  private static void finish(Runnable task) {
    Thread thread = OwnThreads.make(task, "multiprom-exit-task");
    thread.setDaemon(true);
    thread.start();
    try {
      thread.join(MAX_EXIT_MS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void moveWhatWaits() {
    if (mover.hasWaiting()) {
      LockSupport.parkNanos(MOVE_PAUSE_NANOS);
      mover.moveAtExit();
      if (mover.needsSpace() && space.make()) {
        mover.useSpace();
      }
    }
  }

  private void noteBatch() {
    if (System.nanoTime() - openedAt < BATCH_NANOS) {
      MetricFamily gauge = publisher.liveGauge();
      if (gauge != null) {
        StoreLog.warnAtExit(
            "batch",
            "This process lived less than a minute, and collectors show gauges such as "
                + gauge.descriptor.name()
                + " of live workers only; GaugeMode.MOSTRECENT would keep the last value");
      }
    }
  }
}
