package io.github.multiprom.metrics;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SampledSeriesTest {
  @TempDir Path directory;

  @Test
  void countsEachIncrementOnceThoughSourceAndCellsStartAgain() {
    long seed = System.nanoTime();
    System.out.println("seed " + seed);
    Random random = new Random(seed);
    try (Worker worker = Workers.in(directory)) {
      Counter.Child child =
          Counter.build("c", "Help.").labelNames("a").worker(worker).create().labels("x");
      SampledSeries series = new SampledSeries(child, new double[0], 1);
      double source = 0;
      double expected = 0;
      for (int i = 0; i < 10_000; i++) {
        if (random.nextInt(20) == 0) {
          // Sampled before it is where it was: else none could tell.
          source = 0;
          series.raise(source);
        }
        if (random.nextInt(20) == 0) {
          // What was counted is in the totals of retired workers.
          child.startInMemory();
          expected = 0;
        }
        double added = random.nextInt(4) * 0.25;
        source += added;
        expected += added;
        series.raise(source);
        assertEquals(expected, child.get(), "step " + i);
      }
    }
  }

  @Test
  void raisesSumAndBucketsAlike() {
    try (Worker worker = Workers.in(directory)) {
      Histogram.Child child =
          Histogram.build("h", "Help.")
              .buckets(1)
              .labelNames("a")
              .worker(worker)
              .create()
              .labels("x");
      SampledSeries series = new SampledSeries(child, new double[] {1}, 3);
      series.raise(new double[] {-2, 1, 1}, null);
      series.raise(new double[] {-5, 2, 1}, null);
      assertArrayEquals(new double[] {-5, 2, 1}, child.distribution().read());
      series.raise(new double[] {4, 0, 1}, null);
      assertArrayEquals(new double[] {-1, 2, 2}, child.distribution().read());
      child.startInMemory();
      series.raise(new double[] {5, 1, 1}, null);
      assertArrayEquals(new double[] {1, 1, 0}, child.distribution().read());
      series.raise(new double[] {Double.NaN, 2, 1}, null);
      assertArrayEquals(new double[] {1, 2, 0}, child.distribution().read());
      series.raise(new double[] {Double.NaN, 1, 0}, null);
      assertArrayEquals(new double[] {1, 3, 0}, child.distribution().read());
      series.raise(new double[] {7, 2, 0}, null);
      assertArrayEquals(new double[] {8, 4, 0}, child.distribution().read());
    }
  }
}
