package io.github.multiprom.benchmarks;

import io.github.multiprom.metrics.Worker;
import io.prometheus.client.CollectorRegistry;
import io.prometheus.client.exemplars.DefaultExemplarSampler;
import io.prometheus.client.exemplars.ExemplarConfig;
import io.prometheus.client.exemplars.tracer.common.SpanContextSupplier;
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

/** What counting costs while the default sampler of simpleclient looks for exemplars. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(3)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class ExemplarBenchmark {
  /** Which client. */
  @Param({"simpleclient", "multiprom"})
  public String implementation;

  /** Whether the thread is in a span that is sampled. */
  @Param({"false", "true"})
  public boolean span;

  private MetricsFolder folder;
  private Subject subject;

  /** A counter and a histogram; a fork loads one implementation only. */
  abstract static class Subject {
    abstract void inc();

    abstract void observe(double value);

    void close() {}
  }

  private record FixedSpan(boolean isSampled) implements SpanContextSupplier {
    @Override
    public String getTraceId() {
      return "0123456789abcdef0123456789abcdef";
    }

    @Override
    public String getSpanId() {
      return "0123456789abcdef";
    }
  }

  /** Sets the sampler and makes the metrics. */
  @Setup
  public void setUp() throws IOException {
    folder = new MetricsFolder();
    DefaultExemplarSampler sampler = new DefaultExemplarSampler(new FixedSpan(span));
    ExemplarConfig.setCounterExemplarSampler(sampler);
    ExemplarConfig.setHistogramExemplarSampler(sampler);
    subject =
        switch (implementation) {
          case "simpleclient" -> simpleclient();
          case "multiprom" -> multiprom();
          default -> throw new IllegalArgumentException(implementation);
        };
  }

  /** Deletes the files. */
  @TearDown
  public void tearDown() {
    subject.close();
    folder.close();
  }

  /** Adds 1 to a counter. */
  @Benchmark
  public void inc() {
    subject.inc();
  }

  /** Observes in a histogram. */
  @Benchmark
  public void observe() {
    subject.observe(0.05);
  }

  private static Subject simpleclient() {
    io.prometheus.client.Counter counter =
        io.prometheus.client.Counter.build("c", "Help.").create();
    io.prometheus.client.Histogram histogram =
        io.prometheus.client.Histogram.build("h", "Help.").create();
    return new Subject() {
      @Override
      void inc() {
        counter.inc();
      }

      @Override
      void observe(double value) {
        histogram.observe(value);
      }
    };
  }

  private Subject multiprom() throws IOException {
    Worker worker = folder.openWorker("mapped");
    CollectorRegistry registry = new CollectorRegistry();
    io.github.multiprom.metrics.Counter counter =
        io.github.multiprom.metrics.Counter.build("c", "Help.").worker(worker).register(registry);
    io.github.multiprom.metrics.Histogram histogram =
        io.github.multiprom.metrics.Histogram.build("h", "Help.").worker(worker).register(registry);
    return new Subject() {
      @Override
      void inc() {
        counter.inc();
      }

      @Override
      void observe(double value) {
        histogram.observe(value);
      }

      @Override
      void close() {
        worker.close();
      }
    };
  }
}
