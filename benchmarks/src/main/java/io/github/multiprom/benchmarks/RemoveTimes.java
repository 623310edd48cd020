package io.github.multiprom.benchmarks;

import io.github.multiprom.metrics.Counter;
import io.github.multiprom.metrics.Worker;
import java.io.IOException;
import java.util.Arrays;
import java.util.function.Consumer;

/** Times the removal of 8,000 label sets, one by one, in turn with simpleclient's. */
public final class RemoveTimes {
  private static final int SERIES = 8_000;
  private static final double NANOS_PER_MS = 1e6;

  private RemoveTimes() {}

  /**
   * Prints the medians in milliseconds, and their ratio.
   *
   * @param args how many times
   */
  public static void main(String[] args) throws IOException {
    int times = Integer.parseInt(args[0]);
    double[] peers = new double[times];
    double[] ours = new double[times];
    for (int i = 0; i < times; i++) {
      io.prometheus.client.Counter counter =
          io.prometheus.client.Counter.build("c", "Help.").labelNames("l").create();
      peers[i] = removalMs(value -> counter.labels(value).inc(), value -> counter.remove(value));
      ours[i] = oursMs();
    }
    Arrays.sort(peers);
    Arrays.sort(ours);
    double peer = peers[times / 2];
    double our = ours[times / 2];
    System.out.printf(
        "%d removals: simpleclient %.1f ms, Multiprom %.1f ms, ratio %.2f%n",
        SERIES, peer, our, our / peer);
  }

  private static double oursMs() throws IOException {
    try (MetricsFolder folder = new MetricsFolder();
        Worker worker = folder.openWorker("mapped")) {
      Counter counter = Counter.build("c", "Help.").labelNames("l").worker(worker).create();
      return removalMs(value -> counter.labels(value).inc(), value -> counter.remove(value));
    }
  }

  private static double removalMs(Consumer<String> count, Consumer<String> remove) {
    String[] values = new String[SERIES];
    for (int i = 0; i < SERIES; i++) {
      values[i] = "value " + i;
      count.accept(values[i]);
    }
    long start = System.nanoTime();
    for (String value : values) {
      remove.accept(value);
    }
    return (System.nanoTime() - start) / NANOS_PER_MS;
  }
}
