package io.github.multiprom.benchmarks;

import io.github.multiprom.internal.directory.FileStatus;
import io.github.multiprom.internal.directory.MetricsDirectory;
import io.github.multiprom.metrics.Counter;
import io.github.multiprom.metrics.Histogram;
import io.github.multiprom.metrics.Worker;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Shows how long a worker file gets by the threads that count in it. */
public final class LaneSizes {
  private static final int SERIES = 5_000;
  private static final int MANY = 200;
  private static final int ROUNDS_AT_FULL_SPEED = 200;

  private static final List<String> JSON = new ArrayList<>();

  private LaneSizes() {}

  /**
   * Prints KiB and lanes of a file in which 1 and 200 threads touched each series.
   *
   * @param args optionally a file for the results in JMH's JSON, for the charts
   */
  public static void main(String[] args) throws IOException, InterruptedException {
    try (MetricsFolder folder = new MetricsFolder();
        Worker worker = folder.openWorker("mapped")) {
      Counter counter = Counter.build("c", "Help.").labelNames("l").worker(worker).create();
      Histogram histogram = Histogram.build("h", "Help.").labelNames("l").worker(worker).create();
      List<Counter.Child> counters = new ArrayList<>();
      List<Histogram.Child> histograms = new ArrayList<>();
      for (int i = 0; i < SERIES; i++) {
        counters.add(counter.labels("" + i));
        histograms.add(histogram.labels("" + i));
      }
      Runnable once =
          () -> {
            counters.forEach(Counter.Child::inc);
            histograms.forEach(child -> child.observe(0.1));
          };
      run(1, once);
      double one = print(folder, "1 thread, once", 0);
      run(MANY, once);
      print(folder, MANY + " threads, once", one);
      run(
          MANY,
          () -> {
            for (int i = 0; i < ROUNDS_AT_FULL_SPEED; i++) {
              once.run();
            }
          });
      print(folder, MANY + " threads, at full speed", one);
    }
    if (args.length > 0) {
      Files.writeString(Path.of(args[0]), "[\n" + String.join(",\n", JSON) + "\n]\n");
    }
  }

  private static void run(int count, Runnable work) throws InterruptedException {
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      threads.add(new Thread(work));
    }
    threads.forEach(Thread::start);
    for (Thread thread : threads) {
      thread.join();
    }
  }

  private static double print(MetricsFolder folder, String threads, double one) throws IOException {
    long bytes = 0;
    int lanes = 0;
    for (FileStatus file : new MetricsDirectory(folder.path).files()) {
      bytes += file.retained() ? 0 : file.bytes();
      lanes += file.retained() ? 0 : file.laneCount() + 1;
    }
    System.out.printf(
        "%-28s %8d KiB, %d lanes, %.2f times one thread's%n",
        threads, bytes >> 10, lanes, one == 0 ? 1 : bytes / one);
    JSON.add(
        String.format(
            Locale.ROOT,
            "{\"benchmark\":\"%s.bytes\",\"threads\":1,\"params\":{\"writers\":\"%s\"},"
                + "\"primaryMetric\":{\"score\":%d,\"scoreUnit\":\"bytes\"}}",
            LaneSizes.class.getName(),
            threads,
            bytes));
    return bytes;
  }
}
