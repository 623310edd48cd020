package io.github.multiprom.exposition;

import io.github.multiprom.metrics.Counter;
import io.github.multiprom.metrics.Gauge;
import io.github.multiprom.metrics.GaugeMode;
import io.github.multiprom.metrics.Histogram;
import io.github.multiprom.metrics.Summary;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * A worker of one of two releases, which differ in labels, bucket bounds and the mode of a gauge.
 * It counts at a steady pace and prints a line for each round that it has counted, until its
 * standard input has a byte.
 */
final class RolloutWorker {
  static final int ROUNDS_PER_SECOND = 100;

  private static final double[] LATENCIES = {0.05, 0.3, 0.7, 3};

  private RolloutWorker() {}

  /** Arguments: 1 or 2, the release. */
  public static void main(String[] arguments) throws IOException {
    boolean old = arguments[0].equals("1");
    Counter jobs = Counter.build("jobs", "Jobs of release " + arguments[0] + ".").register();
    Counter requests =
        Counter.build("requests", "Requests.")
            .labelNames(old ? new String[] {"path"} : new String[] {"path", "code"})
            .register();
    Histogram latency =
        Histogram.build("latency_seconds", "Latency.")
            .buckets(old ? new double[] {0.1, 1} : new double[] {0.1, 0.5, 1, 5})
            .register();
    Summary size = Summary.build("size_bytes", "Size.").register();
    Gauge done = Gauge.build("done", "Done.").mode(GaugeMode.SUM).register();
    Gauge peak = Gauge.build("peak", "Peak.").mode(GaugeMode.MAX).register();
    Gauge inFlight = Gauge.build("in_flight", "In flight.").mode(GaugeMode.LIVESUM).register();
    Gauge level =
        Gauge.build("level", "Level.").mode(old ? GaugeMode.LIVEALL : GaugeMode.LIVESUM).register();
    inFlight.set(1);
    level.set(1);
    long start = System.nanoTime();
    for (int round = 1; System.in.available() == 0; round++) {
      jobs.inc();
      if (old) {
        requests.labels("/").inc();
      } else {
        requests.labels("/", "200").inc();
      }
      latency.observe(LATENCIES[round % LATENCIES.length]);
      size.observe(0.5);
      done.inc();
      peak.set(round);
      System.out.write((round + "\n").getBytes(java.nio.charset.StandardCharsets.US_ASCII));
      System.out.flush();
      long next = start + TimeUnit.SECONDS.toNanos(round) / ROUNDS_PER_SECOND;
      LockSupport.parkNanos(next - System.nanoTime());
    }
  }
}
