package io.github.multiprom.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.multiprom.internal.worker.SmallDisk;
import io.github.multiprom.internal.worker.StoreKind;
import io.github.multiprom.internal.worker.StoreUnderTest;
import io.prometheus.client.CollectorRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A worker whose directory could not be used when it was opened. */
@Tag(StoreUnderTest.TAG)
class LateOpeningTest {
  @TempDir Path parent;
  private final CollectorRegistry registry = new CollectorRegistry();

  /** Counts with all types, opens late by {@code makeUsable}, and finds all that was counted. */
  private void movesIn(Path directory, Usable makeUsable) throws Exception {
    try (LogLines log = new LogLines();
        Worker worker =
            Workers.builder().directory(directory).name("w").withoutHousekeeping().open()) {
      Counter counter =
          Counter.build("c", "Help.").labelNames("a").worker(worker).register(registry);
      Gauge gauge = Gauge.build("g", "Help.").worker(worker).register(registry);
      Gauge unset = Gauge.build("u", "Help.").worker(worker).mode(GaugeMode.MIN).create();
      Histogram histogram =
          Histogram.build("h", "Help.").buckets(1).worker(worker).register(registry);
      counter.labels("x").inc(3);
      counter.labels("gone").inc();
      counter.remove("gone");
      gauge.set(7);
      histogram.observe(0.5);
      worker.tick();
      counter.labels("x").inc();
      assertEquals(4, counter.labels("x").get());
      assertEquals("c_total{a=\"x\",} 4.0", Expositions.samples(registry, "c_total"));
      assertEquals(1, log.containing("metrics directory " + directory + " cannot").size());

      makeUsable.run();
      worker.tick();
      counter.labels("x").inc();
      counter.labels("new").inc();

      assertEquals(
          """
          c_total{a="new",} 1.0
          c_total{a="x",} 5.0\
          """,
          Expositions.samples(registry, "c_total"));
      assertEquals("g{worker=\"w\",} 7.0", Expositions.samples(registry, "g"));
      assertEquals(0, unset.get());
      assertEquals("h_count 1.0", Expositions.samples(registry, "h_count"));
      assertEquals(
          "multiprom_store_errors_total{reason=\"directory_unusable\",} 1.0",
          Expositions.samples(registry, "multiprom_store_errors_total{reason=\"dir"));
      assertEquals(1, log.containing("can be used now").size());
      assertEquals(1, log.containing("metrics directory " + directory + " cannot").size());
    }
  }

  @FunctionalInterface
  private interface Usable {
    void run() throws Exception;
  }

  @Test
  void movesInWhenSomethingElseIsOutOfTheWay() throws Exception {
    Path file = Files.writeString(parent.resolve("d"), "not a directory");
    movesIn(file, () -> Files.delete(file));
  }

  @Test
  void movesInWhenTheDirectoryAboveIsMade() throws Exception {
    Path link = Files.createSymbolicLink(parent.resolve("link"), parent.resolve("volume"));
    movesIn(link.resolve("metrics"), () -> Files.createDirectory(parent.resolve("volume")));
  }

  @Test
  void movesInWhenThereIsSpace() throws Exception {
    String size = StoreUnderTest.KIND == StoreKind.CHRONICLE ? "36m" : "1m";
    try (SmallDisk disk = new SmallDisk(parent, size)) {
      Path directory = Files.createDirectory(disk.path.resolve("d"));
      disk.fill();
      movesIn(directory, disk::free);
    }
  }

  @Test
  void endsWithoutATraceIfTheDirectoryNeverCanBeUsed() throws IOException {
    Path file = Files.writeString(parent.resolve("d"), "not a directory");
    try (Worker worker = Workers.in(file)) {
      Counter counter = Counter.build("c", "Help.").worker(worker).register(registry);
      counter.inc();
      worker.tick();
      assertTrue(worker.toString().endsWith(" in " + file.toRealPath()));
    }
    assertEquals("not a directory", Files.readString(file));
  }
}
