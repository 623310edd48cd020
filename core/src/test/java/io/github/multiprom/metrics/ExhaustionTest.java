package io.github.multiprom.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.multiprom.internal.directory.DirectoryReader;
import io.github.multiprom.internal.worker.StoreUnderTest;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A stack that overflows anywhere in a metric call leaves the metrics in order. */
@Tag(StoreUnderTest.TAG)
class ExhaustionTest {
  private static final long MAX_NANOS = 60_000_000_000L;
  private static final int ROUNDS = 300;

  /** Frames that are not compiled yet make a round slow. */
  private static final long MAX_ROUNDS_NANOS = 10_000_000_000L;

  @TempDir Path directory;
  private int lookups;
  private int overflows;

  @Test
  void surviveOverflowsOfTheStack() throws Exception {
    try (Worker worker = Workers.in(directory)) {
      Counter counter = Counter.build("c", "Help.").labelNames("a").worker(worker).create();
      Histogram histogram = Histogram.build("h", "Help.").labelNames("a").worker(worker).create();
      overflow(counter, histogram);
      assertAllThere(worker, counter, histogram);
    }
  }

  @Test
  void surviveOverflowsOfTheStackWhileTheFileCannotGrow() throws Exception {
    try (Worker worker = Workers.in(directory)) {
      Counter counter = Counter.build("c", "Help.").labelNames("a").worker(worker).create();
      Histogram histogram = Histogram.build("h", "Help.").labelNames("a").worker(worker).create();
      Path file = workerFile();
      Path away = directory.resolve("away.tmp");
      Files.move(file, away);
      overflow(counter, histogram);
      Files.move(away, file);
      assertAllThere(worker, counter, histogram);
    }
  }

  private Path workerFile() throws IOException {
    try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, "*.worker")) {
      return files.iterator().next();
    }
  }

  private void overflow(Counter counter, Histogram histogram) throws InterruptedException {
    Thread thread =
        new Thread(
            null,
            () -> {
              long end = System.nanoTime() + MAX_ROUNDS_NANOS;
              for (int i = 0; i < ROUNDS && System.nanoTime() - end < 0; i++) {
                countAtTheEndOfTheStack(counter, histogram);
              }
            },
            "overflowing",
            256 << 10);
    thread.start();
    thread.join();
    assertTrue(lookups > 0 && overflows >= lookups, overflows + " overflows, " + lookups);
  }

  private void assertAllThere(Worker worker, Counter counter, Histogram histogram)
      throws IOException {
    for (int i = 0; i < lookups; i++) {
      counter.labels("" + i).inc(0);
      histogram.labels("" + i).observe(1);
    }
    // A segment that could not be had at the end of the stack is had a second later.
    Map<String, Double> sums = Workers.sums(directory);
    long end = System.nanoTime() + MAX_NANOS;
    while (!hasAll(sums) && System.nanoTime() - end < 0) {
      worker.tick();
      sums = Workers.sums(directory);
    }
    try (DirectoryReader reader = new DirectoryReader(directory)) {
      assertEquals(Map.of(), reader.read().skipped());
    }
    for (int i = 0; i < lookups; i++) {
      assertEquals(counter.labels("" + i).get(), sums.get("c[" + i + "]"), "counter " + i);
      assertEquals(histogram.labels("" + i).get().sum, histogram.labels("" + i).get().buckets[14]);
    }
  }

  private boolean hasAll(Map<String, Double> sums) {
    for (int i = 0; i < lookups; i++) {
      if (!sums.containsKey("c[" + i + "]")) {
        return false;
      }
    }
    return true;
  }

  /** Calls itself until the stack ends, and counts there, or as few frames before as it takes. */
  @SuppressWarnings("InfiniteRecursion") // That is the point.
  private boolean countAtTheEndOfTheStack(Counter counter, Histogram histogram) {
    try {
      if (countAtTheEndOfTheStack(counter, histogram)) {
        return true;
      }
    } catch (StackOverflowError e) {
      overflows++;
    }
    try {
      String label = Integer.toString(lookups);
      counter.labels(label).inc();
      histogram.labels(label).observe(1);
      lookups++;
      return true;
    } catch (StackOverflowError e) {
      overflows++;
      return false;
    }
  }
}
