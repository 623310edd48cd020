package io.github.multiprom.exposition;

import io.github.multiprom.metrics.Histogram;
import io.github.multiprom.metrics.Worker;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Random;
import java.util.stream.DoubleStream;

/** A worker that observes latencies in native histograms, says so, and stays until it is killed. */
final class NativeWorker {
  private static final int COUNT = 10_000;

  private NativeWorker() {}

  /** Arguments: the metrics directory and the seed. */
  public static void main(String[] arguments) throws IOException {
    Worker worker = Worker.builder().directory(Path.of(arguments[0])).open();
    observe(worker, Long.parseLong(arguments[1]));
    System.out.println("observed");
    System.in.readAllBytes();
  }

  /** The latencies of a seed, log-normal. */
  static double[] latencies(long seed) {
    Random random = new Random(seed);
    return DoubleStream.generate(() -> 0.1 * Math.exp(random.nextGaussian()))
        .limit(COUNT)
        .toArray();
  }

  static void observe(Worker worker, long seed) {
    Histogram only =
        Histogram.build("latency_native", "Latency.").nativeOnly().worker(worker).create();
    Histogram both =
        Histogram.build("latency_both", "Latency.").withNative().worker(worker).create();
    for (double latency : latencies(seed)) {
      only.observe(latency);
      both.observe(latency);
    }
  }
}
