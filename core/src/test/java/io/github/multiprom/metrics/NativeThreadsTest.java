package io.github.multiprom.metrics;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.multiprom.internal.directory.DirectoryReader;
import io.github.multiprom.internal.worker.StoreUnderTest;
import io.github.multiprom.merge.MultiprocessCollector;
import io.github.multiprom.merge.NativeViews;
import io.github.multiprom.merge.NativeViews.View;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Native histograms that many threads observe, while a collector reads. */
@Tag(StoreUnderTest.TAG)
class NativeThreadsTest {
  /** So many observations give a thread its lane. */
  private static final int WARM = 10_000;

  @TempDir Path directory;

  private volatile boolean stopped;

  private interface Observations {
    long make();
  }

  private List<Thread> start(int count, AtomicLong made, Observations observations) {
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      Thread thread =
          new Thread(
              () -> {
                long own = 0;
                while (!stopped) {
                  own += observations.make();
                }
                made.addAndGet(own);
              });
      thread.start();
      threads.add(thread);
    }
    return threads;
  }

  /** Buckets and count come from the same cells, whatever a writer does meanwhile. */
  @Test
  void showsNoCountThatDiffersFromItsBuckets() throws Exception {
    AtomicLong made = new AtomicLong();
    try (Worker worker = Workers.in(directory);
        MultiprocessCollector collector =
            new MultiprocessCollector(new DirectoryReader(directory), "worker")) {
      Histogram histogram =
          Histogram.build("h", "Help.")
              .withNative()
              .nativeInitialSchema(5)
              .nativeMaxNumberOfBuckets(20)
              .buckets(-1, 0, 1, 10)
              .worker(worker)
              .create();
      List<Thread> threads =
          start(
              4,
              made,
              () -> {
                for (int i = 0; i < 1000; i++) {
                  histogram.observe(i / 100.0 - 2);
                }
                return 1000;
              });
      View last = null;
      long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(1500);
      int scrapes = 0;
      while (System.nanoTime() - end < 0 || scrapes < 20) {
        View now = NativeViews.of(collector).get("h[]");
        assertEquals(now.count(), now.nativeCount());
        if (last != null) {
          assertRises(last, now);
        }
        last = now;
        scrapes++;
      }
      stopped = true;
      for (Thread thread : threads) {
        thread.join();
      }
      View shown = NativeViews.of(collector).get("h[]");
      assertEquals((double) made.get(), shown.count());
      double sum = (double) made.get() / 1000.0 * (999 * 1000 / 2 / 100.0 - 2000);
      assertEquals(sum, shown.sum(), Math.abs(sum) * 1e-9);
      assertEquals(sum, histogram.labels().get().sum, Math.abs(sum) * 1e-9);
      assertArrayEquals(Arrays.copyOf(shown.values(), 5), histogram.labels().get().buckets);
      System.out.println(scrapes + " scrapes of " + made.get() + " observations");
    }
  }

  private static void assertRises(View before, View now) {
    int schema = now.buckets().schema();
    assertTrue(schema <= before.buckets().schema(), "the schema rose");
    assertTrue(now.buckets().zeroCount() >= before.buckets().zeroCount());
    assertRises(
        NativeViews.positive(before.buckets(), schema),
        NativeViews.positive(now.buckets(), schema));
    assertRises(
        NativeViews.negative(before.buckets(), schema),
        NativeViews.negative(now.buckets(), schema));
  }

  private static void assertRises(Map<Integer, Long> before, Map<Integer, Long> now) {
    before.forEach(
        (index, count) ->
            assertTrue(now.getOrDefault(index, 0L) >= count, "bucket " + index + " fell"));
  }

  /** Only 1 is observed, so count and sum are the same number. */
  @Test
  void showsTheSumOfItsCountOfPacedThreads() throws Exception {
    AtomicLong made = new AtomicLong();
    try (Worker worker = Workers.in(directory);
        MultiprocessCollector collector =
            new MultiprocessCollector(new DirectoryReader(directory), "worker")) {
      Histogram histogram = Histogram.build("h", "Help.").nativeOnly().worker(worker).create();
      histogram.observe(1);
      // With lanes of their own: where one comes, the sum may be ahead for a scrape.
      CountDownLatch warm = new CountDownLatch(2);
      Set<Thread> begun = ConcurrentHashMap.newKeySet();
      List<Thread> threads =
          start(
              2,
              made,
              () -> {
                if (begun.add(Thread.currentThread())) {
                  for (int i = 0; i < WARM; i++) {
                    histogram.observe(1);
                  }
                  warm.countDown();
                  return WARM;
                }
                histogram.observe(1);
                long until = System.nanoTime() + 20_000;
                while (System.nanoTime() - until < 0) {
                  Thread.onSpinWait();
                }
                return 1;
              });
      assertTrue(warm.await(60, TimeUnit.SECONDS));
      long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(1000);
      while (System.nanoTime() - end < 0) {
        View now = NativeViews.of(collector).get("h[]");
        assertEquals(now.count(), now.sum());
      }
      stopped = true;
      for (Thread thread : threads) {
        thread.join();
      }
      assertEquals(1.0 + (double) made.get(), NativeViews.of(collector).get("h[]").sum());
    }
  }

  @Test
  void takesLittleSpaceForManySeriesAndThreads() throws Exception {
    int series = 1000;
    try (Worker worker = Workers.in(directory)) {
      Histogram histogram =
          Histogram.build("h", "Help.").nativeOnly().labelNames("i").worker(worker).create();
      Thread[] threads = new Thread[200];
      for (int t = 0; t < threads.length; t++) {
        int seed = t;
        threads[t] =
            new Thread(
                () -> {
                  Random random = new Random(seed);
                  for (int i = 0; i < series; i++) {
                    Histogram.Child child = histogram.labels("" + i);
                    for (int n = 0; n < 5; n++) {
                      child.observe(0.05 * Math.exp(random.nextGaussian()));
                    }
                  }
                });
        threads[t].start();
      }
      for (Thread thread : threads) {
        thread.join();
      }
      double count = 0;
      for (View view : NativeViews.of(directory).values()) {
        count += view.count();
      }
      assertEquals(200.0 * series * 5, count);
      try (DirectoryReader reader = new DirectoryReader(directory)) {
        long bytes = reader.read().workers().get(0).bytes();
        System.out.println(bytes + " bytes");
        assertTrue(bytes <= 24 << 20, bytes + " bytes");
      }
    }
  }

  /** Threads beyond what lanes may take share cells, and count the same. */
  @Test
  void sharesCellsBeyondTheBytesOfLanes() throws Exception {
    long[] bytes = new long[2];
    for (int i = 0; i < 2; i++) {
      Path place = directory.resolve("lanes-" + i);
      Map<String, String> settings =
          i == 0 ? Map.of("multiprom.laneBytes", "0") : Map.of("multiprom.laneBytes", "-1");
      try (Worker worker =
          Workers.builder()
              .settings(Workers.settings(settings, Map.of()))
              .directory(place)
              .withoutHousekeeping()
              .open()) {
        Histogram histogram =
            Histogram.build("h", "Help.").nativeOnly().labelNames("i").worker(worker).create();
        for (int series = 0; series < 50; series++) {
          for (int n = 0; n < 500; n++) {
            histogram.labels("" + series).observe(Math.pow(2, n / 8.0 - 20));
          }
        }
        assertEquals(500, NativeViews.of(place).get("h[7]").count());
        assertArrayEquals(new double[] {500}, histogram.labels("7").get().buckets);
      }
      try (DirectoryReader reader = new DirectoryReader(place)) {
        bytes[i] = reader.read().workers().get(0).bytes();
      }
    }
    assertTrue(bytes[0] < 0.7 * bytes[1], Arrays.toString(bytes));
  }

  @Test
  void observesOftenWithOneOrTwoCommits() throws Exception {
    try (Worker worker = Workers.in(directory)) {
      Histogram histogram = Histogram.build("h", "Help.").nativeOnly().worker(worker).create();
      for (int times = 1; times <= 6; times++) {
        histogram.labels().observe(2, times);
      }
      View shown = NativeViews.of(directory).get("h[]");
      assertArrayEquals(new double[] {21, 42}, shown.values());
    }
  }
}
