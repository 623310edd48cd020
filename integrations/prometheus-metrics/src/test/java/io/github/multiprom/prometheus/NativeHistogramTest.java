package io.github.multiprom.prometheus;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.multiprom.metrics.Worker;
import io.prometheus.metrics.core.datapoints.DistributionDataPoint;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot.HistogramDataPointSnapshot;
import java.nio.file.Path;
import java.util.Random;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Histograms of two workers beside one of prometheus-metrics that has observed as much. */
class NativeHistogramTest {
  @TempDir Path directory;

  private final io.prometheus.metrics.core.metrics.Histogram.Builder theirs =
      io.prometheus.metrics.core.metrics.Histogram.builder().name("x").help("X.");
  private final Histogram.Builder first = Histogram.builder().name("x").help("X.");
  private final Histogram.Builder second = Histogram.builder().name("x").help("X.");

  private void assertSame(double center, double spread, double... more) {
    var all = theirs.labelNames("a").build();
    long seed = System.nanoTime();
    System.out.println("seed " + seed);
    Random random = new Random(seed);
    HistogramSnapshot shown;
    try (Worker one = Worker.builder().directory(directory).name("one").open();
        Worker two = Worker.builder().directory(directory).name("two").open()) {
      Histogram its = first.labelNames("a").worker(one).build();
      Histogram others = second.labelNames("a").worker(two).build();
      for (int i = 0; i < 2000; i++) {
        double value = center * Math.exp(spread * random.nextGaussian());
        // Few bits: the sum is the same in whatever order.
        value = Math.rint(value * 0x1p30) / 0x1p30;
        observe(value, all.labelValues("l"), (i & 1) == 0 ? its : others);
      }
      for (double value : more) {
        observe(value, all.labelValues("l"), its);
      }
      shown = (HistogramSnapshot) its.collect();
    }
    assertEquals(text(all.collect().getDataPoints().get(0)), text(shown.getDataPoints().get(0)));
  }

  private static void observe(double value, DistributionDataPoint all, Histogram its) {
    all.observe(value);
    its.labelValues("l").observe(value);
  }

  private static String text(HistogramDataPointSnapshot point) {
    StringBuilder text = new StringBuilder();
    text.append(point.getCount());
    text.append(" sum ").append(Math.round(point.getSum() * 1e6));
    if (point.hasClassicHistogramData()) {
      text.append(" classic ");
      text.append(
          point.getClassicBuckets().stream()
              .map(bucket -> bucket.getUpperBound() + ":" + bucket.getCount())
              .collect(Collectors.joining(" ")));
    }
    if (point.hasNativeHistogramData()) {
      text.append(" schema ").append(point.getNativeSchema());
      text.append(" zero ").append(point.getNativeZeroThreshold());
      text.append(' ').append(point.getNativeZeroCount());
      text.append(" positive ");
      point
          .getNativeBucketsForPositiveValues()
          .forEach(
              b -> text.append(b.getBucketIndex()).append(':').append(b.getCount()).append(' '));
      text.append("negative ");
      point
          .getNativeBucketsForNegativeValues()
          .forEach(
              b -> text.append(b.getBucketIndex()).append(':').append(b.getCount()).append(' '));
    }
    return text.toString();
  }

  @Test
  void hasBothViewsByDefault() {
    assertSame(0.05, 0.3, 0, -1.7, 3000);
  }

  @Test
  void hasOneViewIfToldSo() {
    theirs.nativeOnly();
    first.nativeOnly();
    second.nativeOnly();
    assertSame(0.05, 0.3, 0, 1e-40);
  }

  @Test
  void hasClassicBucketsIfToldSo() {
    theirs.classicOnly().classicUpperBounds(0.01, 0.1);
    first.classicOnly().classicUpperBounds(0.01, 0.1);
    second.classicOnly().classicUpperBounds(0.01, 0.1);
    assertSame(0.05, 0.3, 0.1, 7);
  }

  @Test
  void isShownMoreCoarselyIfItHasTooManyBuckets() {
    theirs.nativeInitialSchema(7).nativeMaxNumberOfBuckets(50);
    first.nativeInitialSchema(7).nativeMaxNumberOfBuckets(50);
    second.nativeInitialSchema(7).nativeMaxNumberOfBuckets(50);
    // Above 1: before 1.9 the client puts half of what is below 1 into the next bucket then.
    assertSame(1000, 1, 1e6);
  }

  @Test
  void refusesWhatTheClientRefuses() {
    Histogram.Builder builder = Histogram.builder().classicOnly();
    assertThrows(IllegalArgumentException.class, builder::nativeOnly);
  }
}
