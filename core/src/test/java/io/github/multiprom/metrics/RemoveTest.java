package io.github.multiprom.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.multiprom.internal.directory.DirectoryReader;
import io.github.multiprom.internal.worker.StoreUnderTest;
import io.github.multiprom.model.SeriesDescriptor;
import io.prometheus.client.CollectorRegistry;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag(StoreUnderTest.TAG)
class RemoveTest {
  @TempDir Path directory;
  private final CollectorRegistry registry = new CollectorRegistry();

  private Counter counter(Worker worker) {
    return Counter.build("c", "Help.")
        .labelNames("a")
        .worker(worker)
        .register(new CollectorRegistry());
  }

  @Test
  void hidesASeriesOnceEveryWorkerRemovedIt() throws IOException {
    try (Worker one = Workers.in(directory);
        Worker two = Workers.in(directory)) {
      Counter first = counter(one);
      first.register(registry);
      Counter second = counter(two);
      first.labels("x").inc(1);
      second.labels("x").inc(2);
      first.remove("x");
      assertEquals("c_total{a=\"x\",} 3.0", Expositions.samples(registry, "c_"));
      second.remove("x");
      assertEquals("", Expositions.samples(registry, "c_"));
      first.labels("x").inc(5);
      assertEquals("c_total{a=\"x\",} 5.0", Expositions.samples(registry, "c_"));
    }
  }

  @Test
  void startsAnewWithANewCreatedTime() throws IOException {
    try (Worker worker = Workers.in(directory)) {
      Counter counter = counter(worker);
      Counter.Child old = counter.labels("x");
      old.inc(3);
      for (int i = 0; i < 50; i++) {
        counter.remove("x");
        counter.labels("x").inc();
      }
      assertNotSame(old, counter.labels("x"));
      assertEquals(1, counter.labels("x").get());
      old.inc();
      assertEquals(4, old.get());
      assertEquals(1, Workers.sums(directory).get("c[x]"));
      try (DirectoryReader reader = new DirectoryReader(directory)) {
        var catalog = reader.read().workers().get(0).catalog();
        List<SeriesDescriptor> series =
            catalog.series().stream().filter(s -> s.labelValues().equals(List.of("x"))).toList();
        long removed = 0;
        for (SeriesDescriptor life : series) {
          assertTrue(life.createdNanos() > removed, "created after it was removed");
          removed = catalog.removedNanos()[catalog.series().indexOf(life)];
        }
        assertEquals(51, series.size());
        assertEquals(0, removed);
      }
    }
  }

  @Test
  void startsAFamilyWithoutLabelsAgain() throws IOException {
    try (Worker worker = Workers.in(directory)) {
      Summary summary = Summary.build("s", "Help.").worker(worker).register(registry);
      summary.observe(3);
      summary.remove();
      assertEquals(
          """
          s_count 0.0
          s_sum 0.0\
          """,
          Expositions.samples(registry, "s_"));
      summary.observe(4);
      summary.clear();
      summary.observe(5);
      assertEquals(
          """
          s_count 1.0
          s_sum 5.0\
          """,
          Expositions.samples(registry, "s_"));
    }
  }

  @Test
  void leavesTheOthersAlone() throws IOException {
    try (Worker worker = Workers.in(directory)) {
      Counter counter = counter(worker);
      for (int i = 0; i < 100; i++) {
        counter.labels("" + i).inc(i);
      }
      for (int i = 0; i < 100; i += 2) {
        counter.remove("" + i);
      }
      counter.remove("never there");
      counter.remove("1", "2");
      for (int i = 1; i < 100; i += 2) {
        assertEquals(i, counter.labels("" + i).get());
      }
      // And the one of the worker itself.
      assertEquals(51, Workers.sums(directory).size());
    }
  }
}
