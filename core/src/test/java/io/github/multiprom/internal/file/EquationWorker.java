package io.github.multiprom.internal.file;

import io.github.multiprom.internal.cell.DistributionCells;
import io.github.multiprom.internal.worker.Fixtures;
import io.github.multiprom.internal.worker.MappedIncarnation;
import io.github.multiprom.model.FamilyDescriptor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The worker of {@link EquationProcessTest}: threads that observe only 1.0 until standard input
 * ends. Prints {@code ready}, and at the end how often it observed.
 */
final class EquationWorker {
  static final int THREADS = 4;
  static final FamilyDescriptor FAMILY = Fixtures.histogram("ones", List.of(0.5, 1.0, 2.0));

  private static volatile boolean stopped;

  private EquationWorker() {}

  /** Arguments: the directory, and the least time between two observations in nanoseconds. */
  public static void main(String[] arguments) throws Exception {
    MappedIncarnation worker =
        MappedIncarnation.inDirectory(Path.of(arguments[0]), Fixtures.OPTIONS);
    long pauseNanos = Long.parseLong(arguments[1]);
    DistributionCells cells = worker.distribution(Fixtures.addSingle(worker, FAMILY));
    AtomicLong observed = new AtomicLong();
    Thread[] threads = new Thread[THREADS];
    for (int i = 0; i < THREADS; i++) {
      threads[i] = new Thread(() -> observed.addAndGet(observe(cells, pauseNanos)));
      threads[i].start();
    }
    System.out.println("ready");
    awaitEndOfInput();
    stopped = true;
    for (Thread thread : threads) {
      thread.join(TimeUnit.SECONDS.toMillis(30));
    }
    System.out.println(observed.get());
    worker.close();
  }

  private static void awaitEndOfInput() throws IOException {
    while (System.in.read() >= 0) {
      // Only its end counts.
    }
  }

  private static long observe(DistributionCells cells, long pauseNanos) {
    long count = 0;
    while (!stopped) {
      cells.observe(1, 1.0);
      count++;
      if (pauseNanos > 0) {
        long until = System.nanoTime() + pauseNanos;
        while (System.nanoTime() - until < 0) {
          Thread.onSpinWait();
        }
      }
    }
    return count;
  }
}
