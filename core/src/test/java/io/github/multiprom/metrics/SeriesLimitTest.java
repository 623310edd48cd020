package io.github.multiprom.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.multiprom.internal.worker.StoreUnderTest;
import io.github.multiprom.merge.MultiprocessCollector;
import io.github.multiprom.merge.RetiringNow;
import io.prometheus.client.CollectorRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag(StoreUnderTest.TAG)
class SeriesLimitTest {
  private static final int LIMIT = 5;

  @TempDir Path directory;

  private Worker worker() {
    return Workers.builder().directory(directory).maxSeries(LIMIT).withoutHousekeeping().open();
  }

  private static Counter counter(Worker worker, String name, CollectorRegistry registry) {
    return Counter.build(name, "Help.").labelNames("a", "b").worker(worker).register(registry);
  }

  @Test
  void divertsFurtherLabelSetsToOneSeries() throws IOException {
    CollectorRegistry registry = new CollectorRegistry();
    try (Worker worker = worker();
        LogLines log = new LogLines()) {
      Counter counter = counter(worker, "c", registry);
      counter(worker, "small", registry).labels("a", "b").inc();
      for (int round = 0; round < 2; round++) {
        for (int i = 0; i < LIMIT + 3; i++) {
          counter.labels("" + i, "x").inc();
        }
      }
      assertEquals(
          """
          c_total{a="0",b="x",} 2.0
          c_total{a="1",b="x",} 2.0
          c_total{a="2",b="x",} 2.0
          c_total{a="3",b="x",} 2.0
          c_total{a="4",b="x",} 2.0
          c_total{a="overflow",b="overflow",} 6.0\
          """,
          Expositions.samples(registry, "c_"));
      assertEquals(
          "multiprom_series_overflowed_total{family=\"c\",} 6.0",
          Expositions.samples(registry, "multiprom_series_overflowed"));
      assertEquals(1, log.containing("limit of 5 series").size());
      assertSame(counter.labels("overflow", "overflow"), counter.labels("new", "one"));
    }
  }

  @Test
  void countsLiveSeriesOnly() throws IOException {
    CollectorRegistry registry = new CollectorRegistry();
    try (Worker worker = worker()) {
      Counter counter = counter(worker, "c", registry);
      for (int i = 0; i < LIMIT + 1; i++) {
        counter.labels("" + i, "x").inc();
      }
      counter.remove("0", "x");
      counter.labels("new", "x").inc(7);
      counter.labels("one too many", "x").inc();
      assertEquals(7, counter.labels("new", "x").get());
      assertEquals(2, counter.labels("overflow", "overflow").get());
      counter.clear();
      counter.labels("after clear", "x").inc();
      assertEquals("c_total{a=\"after clear\",b=\"x\",} 1.0", Expositions.samples(registry, "c_"));
    }
  }

  @Test
  void showsEachNewLabelSetHoweverManyCameAndWent() throws IOException {
    CollectorRegistry registry = new CollectorRegistry();
    try (Worker worker = worker()) {
      Counter labelled = counter(worker, "c", registry);
      Counter plain = Counter.build("p", "Help.").worker(worker).register(registry);
      for (int i = 0; i < 100 * LIMIT; i++) {
        labelled.labels("" + i, "x").inc(i);
        plain.inc();
        assertEquals(
            "c_total{a=\"" + i + "\",b=\"x\",} " + (double) i,
            Expositions.samples(registry, "c_total"));
        labelled.clear();
        plain.clear();
      }
      assertEquals("", Expositions.samples(registry, "multiprom_series_overflowed_total"));
    }
  }

  @Test
  void boundsTheWorkerFileByRenewingIt() throws IOException {
    comeAndGo(20_000);
  }

  @Test
  @Tag("field")
  void boundsTheWorkerFileForAMillionLabelSets() throws IOException {
    comeAndGo(1_000_000);
  }

  private void comeAndGo(int count) throws IOException {
    int limit = 100;
    try (Worker worker =
        Workers.builder().directory(directory).maxSeries(limit).withoutHousekeeping().open()) {
      Counter sessions = counter(worker, "c", new CollectorRegistry());
      Counter stays = Counter.build("stays", "Help.").worker(worker).create();
      Counter.Child first = sessions.labels("0", "x");
      for (int i = 0; i < count; i++) {
        sessions.labels("" + i, "x").inc();
        stays.inc();
        if (i >= limit - 1) {
          sessions.remove("" + (i - limit + 1), "x");
        }
        if (i % 1000 == 999) {
          worker.tick();
          RetiringNow.retire(directory);
          List<Path> files = workerFiles();
          assertTrue(files.size() <= 2, files.toString());
          for (Path file : files) {
            assertTrue(Files.size(file) < 512 << 10, file + ": " + Files.size(file));
          }
        }
      }
      assertEquals(1, first.get());
      assertEquals(1, sessions.labels("" + (count - 1), "x").get());
      assertEquals(count, stays.get());
      worker.tick();
      worker.tick();
      RetiringNow.retire(directory);
      assertEquals(1, workerFiles().size());
      try (MultiprocessCollector collector = new MultiprocessCollector(directory)) {
        CollectorRegistry registry = new CollectorRegistry();
        registry.register(collector);
        assertEquals("stays_total " + (double) count, Expositions.samples(registry, "stays_total"));
        String shown = Expositions.samples(registry, "c_total");
        assertEquals(limit - 1, shown.lines().filter(line -> line.endsWith(" 1.0")).count());
      }
    }
  }

