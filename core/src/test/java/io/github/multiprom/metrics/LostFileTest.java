package io.github.multiprom.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.multiprom.internal.file.CrashingStore;
import io.github.multiprom.internal.worker.IncarnationWriter;
import io.github.multiprom.internal.worker.MappedIncarnation;
import io.github.multiprom.internal.worker.StoreUnderTest;
import io.github.multiprom.merge.MultiprocessCollector;
import io.github.multiprom.merge.RetiringNow;
import io.prometheus.client.CollectorRegistry;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Worker files that go, come back, or were retired while their worker lives. */
@Tag(StoreUnderTest.TAG)
class LostFileTest {
  @TempDir Path parent;

  private static String merged(Path directory, String prefix) throws IOException {
    try (MultiprocessCollector collector = new MultiprocessCollector(directory)) {
      CollectorRegistry registry = new CollectorRegistry();
      registry.register(collector);
      return Expositions.samples(registry, prefix);
    }
  }

  private static void deleteAll(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
    Files.delete(directory);
  }

  private static void tickTwice(Worker worker) {
    worker.tick();
    worker.tick();
  }

  @Test
  void countOnceHoweverOftenTheDirectoryGoesAndComes() throws IOException {
    Path directory = parent.resolve("d");
    Path away = parent.resolve("away");
    try (Worker worker = Workers.in(directory)) {
      Counter counter = Counter.build("c", "Help.").worker(worker).create();
      counter.inc(1000);
      for (int i = 1; i <= 4; i++) {
        Files.move(directory, away);
        tickTwice(worker);
        counter.inc();
        assertEquals("c_total " + (999.0 + 2 * i), merged(directory, "c_total"));
        deleteAll(directory);
        Files.move(away, directory);
        RetiringNow.retire(directory);
        tickTwice(worker);
        counter.inc();
        assertEquals("c_total " + (1000.0 + 2 * i), merged(directory, "c_total"));
        RetiringNow.retire(directory);
        assertEquals("c_total " + (1000.0 + 2 * i), merged(directory, "c_total"));
      }
    }
    RetiringNow.retire(directory);
    assertEquals("c_total 1008.0", merged(directory, "c_total"));
  }

  /** A store that has no heap for the cells of a series while a flag is set. */
  private static Worker.Store withoutHeap(AtomicBoolean noHeap) {
    return (directory, options, predecessors) -> {
      IncarnationWriter writer =
          MappedIncarnation.inDirectory(directory, options, List.copyOf(predecessors));
      return (IncarnationWriter)
          Proxy.newProxyInstance(
              LostFileTest.class.getClassLoader(),
              new Class<?>[] {IncarnationWriter.class},
              (proxy, method, arguments) -> {
                if (noHeap.get()
                    && List.of("counter", "gauge", "distribution").contains(method.getName())) {
                  throw new OutOfMemoryError("thrown by the test");
                }
                return method.invoke(writer, arguments);
              });
    };
  }

  @Test
  void countOnceWhenNoHeapIsLeftInTheMiddleOfAMove() throws IOException {
    AtomicBoolean noHeap = new AtomicBoolean();
    try (Worker worker =
        Workers.builder()
            .directory(parent)
            .directoryStore(withoutHeap(noHeap))
            .withoutHousekeeping()
            .open()) {
      Counter counter = Counter.build("c", "Help.").worker(worker).create();
      Gauge gauge = Gauge.build("g", "Help.").mode(GaugeMode.SUM).worker(worker).create();
      Histogram histogram = Histogram.build("h", "Help.").buckets(1).worker(worker).create();
      counter.inc(1000);
      gauge.set(3);
      histogram.observe(2);
      try (Stream<Path> files = Files.list(parent)) {
        Files.delete(files.filter(file -> file.toString().endsWith(".worker")).findAny().get());
      }
      worker.tick();
      noHeap.set(true);
      // One series a tick is published and gets no cell.
      for (int i = 0; i < 10; i++) {
        assertThrows(OutOfMemoryError.class, worker::tick);
        counter.inc();
        gauge.inc();
        histogram.observe(0.5);
      }
      noHeap.set(false);
      tickTwice(worker);
      assertEquals("c_total 1010.0", merged(parent, "c_total"));
      assertEquals("g 13.0", merged(parent, "g"));
      assertEquals("h_count 11.0", merged(parent, "h_count"));
      assertEquals("h_sum 7.0", merged(parent, "h_sum"));
      counter.inc();
      histogram.observe(0.5);
      assertEquals("c_total 1011.0", merged(parent, "c_total"));
      assertEquals("h_count 12.0", merged(parent, "h_count"));
    }
    RetiringNow.retire(parent);
    assertEquals("c_total 1011.0", merged(parent, "c_total"));
  }

  @Test
  void countOnceWhenTwoDirectoriesTakeTurns() throws IOException {
    Path directory = parent.resolve("d");
    Path below = Files.createDirectory(parent.resolve("below"));
    Path above = parent.resolve("above");
    try (Worker worker = Workers.in(directory)) {
      Counter counter = Counter.build("c", "Help.").worker(worker).create();
      counter.inc(1000);
      // As a mount goes and comes over a directory that is there as well.
      for (int i = 1; i <= 4; i++) {
        Files.move(directory, above);
        Files.move(below, directory);
        tickTwice(worker);
        counter.inc();
        RetiringNow.retire(directory);
        assertEquals("c_total " + (999.0 + 2 * i), merged(directory, "c_total"));
        Files.move(directory, below);
        Files.move(above, directory);
        tickTwice(worker);
        counter.inc();
        RetiringNow.retire(directory);
        assertEquals("c_total " + (1000.0 + 2 * i), merged(directory, "c_total"));
      }
    }
  }

  @Test
  void startsFromZeroWhenItWasRetiredAlive() throws IOException {
    Path directory = parent.resolve("d");
    CrashingStore store = new CrashingStore();
    try (LogLines log = new LogLines();
        Worker worker =
            Workers.builder()
                .directory(directory)
                .name("w")
                .directoryStore(store::open)
                .withoutHousekeeping()
                .open()) {
      Counter counter = Counter.build("c", "Help.").worker(worker).create();
      Histogram histogram = Histogram.build("h", "Help.").buckets(1).worker(worker).create();
      Gauge live = Gauge.build("live", "Help.").worker(worker).create();
      Gauge sum = Gauge.build("sum", "Help.").mode(GaugeMode.SUM).worker(worker).create();
      counter.inc(100);
      histogram.observe(3);
      live.set(7);
      sum.set(9);
      // The lock is lost, and the header names a process that nobody sees running.
      store.kill();
      RetiringNow.retire(directory);
      counter.inc(50);
      tickTwice(worker);
      counter.inc(5);
      histogram.observe(4);
      sum.inc();
      assertEquals("c_total 105.0", merged(directory, "c_total"));
      assertEquals("h_sum 7.0", merged(directory, "h_sum"));
      assertEquals("live{worker=\"w\",} 7.0", merged(directory, "live"));
      assertEquals("sum 10.0", merged(directory, "sum"));
      assertEquals(1, log.containing("was retired although it lives").size());
      assertTrue(
          merged(directory, "multiprom_store_errors_total")
              .contains("{reason=\"retired_wrongly\",} 1.0"));
    }
    RetiringNow.retire(directory);
    assertEquals("c_total 105.0", merged(directory, "c_total"));
  }
}
