package io.github.multiprom.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.multiprom.internal.worker.StoreUnderTest;
import io.github.multiprom.merge.MultiprocessCollector;
import io.github.multiprom.merge.RetiringNow;
import io.prometheus.client.CollectorRegistry;
import java.nio.file.Path;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One worker, one name, several lists of label names and of bucket bounds. */
@Tag(StoreUnderTest.TAG)
class LabelListsTest {
  private static final String COUNTERS =
      """
      c_total{a="x",b="y",} 4.0
      c_total{a="x",} 1.0
      c_total{b="y",} 2.0\
      """;

  @TempDir Path directory;

  private static Counter counter(Worker worker, String... labelNames) {
    Counter.Builder builder = Counter.build("c", "Help.").labelNames(labelNames);
    return worker.adoptBeside(builder, builder.descriptor(), null);
  }

  private static Histogram histogram(Worker worker, double... bounds) {
    Histogram.Builder builder = Histogram.build("h", "Help.").labelNames("a").buckets(bounds);
    return worker.adoptBeside(builder, builder.descriptor(), null);
  }

  private String merged(String prefix) throws Exception {
    try (MultiprocessCollector collector = new MultiprocessCollector(directory)) {
      CollectorRegistry registry = new CollectorRegistry();
      registry.register(collector);
      // The order of labels means nothing.
      return Expositions.samples(registry, prefix)
          .replace("{b=\"y\",a=\"x\",}", "{a=\"x\",b=\"y\",}")
          .lines()
          .sorted()
          .collect(Collectors.joining("\n"));
    }
  }

  @Test
  void countSideBySideInLifeAndDeathAndTotals() throws Exception {
    try (Worker worker = Workers.in(directory)) {
      counter(worker, "a").labels("x").inc(1);
      counter(worker, "b").labels("y").inc(2);
      counter(worker, "a", "b").labels("x", "y").inc(4);
      histogram(worker, 1, 2).labels("p").observe(1.5);
      histogram(worker, 2, 4).labels("q").observe(3);
      assertEquals(COUNTERS, merged("c_"));
    }
    assertEquals(COUNTERS, merged("c_"));
    RetiringNow.retire(directory);
    assertEquals(COUNTERS, merged("c_"));
    assertTrue(merged("h_").contains("h_bucket{a=\"p\",le=\"2.0\",} 1.0"), merged("h_"));
    assertTrue(merged("h_").contains("h_bucket{a=\"q\",le=\"2.0\",} 0.0"), merged("h_"));
    assertTrue(merged("h_").contains("h_bucket{a=\"q\",le=\"4.0\",} 1.0"), merged("h_"));
  }

  @Test
  void shareTheChildrenOfEqualLabelSets() {
    try (Worker worker = Workers.in(directory)) {
      Counter a = counter(worker, "a");
      Counter ab = counter(worker, "a", "b");
      Counter ba = counter(worker, "b", "a");
      Counter none = counter(worker);
      Counter.Child first = a.labels("x");
      assertSame(first, ab.labels("x", ""));
      assertSame(first, ba.labels("", "x"));
      assertSame(ab.labels("x", "y"), ba.labels("y", "x"));
      none.labels(new String[0]).inc(3);
      assertEquals(3, a.labels("").get());
      assertSame(histogram(worker, 1).labels("x"), histogram(worker, 5).labels("x"));
      assertSame(a, counter(worker, "a"));

      ba.remove("", "x");
      assertNotSame(first, a.labels("x"));
      a.remove("");
      none.labels(new String[0]).inc(2);
      assertEquals(2, none.labels(new String[0]).get());
      assertEquals(2, ab.labels("", "").get());
    }
  }

  @Test
  void areOfOneTypeAndMode() {
    try (Worker worker = Workers.in(directory)) {
      counter(worker, "a");
      Gauge.Builder gauge = Gauge.build("c", "Help.").labelNames("b");
      assertThrows(
          IllegalArgumentException.class,
          () -> worker.adoptBeside(gauge, gauge.descriptor(), null));
    }
  }

  @Test
  void shareOneLimit() throws Exception {
    try (Worker worker =
        Workers.builder().directory(directory).maxSeries(3).withoutHousekeeping().open()) {
      Counter a = counter(worker, "a");
      Counter b = counter(worker, "b");
      for (int i = 0; i < 5; i++) {
        a.labels("" + i).inc();
        b.labels("" + i).inc();
      }
      assertEquals(3, merged("c_").lines().filter(line -> !line.contains("overflow")).count());
      assertEquals(3, a.labels("overflow").get());
      assertEquals(4, b.labels("overflow").get());
      a.remove("0");
      b.labels("new").inc();
      assertEquals(1, b.labels("new").get());
      assertEquals(4, b.labels("overflow").get());
    }
  }
}
