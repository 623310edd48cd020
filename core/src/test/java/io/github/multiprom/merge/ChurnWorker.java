package io.github.multiprom.merge;

import io.github.multiprom.internal.cell.CounterCell;
import io.github.multiprom.internal.worker.Killable;
import io.github.multiprom.internal.worker.MappedIncarnation;
import io.github.multiprom.internal.worker.StoreUnderTest;
import io.github.multiprom.model.EpochClock;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;

/** A process of short-lived workers that count tenths. */
final class ChurnWorker {
  /** How many of its workers live at a time. */
  static final int LIVE = 3;

  /** Leaves time for the retirers, which start at their leisure. */
  private static final long PAUSE_NANOS = 3_000_000;

  private static final Deque<MappedIncarnation> LIVING = new ArrayDeque<>();

  private ChurnWorker() {}

  /**
   * Arguments: the directory, a seed, how many workers, and a file that ends the process early by
   * existing. Prints how many workers there were, and the exact sum of what they counted.
   *
   * <p>With the first two or three arguments its workers, or its one worker, live together: it
   * prints the sum, and they end in order when standard input ends.
   */
  public static void main(String[] arguments) throws IOException {
    Path directory = Path.of(arguments[0]);
    Random random = new Random(Long.parseLong(arguments[1]));
    if (arguments.length < 4) {
      live(directory, random, arguments.length == 2 ? 1 : Integer.parseInt(arguments[2]));
      return;
    }
    int wanted = Integer.parseInt(arguments[2]);
    Path stop = Path.of(arguments[3]);
    BigDecimal sum = BigDecimal.ZERO;
    int workers = 0;
    while (workers < wanted && !Files.exists(stop)) {
      MappedIncarnation worker = Killable.worker(directory, "churn");
      workers++;
      sum = sum.add(new BigDecimal(count(worker, random)));
      LIVING.add(worker);
      LockSupport.parkNanos(PAUSE_NANOS);
      if (LIVING.size() > LIVE) {
        end(LIVING.remove(), random);
      }
    }
    while (!LIVING.isEmpty()) {
      end(LIVING.remove(), random);
    }
    System.out.println(workers);
    System.out.println(sum);
  }

  private static void live(Path directory, Random random, int count) throws IOException {
    BigDecimal sum = BigDecimal.ZERO;
    for (int i = 0; i < count; i++) {
      MappedIncarnation worker =
          MappedIncarnation.inDirectory(directory, StoreUnderTest.options("live", 4));
      LIVING.add(worker);
      sum = sum.add(new BigDecimal(count(worker, random)));
    }
    System.out.println(sum);
    while (System.in.read() >= 0) {
      // Only its end counts.
    }
    LIVING.forEach(MappedIncarnation::close);
  }

  private static double count(MappedIncarnation worker, Random random) throws IOException {
    int family = worker.addFamily(RetiringCollector.COUNTER);
    CounterCell counter =
        worker.counter(worker.addSeries(family, List.of(), EpochClock.nowNanos()));
    int increments = 1 + random.nextInt(5);
    for (int i = 0; i < increments; i++) {
      counter.add(0.1 * (1 + random.nextInt(9)));
    }
    return counter.get();
  }

  /** A third of the workers ends as by SIGKILL. */
  private static void end(MappedIncarnation worker, Random random) {
    if (random.nextInt(3) == 0) {
      Killable.kill(worker);
    } else {
      worker.close();
    }
  }
}
