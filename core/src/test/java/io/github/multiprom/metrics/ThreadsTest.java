package io.github.multiprom.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.multiprom.internal.directory.DirectoryReader;
import io.github.multiprom.internal.worker.StoreUnderTest;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag(StoreUnderTest.TAG)
class ThreadsTest {
  private static final int AT_A_TIME = 8;

  @TempDir Path directory;

  @Test
  void countExactlyAndHandOnTheirLanes() throws Exception {
    try (Worker worker = Workers.in(directory)) {
      Counter counter = Counter.build("c", "Help.").labelNames("a").worker(worker).create();
      Summary summary = Summary.build("s", "Help.").worker(worker).create();
      for (int batch = 0; batch < 1000 / AT_A_TIME; batch++) {
        run(
            AT_A_TIME,
            () -> {
              for (int i = 0; i < 1000; i++) {
                counter.labels(i % 2 == 0 ? "even" : "odd").inc();
                summary.observe(1);
              }
            });
      }
      assertEquals(500_000, Workers.sums(directory).get("c[even]"));
      assertEquals(500_000, Workers.sums(directory).get("c[odd]"));
      assertEquals(1_000_000, Workers.sums(directory).get("s[]"));
      // A lane takes 512 bytes here: with one for each thread it would be half a megabyte.
      assertTrue(bytes() <= 64 << 10, bytes() + " bytes");
    }
  }

  @Test
  void countExactlyWhenThereAreMoreThanLanes() throws Exception {
    try (Worker worker =
        Workers.builder().directory(directory).maxLanes(3).withoutHousekeeping().open()) {
      Counter counter = Counter.build("c", "Help.").worker(worker).create();
      Gauge gauge = Gauge.build("g", "Help.").worker(worker).create();
      Histogram histogram = Histogram.build("h", "Help.").buckets(1).worker(worker).create();
      CountDownLatch allThere = new CountDownLatch(32);
      run(
          32,
          () -> {
            allThere.countDown();
            awaitQuietly(allThere);
            for (int i = 0; i < 10_000; i++) {
              counter.inc();
              gauge.inc();
              histogram.observe(1);
            }
          });
      assertEquals(320_000, Workers.sums(directory).get("c[]"));
      assertEquals(320_000, Workers.sums(directory).get("g[]"));
      assertEquals(320_000, Workers.sums(directory).get("h[]"));
      assertEquals(320_000, histogram.labels().get().sum);
    }
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void run(int count, Runnable work) throws InterruptedException {
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      Thread thread = new Thread(work);
      thread.start();
      threads.add(thread);
    }
    for (Thread thread : threads) {
      thread.join();
    }
  }

  private long bytes() throws IOException {
    try (DirectoryReader reader = new DirectoryReader(directory)) {
      return reader.read().bytes();
    }
  }
}
