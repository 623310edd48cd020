package io.github.multiprom.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.multiprom.internal.worker.StoreUnderTest;
import io.github.multiprom.merge.MultiprocessCollector;
import io.github.multiprom.merge.RetiringNow;
import io.prometheus.client.Collector.MetricFamilySamples;
import io.prometheus.client.Collector.MetricFamilySamples.Sample;
import io.prometheus.client.CollectorRegistry;
import io.prometheus.client.exemplars.CounterExemplarSampler;
import io.prometheus.client.exemplars.DefaultExemplarSampler;
import io.prometheus.client.exemplars.Exemplar;
import io.prometheus.client.exemplars.ExemplarConfig;
import io.prometheus.client.exemplars.tracer.common.SpanContextSupplier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Tag(StoreUnderTest.TAG)
@Timeout(300)
class ExemplarsTest {
  @TempDir Path directory;

  private MultiprocessCollector collector;
  private final CollectorRegistry registry = new CollectorRegistry();

  /** Of a test before this one: only the default worker takes families over. */
  @BeforeEach
  void closeDefaultWorker() {
    Worker.closeDefault();
  }

  @BeforeEach
  void collect() {
    collector = new MultiprocessCollector(directory);
    registry.register(collector);
  }

  @AfterEach
  void close() {
    collector.close();
  }

  /** The exemplars of all samples, by the value of le. */
  private String shown(String name) {
    return Collections.list(registry.metricFamilySamples()).stream()
        .filter(family -> family.name.equals(name))
        .flatMap((MetricFamilySamples family) -> family.samples.stream())
        .filter(sample -> sample.exemplar != null)
        .map(ExemplarsTest::text)
        .collect(Collectors.joining(" "));
  }

  private static String text(Sample sample) {
    int le = sample.labelNames.indexOf("le");
    return (le < 0 ? "" : sample.labelValues.get(le) + ":")
        + sample.exemplar.getLabelValue(0)
        + "="
        + sample.exemplar.getValue();
  }

  private static Histogram histogram(Worker worker, long timeMs, double... bounds) {
    return Histogram.build("h", "Help.")
        .buckets(bounds)
        .worker(worker)
        .withExemplarSampler(
            (value, from, to, before) -> new Exemplar(value, timeMs, "at", "" + timeMs))
        .create();
  }

  @Test
  void showTheNewestOfEachBucketInLifeAndDeathAndTotals() throws Exception {
    try (Worker a = Workers.in(directory)) {
      histogram(a, 100, 0.05, 1).observe(0.03);
      try (Worker b = Workers.in(directory)) {
        histogram(b, 200, 0.05, 1).observe(0.04);
        assertEquals("0.05:200=0.04", shown("h"));
      }
      histogram(a, 100, 0.05, 1).observe(7);
      assertEquals("0.05:200=0.04 +Inf:100=7.0", shown("h"));
      RetiringNow.retire(directory);
      assertEquals("0.05:200=0.04 +Inf:100=7.0", shown("h"));
    }
    RetiringNow.retire(directory);
    assertEquals("0.05:200=0.04 +Inf:100=7.0", shown("h"));
    try (Worker c = Workers.in(directory)) {
      // Other bounds: the value decides.
      histogram(c, 150, 0.01, 0.05, 5).observe(0.02);
      histogram(c, 150, 0.01, 0.05, 5).observe(4);
      assertEquals("0.05:200=0.04 5.0:150=4.0 +Inf:100=7.0", shown("h"));
    }
  }

  @Test
  void areShownOfCountersAndMoveWithThem() throws Exception {
    try (Worker worker = Workers.in(directory)) {
      Counter counter = Counter.build("c", "Help.").labelNames("l").worker(worker).create();
      counter.labels("x").inc();
      assertEquals("", shown("c"));
      counter.labels("x").incWithExemplar(2, "trace", "t1", "text", "ä".repeat(110));
      counter.labels("y").incWithExemplar("trace", "t2");
      assertEquals("t2=1.0", shown("c").split(" ", -1)[1]);
      // Labels are sorted by name.
      assertEquals("ä".repeat(110) + "=2.0", shown("c").split(" ", -1)[0]);
      counter.labels("x").incWithExemplar("trace", "t3");
      try (Stream<Path> files = Files.list(directory)) {
        for (Path file : files.filter(f -> f.toString().endsWith(".worker")).toList()) {
          Files.delete(file);
        }
      }
      worker.tick();
      worker.tick();
      worker.tick();
      assertEquals("t3=1.0 t2=1.0", shown("c"));
      counter.remove("x");
      assertEquals("t2=1.0", shown("c"));
    }
  }

