package io.github.multiprom.metrics;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.multiprom.internal.worker.SmallDisk;
import io.github.multiprom.internal.worker.StoreKind;
import io.github.multiprom.internal.worker.StoreUnderTest;
import io.github.multiprom.merge.NativeViews;
import io.github.multiprom.merge.NativeViews.View;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A native histogram that needs another chunk while the disk is full. */
@Tag(StoreUnderTest.TAG)
class NativeFullDiskTest {
  private static final int VALUES = 3000;
  private static final int CHILDREN = 10;

  @TempDir static Path parent;

  private static double value(int i) {
    return Math.pow(2, i % 1000 / 8.0) * (i % 2 == 0 ? 1 : -1);
  }

  @Test
  void countsInMemoryUntilThereIsSpace() throws Exception {
    try (SmallDisk disk =
            new SmallDisk(parent, StoreUnderTest.KIND == StoreKind.CHRONICLE ? "36m" : "1m");
        Worker worker = Workers.in(disk.path)) {
      Histogram histogram =
          Histogram.build("h", "Help.").nativeOnly().labelNames("a").worker(worker).create();
      Histogram.Child child = histogram.labels("early");
      child.observe(1);
      disk.fill();
      // Until the file, too, is full.
      for (int i = 0; i < 2000; i++) {
        histogram.labels("" + i).observe(1);
      }
      double sum = 1;
      for (int i = 0; i < VALUES; i++) {
        child.observe(value(i));
        sum += value(i);
      }
      assertArrayEquals(new double[] {VALUES + 1}, child.get().buckets);
      assertEquals(sum, child.get().sum, Math.abs(sum) * 1e-12);
      assertTrue(shown(disk).count() < VALUES + 1, "there was space");

      disk.free();
      long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
      while (shown(disk).count() < VALUES + 1 && System.nanoTime() - end < 0) {
        worker.tick();
        Thread.onSpinWait();
      }

      assertEquals(VALUES + 1, shown(disk).count());
      assertEquals(VALUES + 1, shown(disk).buckets().count());
      assertEquals(sum, shown(disk).sum(), Math.abs(sum) * 1e-12);
      assertArrayEquals(new double[] {VALUES + 1}, child.get().buckets);
      child.observe(3e30);
      assertEquals(VALUES + 2, shown(disk).count());
    }
  }

  /** There may be no other tick before the end; and somebody should know. */
  @Test
  void movesWhatCountsInMemoryAtTheEnd() throws Exception {
    try (SmallDisk disk =
        new SmallDisk(parent, StoreUnderTest.KIND == StoreKind.CHRONICLE ? "36m" : "1m")) {
      Worker worker = Workers.in(disk.path);
      Histogram histogram =
          Histogram.build("h", "Help.").nativeOnly().labelNames("a").worker(worker).create();
      // So many that a map that has room is not enough.
      for (int i = 0; i < CHILDREN; i++) {
        histogram.labels("" + i).observe(1);
      }
      disk.fill();
      for (int i = 0; i < CHILDREN * VALUES; i++) {
        histogram.labels("" + i % CHILDREN).observe(value(i / CHILDREN));
      }
      assertTrue(count(disk) < CHILDREN * (VALUES + 1), "there was space");
      worker.tick();
      worker.tick();
      assertEquals(1, Workers.sums(disk.path).get("multiprom_store_errors[no_space]"));
      disk.free();

      worker.close();

      assertEquals(CHILDREN * (VALUES + 1), count(disk));
    }
  }

  private static double count(SmallDisk disk) {
    return NativeViews.of(disk.path).values().stream().mapToDouble(View::count).sum();
  }

  private static View shown(SmallDisk disk) {
    return NativeViews.of(disk.path).get("h[early]");
  }
}
