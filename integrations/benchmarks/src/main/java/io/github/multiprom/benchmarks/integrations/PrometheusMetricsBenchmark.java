package io.github.multiprom.benchmarks.integrations;

import io.prometheus.metrics.core.datapoints.CounterDataPoint;
import io.prometheus.metrics.core.datapoints.DistributionDataPoint;
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

/** What the metric types of prometheus-metrics cost, that client's own and ours. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(3)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class PrometheusMetricsBenchmark {
  /** More than a processor can learn by heart. */
  private static final int VALUES = 1 << 16;

  /** Whose types. */
  @Param({"prometheusMetrics", "multiprom"})
  public String types;

  private final double[] values = new double[VALUES];
  private BenchmarkWorker worker;
  private CounterDataPoint counter;
  private DistributionDataPoint histogram;

  /** Which value a thread observes next. */
  @State(Scope.Thread)
  public static class Position {
    private int next;
  }

  /** Makes the metrics, and latencies around 50 ms. */
  @Setup
  public void setUp() throws IOException {
    Random random = new Random(42);
    for (int i = 0; i < VALUES; i++) {
      values[i] = 0.05 * Math.exp(1.5 * random.nextGaussian());
    }
    switch (types) {
      case "prometheusMetrics" -> {
        counter =
            io.prometheus.metrics.core.metrics.Counter.builder()
                .name("counter")
                .labelNames("path")
                .withoutExemplars()
                .build()
                .labelValues("/");
        histogram =
            io.prometheus.metrics.core.metrics.Histogram.builder()
                .name("histogram")
                .labelNames("path")
                .classicOnly()
                .withoutExemplars()
                .build()
                .labelValues("/");
      }
      case "multiprom" -> {
        worker = BenchmarkWorker.open();
        counter =
            io.github.multiprom.prometheus.Counter.builder()
                .name("counter")
                .labelNames("path")
                .withoutExemplars()
                .worker(worker.worker())
                .build()
                .labelValues("/");
        histogram =
            io.github.multiprom.prometheus.Histogram.builder()
                .name("histogram")
                .labelNames("path")
                .classicOnly()
                .withoutExemplars()
                .worker(worker.worker())
                .build()
                .labelValues("/");
      }
      default -> throw new IllegalArgumentException(types);
    }
  }

  /** Deletes the files. */
  @TearDown
  public void tearDown() throws IOException {
    if (worker != null) {
      worker.close();
    }
  }

  /** Increments a counter. */
  @Benchmark
  public void inc() {
    counter.inc();
  }

  /** Observes mixed latencies in a histogram with 12 buckets. */
  @Benchmark
  public void observe(Position position) {
    histogram.observe(values[position.next++ & (VALUES - 1)]);
  }
}
