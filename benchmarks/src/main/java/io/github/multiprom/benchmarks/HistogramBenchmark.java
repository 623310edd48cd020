package io.github.multiprom.benchmarks;

import io.github.multiprom.metrics.Worker;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.prometheus.client.CollectorRegistry;
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

/**
 * What an observation costs in a histogram with the 14 default buckets; of native ones ({@code
 * prometheusMetricsNative}, {@code multipromNative}, {@code multipromBoth}) with schema 3, and with
 * these buckets besides or without; in a summary with two quantiles ({@code simpleclientQuantiles},
 * {@code multipromQuantiles}).
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(
    value = 3,
    jvmArgsAppend = {
      ChronicleFlags.CHANNELS,
      ChronicleFlags.CLEANERS,
      ChronicleFlags.COMPILER,
      ChronicleFlags.LANGUAGE,
      ChronicleFlags.REFLECTION
    })
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class HistogramBenchmark {
  private static final double[] BUCKETS = {
    .005, .01, .025, .05, .075, .1, .25, .5, .75, 1, 2.5, 5, 7.5, 10
  };

  /** More than a processor can learn by heart: a short sequence would show no wrong guesses. */
  private static final int VALUES = 1 << 16;

  /** Which client. */
  @Param({"simpleclient", "prometheusMetrics", "micrometer", "multiprom"})
  public String implementation;

  /** Where ours keeps its cells: {@code mapped} or {@code chronicle}. */
  @Param("mapped")
  public String store;

  private final double[] values = new double[VALUES];
  private MetricsFolder folder;
  private Subject subject;

  /** One histogram; a fork loads one implementation only, so that calls are not dispatched. */
  abstract static class Subject {
    abstract void observe(double value);

    void close() {}
  }

  /** Which value a thread observes next. */
  @State(Scope.Thread)
  public static class Position {
    private int next;
  }

  /** Makes the histogram, and latencies around 50 ms that fall into all buckets. */
  @Setup
  public void setUp() throws IOException {
    folder = new MetricsFolder();
    Random random = new Random(42);
    for (int i = 0; i < VALUES; i++) {
      values[i] = 0.05 * Math.exp(1.5 * random.nextGaussian());
    }
    subject =
        switch (implementation) {
          case "simpleclient" -> simpleclient();
          case "simpleclientQuantiles" -> simpleclientQuantiles();
          case "prometheusMetrics" -> prometheusMetrics();
          case "prometheusMetricsNative" -> prometheusMetricsNative();
          case "micrometer" -> micrometer();
          case "multiprom" -> multiprom(builder());
          case "multipromNative" -> multiprom(builder().nativeOnly());
          case "multipromBoth" -> multiprom(builder().withNative());
          case "multipromQuantiles" -> multipromQuantiles();
          default -> throw new IllegalArgumentException(implementation);
        };
  }

  /** Deletes the files. */
  @TearDown
  public void tearDown() {
    subject.close();
    folder.close();
  }

  /** Observes mixed latencies. */
  @Benchmark
  public void observe(Position position) {
    subject.observe(values[position.next++ & (VALUES - 1)]);
  }

  private static Subject simpleclient() {
    io.prometheus.client.Histogram.Child child =
        io.prometheus.client.Histogram.build("h", "Help.").labelNames("l").create().labels("x");
    return new Subject() {
      @Override
      void observe(double value) {
        child.observe(value);
      }
    };
  }

  private static Subject simpleclientQuantiles() {
    io.prometheus.client.Summary.Child child =
        io.prometheus.client.Summary.build("s", "Help.")
            .labelNames("l")
            .quantile(0.5, 0.01)
            .quantile(0.99, 0.001)
            .create()
            .labels("x");
    return new Subject() {
      @Override
      void observe(double value) {
        child.observe(value);
      }
    };
  }

  private static Subject prometheusMetrics() {
    io.prometheus.metrics.core.datapoints.DistributionDataPoint child =
        io.prometheus.metrics.core.metrics.Histogram.builder()
            .name("h")
            .labelNames("l")
            .classicOnly()
            .classicUpperBounds(BUCKETS)
            .withoutExemplars()
            .build()
            .labelValues("x");
    return new Subject() {
      @Override
      void observe(double value) {
        child.observe(value);
      }
    };
  }

  private static Subject prometheusMetricsNative() {
    io.prometheus.metrics.core.datapoints.DistributionDataPoint child =
        io.prometheus.metrics.core.metrics.Histogram.builder()
            .name("h")
            .labelNames("l")
            .nativeOnly()
            .nativeInitialSchema(3)
            .withoutExemplars()
            .build()
            .labelValues("x");
    return new Subject() {
      @Override
      void observe(double value) {
        child.observe(value);
      }
    };
  }

  private static Subject micrometer() {
    DistributionSummary summary =
        DistributionSummary.builder("h")
            .tag("l", "x")
            .serviceLevelObjectives(BUCKETS)
            .register(new PrometheusMeterRegistry(PrometheusConfig.DEFAULT));
    return new Subject() {
      @Override
      void observe(double value) {
        summary.record(value);
      }
    };
  }

  private static io.github.multiprom.metrics.Histogram.Builder builder() {
    return io.github.multiprom.metrics.Histogram.build("h", "Help.").labelNames("l");
  }

  private Subject multiprom(io.github.multiprom.metrics.Histogram.Builder builder)
      throws IOException {
    Worker worker = folder.openWorker(store);
    io.github.multiprom.metrics.Histogram.Child child =
        builder.worker(worker).register(new CollectorRegistry()).labels("x");
    return new Subject() {
      @Override
      void observe(double value) {
        child.observe(value);
      }

      @Override
      void close() {
        worker.close();
      }
    };
  }

  private Subject multipromQuantiles() throws IOException {
    Worker worker = folder.openWorker(store);
    io.github.multiprom.metrics.Summary.Child child =
        io.github.multiprom.metrics.Summary.build("s", "Help.")
            .labelNames("l")
            .quantile(0.5, 0.01)
            .quantile(0.99, 0.001)
            .worker(worker)
            .register(new CollectorRegistry())
            .labels("x");
    return new Subject() {
      @Override
      void observe(double value) {
        child.observe(value);
      }

      @Override
      void close() {
        worker.close();
      }
    };
  }
}
