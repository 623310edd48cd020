package io.github.multiprom.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.multiprom.internal.worker.SmallDisk;
import io.github.multiprom.internal.worker.StoreKind;
import io.github.multiprom.internal.worker.StoreUnderTest;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Counts in a directory on a small tmpfs that a big file fills. */
@Tag(StoreUnderTest.TAG)
class FullDiskTest {
  private static final int SERIES = 2000;

  @TempDir static Path parent;
  private SmallDisk disk;
  private Path directory;

  @BeforeEach
  void mount() throws Exception {
    // A map is not made where there is less.
    disk = new SmallDisk(parent, StoreUnderTest.KIND == StoreKind.CHRONICLE ? "36m" : "1m");
    directory = disk.path;
  }

  @AfterEach
  void unmount() throws Exception {
    if (disk != null) {
      disk.close();
    }
  }

  @Test
  void keepsNewSeriesInMemoryUntilThereIsSpace() throws Exception {
    try (LogLines log = new LogLines();
        Worker worker = Workers.in(directory)) {
      Counter counter = Counter.build("c", "Help.").labelNames("a").worker(worker).create();
      counter.labels("existing").inc();
      disk.fill();
      counter.labels("existing").inc(2);
      for (int i = 0; i < SERIES; i++) {
        counter.labels("" + i).inc(i);
      }
      Gauge gauge = Gauge.build("late_gauge", "Help.").worker(worker).create();
      Gauge unset = Gauge.build("unset_gauge", "Help.").worker(worker).create();
      Histogram histogram =
          Histogram.build("late_histogram", "Help.").buckets(1).worker(worker).create();
      Summary summary = Summary.build("late_summary", "Help.").worker(worker).create();
      gauge.set(7);
      gauge.inc();
      histogram.observe(0.5);
      histogram.observe(Double.NaN);
      summary.observe(3);
      summary.observe(4);
      worker.tick();

      Map<String, Double> full = Workers.sums(directory);
      assertEquals(3, full.get("c[existing]"));
      assertFalse(full.containsKey("c[" + (SERIES - 1) + "]"));
      assertFalse(full.containsKey("late_gauge[]"));
      assertTrue(full.get("multiprom_store_errors[no_space]") > 100, full::toString);
      assertEquals(1, log.containing("No space").size());
      for (int i = 0; i < SERIES; i++) {
        assertEquals(i, counter.labels("" + i).get());
      }

      disk.free();
      awaitMoved(worker, "late_summary[]");
      counter.labels("5").inc(0.5);
      gauge.inc();
      Map<String, Double> moved = Workers.sums(directory);
      for (int i = 0; i < SERIES; i++) {
        assertEquals(i == 5 ? 5.5 : i, moved.get("c[" + i + "]"));
        assertEquals(i == 5 ? 5.5 : i, counter.labels("" + i).get());
      }
      assertEquals(9, moved.get("late_gauge[]"));
      assertEquals(9, gauge.get());
      assertEquals(0, unset.get());
      assertEquals(1, moved.get("late_histogram[]"));
      assertEquals(2, moved.get("late_summary[]"));
      assertEquals(7, summary.get().sum);
      assertEquals(0.5, histogram.labels().get().sum);
    }
  }

  @Test
  void removesSeriesLater() throws Exception {
    try (Worker worker = Workers.in(directory)) {
      Counter counter = Counter.build("c", "Help.").labelNames("a").worker(worker).create();
      for (int i = 0; i < 300; i++) {
        counter.labels("" + i).inc();
      }
      disk.fill();
      for (int round = 0; round < 5; round++) {
        counter.clear();
        for (int i = 0; i < 300; i++) {
          counter.labels("" + i).inc(round + 2);
        }
      }
      disk.free();
      awaitMoved(worker, "c[299]");
      Await.until(
          "the removals",
          () -> {
            worker.tick();
            return Workers.sums(directory).get("c[0]") == 6;
          });
      Map<String, Double> sums = Workers.sums(directory);
      for (int i = 0; i < 300; i++) {
        assertEquals(6, sums.get("c[" + i + "]"), "series " + i);
      }
    }
  }

  @Test
  void doesNotHoldUpOthersForALabelSetThatNoFileCanHold() throws Exception {
    try (Worker worker = Workers.in(directory)) {
      Counter counter = Counter.build("c", "Help.").labelNames("a").worker(worker).create();
      disk.fill();
      counter.labels("x".repeat(17 << 20)).inc();
      for (int i = 0; i < 500; i++) {
        counter.labels("" + i).inc();
      }
      disk.free();
      awaitMoved(worker, "c[499]");
    }
  }

  @Test
  void countsInMemoryWhenItIsFullFromTheBeginning() throws Exception {
    disk.fill();
    try (LogLines log = new LogLines();
        Worker worker = Workers.in(directory)) {
      Counter counter = Counter.build("c", "Help.").worker(worker).create();
      counter.inc();
      assertEquals(1, counter.get());
      assertEquals(1, log.containing("The metrics directory").size());
    }
  }

  private void awaitMoved(Worker worker, String series) throws Exception {
    Await.until(
        series,
        () -> {
          worker.tick();
          return Workers.sums(directory).containsKey(series);
        });
  }
}
