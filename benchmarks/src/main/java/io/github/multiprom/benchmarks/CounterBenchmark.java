package io.github.multiprom.benchmarks;

import io.github.multiprom.metrics.Worker;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.prometheus.client.CollectorRegistry;
import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
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
 * What an increment costs. {@code getAndAdd} (one atomic instruction on mapped memory), {@code
 * opaqueStore} (one store) and Agrona's counter are limits to compare with, not clients: they have
 * no labels, and count through {@code incThroughLabels} as through {@code inc}.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(
    value = 3,
    jvmArgsAppend = {
      "--add-opens=java.base/jdk.internal.misc=ALL-UNNAMED",
      ChronicleFlags.CHANNELS,
      ChronicleFlags.CLEANERS,
      ChronicleFlags.COMPILER,
      ChronicleFlags.LANGUAGE,
      ChronicleFlags.REFLECTION
    })
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class CounterBenchmark {
  private static final int CHILDREN = 100;
  private static final VarHandle LONGS =
      MethodHandles.byteBufferViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  /** Which client, or which limit. */
  @Param({
    "simpleclient",
    "prometheusMetrics",
    "micrometer",
    "multiprom",
    "agrona",
    "getAndAdd",
    "opaqueStore"
  })
  public String implementation;

  /** Where ours keeps its cells: {@code mapped} or {@code chronicle}. */
  @Param("mapped")
  public String store;

  private MetricsFolder folder;
  private Subject subject;
  private Subject[] subjects;

  /** One counter; a fork loads one implementation only, so that calls are not dispatched. */
  abstract static class Subject {
    abstract void inc();

    abstract void incThroughLabels();

    void close() {}
  }

  /** Where the next child of a thread stands. */
  @State(Scope.Thread)
  public static class Position {
    private int next;
  }

  /** Makes the counters. */
  @Setup
  public void setUp() throws IOException {
    folder = new MetricsFolder();
    subjects = new Subject[CHILDREN];
    Factory factory = factory();
    for (int i = 0; i < CHILDREN; i++) {
      subjects[i] = factory.subject("/" + i);
    }
    subject = factory.subject("/x");
  }

  /** Deletes the files. */
  @TearDown
  public void tearDown() {
    subject.close();
    folder.close();
  }

  /** Increments one child. */
  @Benchmark
  public void inc() {
    subject.inc();
  }

  /** Increments a hundred children in turn. */
  @Benchmark
  public void incInTurn(Position position) {
    int i = position.next;
    position.next = i + 1 == CHILDREN ? 0 : i + 1;
    subjects[i].inc();
  }

  /** Finds a child by two labels, and increments it. */
  @Benchmark
  public void incThroughLabels() {
    subject.incThroughLabels();
  }

  private interface Factory {
    Subject subject(String path);
  }

  private Factory factory() throws IOException {
    return switch (implementation) {
      case "simpleclient" -> simpleclient();
      case "prometheusMetrics" -> prometheusMetrics();
      case "micrometer" -> micrometer();
      case "multiprom" -> multiprom();
      case "agrona" -> agrona();
      case "getAndAdd" -> getAndAdd(mapped());
      case "opaqueStore" -> opaqueStore(mapped());
      default -> throw new IllegalArgumentException(implementation);
    };
  }

  private static Factory simpleclient() {
    io.prometheus.client.Counter counter =
        io.prometheus.client.Counter.build("c", "Help.").labelNames("method", "path").create();
    return path -> {
      io.prometheus.client.Counter.Child child = counter.labels("GET", path);
      return new Subject() {
        @Override
        void inc() {
          child.inc();
        }

        @Override
        void incThroughLabels() {
          counter.labels("GET", path).inc();
        }
      };
    };
  }

  private static Factory prometheusMetrics() {
    io.prometheus.metrics.core.metrics.Counter counter =
        io.prometheus.metrics.core.metrics.Counter.builder()
            .name("c")
            .labelNames("method", "path")
            .withoutExemplars()
            .build();
    return path -> {
      io.prometheus.metrics.core.datapoints.CounterDataPoint child =
          counter.labelValues("GET", path);
      return new Subject() {
        @Override
        void inc() {
          child.inc();
        }

        @Override
        void incThroughLabels() {
          counter.labelValues("GET", path).inc();
        }
      };
    };
  }

  private static Factory micrometer() {
    PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    return path -> {
      io.micrometer.core.instrument.Counter child =
          registry.counter("c", "method", "GET", "path", path);
      return new Subject() {
        @Override
        void inc() {
          child.increment();
        }

        @Override
        void incThroughLabels() {
          registry.counter("c", "method", "GET", "path", path).increment();
        }
      };
    };
  }

  private Factory multiprom() throws IOException {
    Worker worker = folder.openWorker(store);
    io.github.multiprom.metrics.Counter counter =
        io.github.multiprom.metrics.Counter.build("c", "Help.")
            .labelNames("method", "path")
            .worker(worker)
            .register(new CollectorRegistry());
    return path -> {
      io.github.multiprom.metrics.Counter.Child child = counter.labels("GET", path);
      return new Subject() {
        @Override
        void inc() {
          child.inc();
        }

        @Override
        void incThroughLabels() {
          counter.labels("GET", path).inc();
        }

        @Override
        void close() {
          worker.close();
        }
      };
    };
  }

  private Factory agrona() throws IOException {
    org.agrona.concurrent.UnsafeBuffer values = new org.agrona.concurrent.UnsafeBuffer(mapped());
    org.agrona.concurrent.status.CountersManager counters =
        new org.agrona.concurrent.status.CountersManager(
            new org.agrona.concurrent.UnsafeBuffer(ByteBuffer.allocateDirect(1 << 20)), values);
    return path -> {
      org.agrona.concurrent.status.AtomicCounter counter = counters.newCounter(path);
      return new Subject() {
        @Override
        void inc() {
          counter.increment();
        }

        @Override
        void incThroughLabels() {
          counter.increment();
        }
      };
    };
  }

  private static Factory getAndAdd(ByteBuffer memory) {
    return path ->
        new Subject() {
          @Override
          void inc() {
            LONGS.getAndAdd(memory, Long.BYTES, 1L);
          }

          @Override
          void incThroughLabels() {
            inc();
          }
        };
  }

  private static Factory opaqueStore(ByteBuffer memory) {
    return path ->
        new Subject() {
          @Override
          void inc() {
            LONGS.setOpaque(memory, Long.BYTES, 1L);
          }

          @Override
          void incThroughLabels() {
            inc();
          }
        };
  }

  private ByteBuffer mapped() throws IOException {
    Path file = folder.path.resolve("memory");
    try (FileChannel channel =
        FileChannel.open(
            file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      channel.write(ByteBuffer.allocate(1 << 17));
      return channel.map(MapMode.READ_WRITE, 0, 1 << 17);
    }
  }
}