  @Test
  void areSampledByASamplerThatIsSetLater() throws Exception {
    CounterExemplarSampler before = ExemplarConfig.getCounterExemplarSampler();
    try (Worker worker = Workers.in(directory)) {
      Counter counter = Counter.build("c", "Help.").worker(worker).create();
      counter.inc();
      worker.tick();
      ExemplarConfig.setCounterExemplarSampler(
          (amount, previous) -> new Exemplar(amount, 5L, "trace", "t"));
      worker.tick();
      assertEquals("", shown("c"));
      counter.inc(3);
      assertEquals("t=3.0", shown("c"));
    } finally {
      ExemplarConfig.setCounterExemplarSampler(before);
    }
  }

  /** What OpenTelemetry says in this thread. */
  private static final class Span implements SpanContextSupplier {
    private boolean isSampled;
    private int questions;

    @Override
    public String getTraceId() {
      return "t";
    }

    @Override
    public String getSpanId() {
      return "s";
    }

    @Override
    public boolean isSampled() {
      questions++;
      return isSampled;
    }
  }

  @Test
  void spareTheDefaultSamplerMostQuestions() throws Exception {
    CounterExemplarSampler before = ExemplarConfig.getCounterExemplarSampler();
    Span span = new Span();
    ExemplarConfig.setCounterExemplarSampler(new DefaultExemplarSampler(span));
    try (Worker worker = Workers.in(directory)) {
      Counter counter = Counter.build("c", "Help.").worker(worker).create();
      ExemplarGate.advance(1);
      for (int i = 0; i < 1_000; i++) {
        counter.inc();
      }
      assertTrue(span.questions > 1 && span.questions < 500, span.questions + " questions");
      ExemplarGate.advance(2);
      span.isSampled = true;
      counter.inc(7);
      assertEquals("s=7.0", shown("c"));
      // It keeps one for seven seconds, so it is not asked.
      span.questions = 0;
      ExemplarGate.advance(9);
      counter.inc(8);
      assertEquals(0, span.questions);
      assertEquals("s=7.0", shown("c"));
    } finally {
      ExemplarGate.open();
      ExemplarConfig.setCounterExemplarSampler(before);
    }
  }

  /** The labels say what the value is. */
  @Test
  void areNeverShownInPart() throws Exception {
    try (Worker worker = Workers.in(directory)) {
      Counter counter = Counter.build("c", "Help.").worker(worker).create();
      AtomicBoolean end = new AtomicBoolean();
      Thread thread =
          new Thread(
              () -> {
                for (int i = 1; !end.get(); i++) {
                  for (int j = 0; j < 2_000; j++) {
                    counter.inc();
                  }
                  counter.incWithExemplar(i, "v", "" + (double) i, "w", "x".repeat(i % 90));
                }
              });
      thread.start();
      int seen = 0;
      for (int i = 0; i < 2_000; i++) {
        String text = shown("c");
        if (!text.isEmpty()) {
          String[] parts = text.split("=", -1);
          assertEquals(parts[1], parts[0]);
          seen++;
        }
      }
      end.set(true);
      thread.join();
      assertTrue(seen > 0, "none was seen");
      assertFalse(shown("c").isEmpty());
    }
  }

  @Test
  void joinWithTheirFamilyWhenADirectoryIsOpened() throws Exception {
    try (Worker memory = Workers.inMemory()) {
      CollectorRegistry own = new CollectorRegistry();
      Counter counter = Counter.build("c", "Help.").worker(memory).register(own);
      counter.incWithExemplar("trace", "t1");
      assertNotNull(counter.collect().get(0).samples.get(0).exemplar);
      try (Worker worker = Workers.in(directory)) {
        worker.tick();
        worker.tick();
        assertEquals("t1=1.0", shown("c"));
      }
    }
  }
}
