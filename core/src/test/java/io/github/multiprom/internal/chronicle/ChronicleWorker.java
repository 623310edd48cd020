package io.github.multiprom.internal.chronicle;

import io.github.multiprom.metrics.Counter;
import io.github.multiprom.metrics.Gauge;
import io.github.multiprom.metrics.GaugeMode;
import io.github.multiprom.metrics.Histogram;
import io.github.multiprom.metrics.Summary;
import io.github.multiprom.metrics.Worker;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.logging.Level;
import java.util.logging.Logger;

/** The worker of {@link ChronicleProcessTest}: threads count in metrics of all types. */
final class ChronicleWorker {
  static final int THREADS = 4;
  static final int INCREMENTS = 30_000;
  static final int LABEL_SETS = 300;

  // Strong: a logger that nobody holds forgets its level.
  private static final Logger LOGGER = Logger.getLogger("io.github.multiprom");

  private ChronicleWorker() {}

  /**
   * Prints what the log and libraries say and, when everything is counted, {@code counted}.
   *
   * <p>Arguments: the directory; {@code exit} or {@code halt} for the end after a line of input.
   */
  public static void main(String[] arguments) throws Exception {
    System.setErr(System.out);
    LOGGER.setLevel(Level.WARNING);
    Worker worker = open(Path.of(arguments[0]), "chronicle");
    count(worker);
    System.out.println("counted");
    System.in.read();
    if (arguments[1].equals("exit")) {
      // With threads in the middle of counting.
      Counter counter = Counter.build("endless", "h").worker(worker).create();
      startThreads(() -> countWithoutEnd(counter));
      System.exit(0);
    }
    Runtime.getRuntime().halt(0);
  }

  /** Counts in a worker of its own, and goes on to count without end. */
  static void startCounting(Path directory) throws InterruptedException {
    Worker worker = open(directory, "chronicle");
    count(worker);
    Counter counter = Counter.build("endless", "h").worker(worker).create();
    startThreads(() -> countWithoutEnd(counter));
  }

  static Worker open(Path directory, String store) {
    return Worker.builder().directory(directory).name(store).store(store).open();
  }

  private static void countWithoutEnd(Counter counter) {
    while (true) {
      counter.inc();
    }
  }

  static void count(Worker worker) throws InterruptedException {
    Counter counter = Counter.build("whole", "h").labelNames("set").worker(worker).create();
    Gauge gauge = Gauge.build("level", "h").mode(GaugeMode.SUM).worker(worker).create();
    Histogram histogram = Histogram.build("seconds", "h").buckets(1, 2).worker(worker).create();
    Summary summary = Summary.build("size", "h").worker(worker).create();
    Runnable counting =
        () -> {
          for (int i = 0; i < INCREMENTS; i++) {
            counter.labels("" + i % LABEL_SETS).inc();
            gauge.inc();
            histogram.observe(i % 3 + 0.5);
            summary.observe(0.25);
          }
        };
    for (Thread thread : startThreads(counting)) {
      thread.join();
    }
  }

  private static List<Thread> startThreads(Runnable task) {
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < THREADS; i++) {
      threads.add(new Thread(task));
    }
    threads.forEach(Thread::start);
    return threads;
  }
}
