package io.github.multiprom.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.multiprom.internal.worker.StoreUnderTest;
import io.github.multiprom.merge.MultiprocessCollector;
import io.github.multiprom.merge.RetiringNow;
import io.prometheus.client.CollectorRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Tag(StoreUnderTest.TAG)
class HousekeepingTest {
  @TempDir Path directory;
  private final CollectorRegistry registry = new CollectorRegistry();

  private List<Path> workerFiles() throws IOException {
    return filesNamed(".worker");
  }

  private List<Path> filesNamed(String suffix) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.filter(file -> file.toString().endsWith(suffix)).toList();
    }
  }

  private void deleteAll() throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
  }

  @Test
  void letsSeriesStartWhileTheFileSystemHoldsUpTheLookAtALease() throws Exception {
    assumeTrue(Files.exists(Path.of("/proc/self")));
    try (Worker worker = Workers.in(directory)) {
      Counter counter = Counter.build("c", "Help.").labelNames("a").worker(worker).create();
      for (Path lease : filesNamed(".lease")) {
        Files.delete(lease);
      }
      Thread tick = new Thread(worker::tick, "tick");
      // What is held while a file of this file system is locked, in all copies of the library.
      String key = Files.readAttributes(directory, BasicFileAttributes.class).fileKey().toString();
      String mutex = ("multiprom.locks on " + key.substring(0, key.indexOf("ino="))).intern();
      synchronized (mutex) {
        tick.start();
        Await.until("the tick waits", () -> tick.getState() == Thread.State.BLOCKED);
        Thread start = new Thread(() -> counter.labels("new").inc(), "start");
        start.start();
        start.join(60_000);
        assertFalse(start.isAlive());
      }
      tick.join();
    }
  }

  @Test
  void movesAllSeriesIntoANewFileWhenTheirsWasDeleted() throws IOException {
    try (LogLines log = new LogLines();
        Worker worker =
            Workers.builder().directory(directory).name("w").withoutHousekeeping().open()) {
      Counter counter =
          Counter.build("c", "Help.").labelNames("a").worker(worker).register(registry);
      Gauge gauge = Gauge.build("g", "Help.").worker(worker).register(registry);
      Gauge unset = Gauge.build("unset", "Help.").worker(worker).mode(GaugeMode.MIN).create();
      Gauge recent =
          Gauge.build("recent", "Help.").worker(worker).mode(GaugeMode.MOSTRECENT).create();
      Histogram histogram =
          Histogram.build("h", "Help.").buckets(1, 2).worker(worker).register(registry);
      Summary summary = Summary.build("s", "Help.").worker(worker).register(registry);
      counter.labels("x").inc(2.5);
      counter.labels("gone").inc();
      counter.remove("gone");
      gauge.set(-3);
      recent.set(8);
      List.of(0.5, 1.5, 7.0, Double.NaN).forEach(histogram::observe);
      summary.observe(4);

      deleteAll();
      worker.tick();
      assertEquals(1, workerFiles().size());
      assertEquals(2.5, counter.labels("x").get());
      counter.labels("x").inc();
      counter.labels("new").inc();
      gauge.inc(5);
      histogram.observe(0);
      worker.tick();
      counter.labels("x").inc();

      assertEquals(4.5, counter.labels("x").get());
      assertEquals(2, gauge.get());
      assertEquals(0, unset.get());
      assertEquals(8, recent.get());
      assertEquals(1, summary.get().count);
      assertEquals(
          """
          c_total{a="new",} 1.0
          c_total{a="x",} 4.5\
          """,
          Expositions.samples(registry, "c_"));
      assertEquals("g{worker=\"w\",} 2.0", Expositions.samples(registry, "g"));
      assertEquals("recent 8.0", Expositions.samples(registry, "recent"));
      assertEquals(
          """
          h_bucket{le="+Inf",} 4.0
          h_bucket{le="1.0",} 2.0
          h_bucket{le="2.0",} 3.0
          h_count 4.0
          h_sum 9.0\
          """,
          Expositions.samples(registry, "h_"));
      assertEquals(
          """
          s_count 1.0
          s_sum 4.0\
          """,
          Expositions.samples(registry, "s_"));
      assertEquals(1, log.containing("was deleted").size());
      assertEquals(
          "multiprom_store_errors_total{reason=\"file_lost\",} 1.0",
          Expositions.samples(registry, "multiprom_store_errors_total{reason=\"file"));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {".worker", ".chronicle"})
  void countsNothingTwiceWhenOneOfTheFilesWasDeleted(String suffix) throws IOException {
    try (MultiprocessCollector running = new MultiprocessCollector(directory)) {
      try (Worker worker = Workers.in(directory)) {
        Counter counter = Counter.build("c", "Help.").worker(worker).create();
        counter.inc(100);
        assertEquals(100, merged(running));
        List<Path> files = filesNamed(suffix);
        assumeTrue(files.size() == 1, "no such file in this run");

        Files.delete(files.get(0));
        assertEquals(suffix.equals(".worker") ? 0 : 100, merged(running));
        worker.tick();
        counter.inc();
        worker.tick();

        assertCounted(101, running);
        RetiringNow.retire(directory);
        assertCounted(101, running);
      }
      RetiringNow.retire(directory);
      assertCounted(101, running);
    }
  }

  private void assertCounted(double expected, MultiprocessCollector running) {
    assertEquals(expected, merged(running));
    try (MultiprocessCollector fresh = new MultiprocessCollector(directory)) {
      assertEquals(expected, merged(fresh));
    }
  }

  private static double merged(MultiprocessCollector collector) {
    return collector.collect().stream()
        .flatMap(family -> family.samples.stream())
        .filter(sample -> sample.name.equals("c_total"))
        .mapToDouble(sample -> sample.value)
        .sum();
  }

  @Test
  void movesSeriesWhenSomethingElseHasTheNameOfTheirFile() throws IOException {
    try (LogLines log = new LogLines();
        Worker worker = Workers.in(directory)) {
      Counter counter = Counter.build("c", "Help.").worker(worker).create();
      counter.inc(3);
      Path file = workerFiles().get(0);
      Files.delete(file);
      Files.createDirectories(file.resolve("in-the-way"));
      worker.tick();
      worker.tick();
      assertEquals(3, sum("c[]"));
      assertTrue(Files.exists(file.resolve("in-the-way")));
      assertEquals(1, log.containing("was deleted").size());
    }
  }

  @Test
  void movesSeriesAgainWhenTheNewFileIsDeletedAtOnce() throws IOException {
    try (Worker worker = Workers.in(directory)) {
      Counter counter = Counter.build("c", "Help.").worker(worker).create();
      Gauge gauge = Gauge.build("g", "Help.").worker(worker).create();
      for (int i = 1; i <= 5; i++) {
        counter.inc();
        gauge.set(i);
        deleteAll();
        worker.tick();
      }
      worker.tick();
      worker.tick();
      assertEquals(5, Workers.sums(directory).get("c[]"));
      assertEquals(5, Workers.sums(directory).get("g[]"));
      assertEquals(5, counter.get());
    }
  }

  @Test
  void losesNoIncrementOfRunningThreads() throws Exception {
    try (Worker worker = Workers.builder().directory(directory).open()) {
      Counter counter = Counter.build("c", "Help.").worker(worker).create();
      Gauge gauge = Gauge.build("g", "Help.").worker(worker).create();
      Histogram histogram = Histogram.build("h", "Help.").buckets(10).worker(worker).create();
      Path first = workerFiles().get(0);
      var stop = new AtomicBoolean();
      var rounds = new LongAdder();
      List<Thread> threads = new ArrayList<>();
      for (int t = 0; t < 3; t++) {
        Thread thread =
            new Thread(
                () -> {
                  while (!stop.get()) {
                    gauge.inc();
                    counter.inc();
                    histogram.observe(1);
                    gauge.dec();
                    rounds.increment();
                  }
                });
        thread.start();
        threads.add(thread);
      }
      try {
        for (int i = 0; i < 2; i++) {
          Path current = workerFiles().get(0);
          Files.delete(current);
          Await.until("a new file", () -> !workerFiles().isEmpty());
          double before = rounds.sum();
          Await.until("the values", () -> sum("c[]") >= before && sum("h[]") >= before);
        }
      } finally {
        stop.set(true);
        for (Thread thread : threads) {
          thread.join();
        }
      }
      assertTrue(Files.notExists(first));
      assertEquals((double) rounds.sum(), sum("c[]"));
      assertEquals((double) rounds.sum(), sum("h[]"));
      assertEquals(0, sum("g[]"));
      assertEquals((double) rounds.sum(), counter.get());
    }
  }

  private double sum(String series) throws IOException {
    return Workers.sums(directory).getOrDefault(series, 0.0);
  }
}