  @Test
  void renewsItsFileHoweverFastLabelSetsComeAndGo() throws Exception {
    comeAndGoFast(StoreUnderTest.isSlow() ? 20_000 : 200_000);
  }

  @Test
  @Tag("field")
  void renewsItsFileForAMillionLabelSetsThatComeAndGoFast() throws Exception {
    comeAndGoFast(1_000_000);
  }

  private void comeAndGoFast(int count) throws Exception {
    int limit = 100;
    try (Worker worker = Workers.builder().directory(directory).maxSeries(limit).open();
        MultiprocessCollector collector = new MultiprocessCollector(directory)) {
      CollectorRegistry registry = new CollectorRegistry();
      registry.register(collector);
      Counter sessions = counter(worker, "c", new CollectorRegistry());
      Counter stays = Counter.build("stays", "Help.").worker(worker).create();
      for (int i = 0; i < count; i++) {
        sessions.labels("" + i, "x").inc();
        stays.inc();
        if (i >= limit - 1) {
          sessions.remove("" + (i - limit + 1), "x");
        }
        if (i % (count / 20) == 0) {
          assertFewSmallFiles();
          assertEquals("stays_total " + (i + 1.0), Expositions.samples(registry, "stays_total"));
          assertEquals("", Expositions.samples(registry, "c_total{a=\"overflow"));
        }
      }
      Await.until(
          "those that are left are shown",
          () ->
              Expositions.samples(registry, "c_total")
                      .lines()
                      .filter(l -> l.endsWith(" 1.0"))
                      .count()
                  == limit - 1);
      assertFewSmallFiles();
    }
  }

  @Test
  void showsEachLabelSetAtOnceHoweverManyComeAndGo() throws Exception {
    int count = 20_000;
    try (Worker worker = Workers.builder().directory(directory).maxSeries(100).open();
        MultiprocessCollector collector = new MultiprocessCollector(directory)) {
      CollectorRegistry registry = new CollectorRegistry();
      registry.register(collector);
      Counter sessions = Counter.build("c", "Help.").labelNames("a").worker(worker).create();
      for (int i = 0; i < count; i++) {
        sessions.labels("s" + i).inc();
        if (i % 500 == 499) {
          assertEquals(
              1.0,
              registry.getSampleValue("c_total", new String[] {"a"}, new String[] {"s" + i}),
              "session " + i);
        }
        sessions.remove("s" + i);
      }
    }
  }

  private void assertFewSmallFiles() throws IOException {
    List<Path> files = workerFiles();
    assertTrue(files.size() <= 3, files.toString());
    for (Path file : files) {
      try {
        assertTrue(Files.size(file) < 24 << 20, file + ": " + Files.size(file));
      } catch (NoSuchFileException e) {
        // Retired meanwhile.
      }
    }
  }

  @Test
  void hasItsOldFilesRetiredWhereNobodyScrapes() throws IOException {
    try (Worker worker = worker()) {
      Counter counter = counter(worker, "c", new CollectorRegistry());
      Path first = workerFiles().get(0);
      for (int renewal = 0; renewal < 2; renewal++) {
        for (int i = 0; i < 10 * LIMIT; i++) {
          counter.labels("" + i, "x").inc();
          counter.clear();
        }
        worker.tick();
        worker.tick();
      }
      assertTrue(Files.notExists(first));
      assertEquals(2, workerFiles().size());
    }
  }

  private List<Path> workerFiles() throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.filter(file -> file.toString().endsWith(".worker")).toList();
    }
  }

  @Test
  void doesNotHoldForTheWorkersOwnFamilies() throws IOException {
    CollectorRegistry registry = new CollectorRegistry();
    try (Worker worker = Workers.builder().directory(directory).maxSeries(1).open()) {
      for (int i = 0; i < 10; i++) {
        Counter counter = counter(worker, "c" + i, registry);
        counter.labels("a", "b").inc();
        counter.labels("c", "d").inc();
      }
      String shown = Expositions.samples(registry, "multiprom_series_overflowed_total");
      assertEquals(10, shown.lines().filter(line -> line.endsWith(" 1.0")).count(), shown);
    }
  }
}
