package io.github.multiprom.benchmarks;

import io.github.multiprom.metrics.GaugeMode;
import io.github.multiprom.metrics.Worker;
import io.prometheus.client.CollectorRegistry;
import java.io.IOException;
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
 * What setting a gauge costs. {@code mostRecent} also notes when it was set; {@code clockAndField}
 * (a look at {@link System#nanoTime} and two stores) is the limit to compare that with.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(3)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class GaugeBenchmark {
  /** Which client, or which limit. */
  @Param({"simpleclient", "prometheusMetrics", "multiprom", "mostRecent", "clockAndField"})
  public String implementation;

  private MetricsFolder folder;
  private Subject subject;

  /** One gauge; a fork loads one implementation only, so that calls are not dispatched. */
  abstract static class Subject {
    abstract void set(double value);

    void close() {}
  }

  /** What a thread sets next. */
  @State(Scope.Thread)
  public static class Values {
    private double next;
  }

  /** Makes the gauge. */
  @Setup
  public void setUp() throws IOException {
    folder = new MetricsFolder();
    subject =
        switch (implementation) {
          case "simpleclient" -> simpleclient();
          case "prometheusMetrics" -> prometheusMetrics();
          case "multiprom" -> multiprom(GaugeMode.ALL);
          case "mostRecent" -> multiprom(GaugeMode.MOSTRECENT);
          case "clockAndField" -> new ClockAndField();
          default -> throw new IllegalArgumentException(implementation);
        };
  }

  /** Deletes the files. */
  @TearDown
  public void tearDown() {
    subject.close();
    folder.close();
  }

  /** Sets the gauge. */
  @Benchmark
  public void set(Values values) {
    subject.set(values.next++);
  }

  private static Subject simpleclient() {
    io.prometheus.client.Gauge.Child child =
        io.prometheus.client.Gauge.build("g", "Help.").labelNames("l").create().labels("x");
    return new Subject() {
      @Override
      void set(double value) {
        child.set(value);
      }
    };
  }

  private static Subject prometheusMetrics() {
    io.prometheus.metrics.core.datapoints.GaugeDataPoint child =
        io.prometheus.metrics.core.metrics.Gauge.builder()
            .name("g")
            .labelNames("l")
            .withoutExemplars()
            .build()
            .labelValues("x");
    return new Subject() {
      @Override
      void set(double value) {
        child.set(value);
      }
    };
  }

  private Subject multiprom(GaugeMode mode) throws IOException {
    Worker worker = folder.openWorker("mapped");
    io.github.multiprom.metrics.Gauge.Child child =
        io.github.multiprom.metrics.Gauge.build("g", "Help.")
            .labelNames("l")
            .mode(mode)
            .worker(worker)
            .register(new CollectorRegistry())
            .labels("x");
    return new Subject() {
      @Override
      void set(double value) {
        child.set(value);
      }

      @Override
      void close() {
        worker.close();
      }
    };
  }

  private static final class ClockAndField extends Subject {
    private double value;
    private double time;

    @Override
    void set(double newValue) {
      value = newValue;
      time = (double) System.nanoTime();
    }

    @Override
    void close() {
      if (value > time) {
        throw new IllegalStateException("the clock stands");
      }
    }
  }
}
