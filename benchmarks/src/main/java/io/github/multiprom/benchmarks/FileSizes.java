package io.github.multiprom.benchmarks;

import io.github.multiprom.metrics.Counter;
import io.github.multiprom.metrics.Histogram;
import io.github.multiprom.metrics.Worker;
import io.prometheus.client.CollectorRegistry;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;

/**
 * Prints, in JMH's JSON, how large the file of a worker with 5,000 counters and 5,000 histograms is
 * by how many threads counted, and how often.
 */
public final class FileSizes {
  private static final int SERIES = 5_000;

  /** More updates than a thread makes before it gets a lane of its own. */
  private static final int MANY_UPDATES = 20;

  private FileSizes() {}

  private record Load(String label, int threads, int updates) {}

  /** Takes no arguments. */
  public static void main(String[] args) throws IOException, InterruptedException {
    List<Load> loads =
        List.of(
            new Load("each touched once", 1, 1),
            new Load("each touched once", 200, 1),
            new Load("at full speed", 1, MANY_UPDATES),
            new Load("at full speed", 200, MANY_UPDATES));
    StringBuilder json = new StringBuilder("[");
    for (Load load : loads) {
      json.append(json.length() == 1 ? "\n" : ",\n")
          .append(
              String.format(
                  Locale.ROOT,
                  "{\"benchmark\":\"io.github.multiprom.benchmarks.FileSizes.bytes\",\"threads\":%d,\"params\":{\"load\":\"%s\",\"writers\":\"%d"
                      + " %s\"},\"primaryMetric\":{\"score\":%d,\"scoreUnit\":\"bytes\"}}",
                  load.threads,
                  load.label,
                  load.threads,
                  load.threads == 1 ? "thread" : "threads",
                  bytes(load)));
    }
    System.out.println(json.append("\n]"));
  }

  private static long bytes(Load load) throws IOException, InterruptedException {
    try (MetricsFolder folder = new MetricsFolder();
        Worker worker = Worker.builder().directory(folder.path).open()) {
      CollectorRegistry registry = new CollectorRegistry();
      Counter counters =
          Counter.build("requests", "Requests.")
              .labelNames("path")
              .worker(worker)
              .register(registry);
      Histogram histograms =
          Histogram.build("latency", "Latency.")
              .labelNames("path")
              .worker(worker)
              .register(registry);
      List<String> paths = new ArrayList<>();
      for (int i = 0; i < SERIES; i++) {
        paths.add("/path/" + i);
      }
      CountDownLatch counted = new CountDownLatch(load.threads);
      List<Thread> threads = new ArrayList<>();
      for (int i = 0; i < load.threads; i++) {
        Thread thread =
            new Thread(
                () -> {
                  for (int update = 0; update < load.updates; update++) {
                    for (String path : paths) {
                      counters.labels(path).inc();
                      histograms.labels(path).observe(0.3);
                    }
                  }
                  counted.countDown();
                  try {
                    // A lane whose thread has ended would be used again.
                    counted.await();
                  } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                  }
                });
        threads.add(thread);
        thread.start();
      }
      for (Thread thread : threads) {
        thread.join();
      }
      return size(folder.path);
    }
  }

  private static long size(Path directory) throws IOException {
    long size = 0;
    try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, "*.worker")) {
      for (Path file : files) {
        size += Files.size(file);
      }
    }
    return size;
  }
}
