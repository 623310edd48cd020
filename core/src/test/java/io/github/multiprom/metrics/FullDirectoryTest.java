package io.github.multiprom.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.multiprom.internal.worker.SmallDisk;
import io.github.multiprom.merge.MultiprocessCollector;
import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Workers that come and go in a small directory that nobody scrapes. */
class FullDirectoryTest {
  private static final int SERIES = 1500;

  @TempDir Path parent;

  private static double value(Path directory, String name, String... labelValues) {
    try (MultiprocessCollector collector = new MultiprocessCollector(directory)) {
      return collector.collect().stream()
          .flatMap(family -> family.samples.stream())
          .filter(sample -> sample.name.equals(name))
          .filter(sample -> sample.labelValues.equals(List.of(labelValues)))
          .mapToDouble(sample -> sample.value)
          .sum();
    }
  }

  /**
   * Unmaps the files of workers that are gone. A thread of the JVM does that behind a collection,
   * before it puts references into their queues.
   */
  private static void giveBackMappings() throws InterruptedException {
    ReferenceQueue<Object> collected = new ReferenceQueue<>();
    WeakReference<Object> last = new WeakReference<>(new Object(), collected);
    System.gc();
    assertSame(last, collected.remove(TimeUnit.SECONDS.toMillis(60)));
  }

  /** A short job. What it mapped in this process is given back, as by a process that ends. */
  private static void job(Path directory) throws InterruptedException {
    giveBackMappings();
    try (Worker worker = Workers.in(directory)) {
      Counter.build("jobs", "Help.").worker(worker).create().inc();
      Counter.build("rows", "Help.").labelNames("t").worker(worker).create().labels("x").inc(10);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"400k", "16m,nr_inodes=20"})
  void getsSpaceByTheWorkersThemselves(String size) throws Exception {
    try (SmallDisk disk = new SmallDisk(parent, size)) {
      for (int i = 0; i < 40; i++) {
        job(disk.path);
      }
      assertEquals(40, value(disk.path, "jobs_total"));
      assertEquals(400, value(disk.path, "rows_total", "x"));
    }
  }

  /** Their totals do not fit into the first spare, which is made when nothing is known of them. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void getsSpaceWhereWorkersAreLarge(boolean together) throws Exception {
    try (SmallDisk disk = new SmallDisk(parent, "4m")) {
      int workers = 3;
      List<Worker> open = new ArrayList<>();
      for (int i = 0; i < workers; i++) {
        Worker worker = Workers.in(disk.path);
        open.add(worker);
        Counter rows = Counter.build("rows", "Help.").labelNames("t").worker(worker).create();
        for (int k = 0; k < SERIES; k++) {
          rows.labels("value " + k).inc();
        }
        if (together) {
          // A short job has no housekeeping; the next one sees how large it was.
          worker.tick();
        } else {
          worker.close();
        }
      }
      open.forEach(Worker::close);
      open.clear();
      disk.fill();
      for (int i = 0; i < 2; i++) {
        job(disk.path);
      }
      assertEquals(2, value(disk.path, "jobs_total"));
      for (int k = 0; k < SERIES; k += SERIES - 1) {
        assertEquals(workers, value(disk.path, "rows_total", "value " + k));
      }
    }
  }

  @Test
  void getsSpaceInHousekeepingForSeriesThatWait() throws Exception {
    try (SmallDisk disk = new SmallDisk(parent, "400k")) {
      try (Worker worker = Workers.in(disk.path)) {
        for (int i = 0; i < 10; i++) {
          job(disk.path);
        }
        disk.fill();
        Counter counter = Counter.build("many", "Help.").labelNames("a").worker(worker).create();
        for (int i = 0; i < 500; i++) {
          counter.labels("" + i).inc();
        }
        assertFalse(Workers.sums(disk.path).containsKey("many[499]"));
        // The first tick finds that there is no space, and makes it.
        worker.tick();
        Await.until(
            "the series",
            () -> {
              worker.tick();
              return Workers.sums(disk.path).containsKey("many[499]");
            });
        assertEquals(10, value(disk.path, "jobs_total"));
        assertTrue(Workers.sums(disk.path).get("many[499]") == 1);
      }
    }
  }

  /** A worker that ends has a second for what it moves. */
  private static void assumeEndsInTime(Worker worker) {
    long start = System.nanoTime();
    worker.close();
    assumeTrue(
        System.nanoTime() - start < TimeUnit.SECONDS.toNanos(1),
        "cut short: the machine stood still");
  }

  /** A short job ends before its first housekeeping. */
  @Test
  void getsSpaceWhenAWorkerEndsWithSeriesThatWait() throws Exception {
    try (SmallDisk disk = new SmallDisk(parent, "400k")) {
      try (Worker worker = Workers.in(disk.path)) {
        for (int i = 0; i < 10; i++) {
          job(disk.path);
        }
        disk.fill();
        Counter counter = Counter.build("many", "Help.").labelNames("a").worker(worker).create();
        for (int i = 0; i < 500; i++) {
          counter.labels("" + i).inc();
        }
        assertFalse(Workers.sums(disk.path).containsKey("many[499]"));
        assumeEndsInTime(worker);
      }
      assertEquals(1, value(disk.path, "many_total", "0"));
      assertEquals(1, value(disk.path, "many_total", "499"));
      assertEquals(10, value(disk.path, "jobs_total"));
    }
  }
}
