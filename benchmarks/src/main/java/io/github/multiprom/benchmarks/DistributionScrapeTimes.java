package io.github.multiprom.benchmarks;

import io.github.multiprom.exposition.format.ExpositionFormat;
import io.github.multiprom.exposition.format.ExpositionWriter;
import io.github.multiprom.merge.MultiprocessCollector;
import io.github.multiprom.metrics.Histogram;
import io.github.multiprom.metrics.Summary;
import io.github.multiprom.metrics.Worker;
import io.prometheus.client.CollectorRegistry;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.DoubleConsumer;
import java.util.function.Function;

/**
 * Times warm scrapes of 100 workers with 100 distributions each: classic histograms of 14 buckets,
 * native ones of 160 buckets, both views, and summaries with two quantiles.
 */
public final class DistributionScrapeTimes {
  private static final int WORKERS = 100;
  private static final int SERIES = 100;
  private static final int BUCKETS = 160;
  private static final int WARM_UP = 30;
  private static final double NANOS_PER_MS = 1e6;

  private DistributionScrapeTimes() {}

  /** Makes the series of one worker. */
  @FunctionalInterface
  private interface Kind {
    Function<String, DoubleConsumer> in(Worker worker);
  }

  /**
   * Prints the medians in milliseconds, of the text, and of protobuf that has native buckets.
   *
   * @param args how many scrapes to time
   */
  public static void main(String[] args) throws IOException {
    int times = Integer.parseInt(args[0]);
    print("classic", times, worker -> histogram(worker, Histogram.build("d", "Help.")));
    print("native", times, worker -> histogram(worker, Histogram.build("d", "Help.").nativeOnly()));
    print("both", times, worker -> histogram(worker, Histogram.build("d", "Help.").withNative()));
    print("quantiles", times, DistributionScrapeTimes::summary);
  }

  private static Function<String, DoubleConsumer> histogram(
      Worker worker, Histogram.Builder builder) {
    Histogram all = builder.labelNames("path").worker(worker).register(new CollectorRegistry());
    return path -> all.labels(path)::observe;
  }

  private static Function<String, DoubleConsumer> summary(Worker worker) {
    Summary all =
        Summary.build("d", "Help.")
            .quantile(0.5, 0.01)
            .quantile(0.99, 0.001)
            .labelNames("path")
            .worker(worker)
            .register(new CollectorRegistry());
    return path -> all.labels(path)::observe;
  }

  private static void print(String name, int times, Kind kind) throws IOException {
    List<Worker> workers = new ArrayList<>();
    try (MetricsFolder folder = new MetricsFolder()) {
      for (int i = 0; i < WORKERS; i++) {
        Worker worker = Worker.builder().directory(folder.path).name("w" + i).open();
        workers.add(worker);
        Function<String, DoubleConsumer> series = kind.in(worker);
        for (int s = 0; s < SERIES; s++) {
          DoubleConsumer one = series.apply("/path/" + s);
          for (int bucket = 0; bucket < BUCKETS; bucket++) {
            // One in each bucket of schema 3.
            one.accept(0.001 * Math.pow(2, (bucket + 0.5) / 8));
          }
        }
      }
      try (MultiprocessCollector collector = new MultiprocessCollector(folder.path)) {
        double textMs = medianMs(times, collector, ExpositionFormat.TEXT);
        double protobufMs = medianMs(times, collector, ExpositionFormat.PROTOBUF);
        System.out.printf("%s: text %.1f ms, protobuf %.1f ms%n", name, textMs, protobufMs);
      }
      workers.forEach(Worker::close);
    }
  }

  private static double medianMs(
      int times, MultiprocessCollector collector, ExpositionFormat format) {
    ExpositionWriter writer = ExpositionWriter.of(format);
    double[] ms = new double[WARM_UP + times];
    for (int i = 0; i < ms.length; i++) {
      long start = System.nanoTime();
      collector.merge(family -> true, families -> writer.writeAll(families, name -> true));
      ms[i] = (System.nanoTime() - start) / NANOS_PER_MS;
    }
    Arrays.sort(ms, WARM_UP, ms.length);
    return ms[WARM_UP + times / 2];
  }
}
