package io.github.multiprom.benchmarks.integrations;

import io.github.multiprom.micrometer.MultipromMeterRegistry;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** What Micrometer's meters cost, with its registry for Prometheus and with ours. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(3)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class MicrometerBenchmark {
  /** More than a processor can learn by heart. */
  private static final int VALUES = 1 << 16;

  /** Whose registry. */
  @Param({"micrometer", "multiprom"})
  public String registry;

  private final long[] nanos = new long[VALUES];
  private BenchmarkWorker worker;
  private MeterRegistry meters;
  private Counter counter;
  private Timer timer;
  private Timer timerWithBuckets;

  /** Which value a thread records next. */
  @State(Scope.Thread)
  public static class Position {
    private int next;
  }

  /** Makes the meters, and latencies around 50 ms. */
  @Setup
  public void setUp() throws IOException {
    Random random = new Random(42);
    for (int i = 0; i < VALUES; i++) {
      nanos[i] = (long) (0.05e9 * Math.exp(1.5 * random.nextGaussian()));
    }
    meters =
        switch (registry) {
          case "micrometer" -> new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
          case "multiprom" -> {
            worker = BenchmarkWorker.open();
            yield MultipromMeterRegistry.builder(PrometheusConfig.DEFAULT)
                .worker(worker.worker())
                .build();
          }
          default -> throw new IllegalArgumentException(registry);
        };
    counter = meters.counter("counter", "path", "/");
    timer = meters.timer("timer", "path", "/");
    timerWithBuckets =
        Timer.builder("buckets").tag("path", "/").publishPercentileHistogram().register(meters);
  }

  /** Deletes the files. */
  @TearDown
  public void tearDown() throws IOException {
    meters.close();
    if (worker != null) {
      worker.close();
    }
  }

  /** Increments a counter. */
  @Benchmark
  public void counter() {
    counter.increment();
  }

  /** Records mixed latencies in a timer that has their count and sum. */
  @Benchmark
  public void timer(Position position) {
    timer.record(nanos[position.next++ & (VALUES - 1)], TimeUnit.NANOSECONDS);
  }

  /** Records mixed latencies in a timer with the buckets that Micrometer chooses. */
  @Benchmark
  public void timerWithBuckets(Position position) {
    timerWithBuckets.record(nanos[position.next++ & (VALUES - 1)], TimeUnit.NANOSECONDS);
  }
}
