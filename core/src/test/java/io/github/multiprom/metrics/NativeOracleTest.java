package io.github.multiprom.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.multiprom.internal.worker.StoreUnderTest;
import io.github.multiprom.merge.NativeViews;
import io.github.multiprom.merge.NativeViews.View;
import io.github.multiprom.merge.RetiringNow;
import io.prometheus.client.CollectorRegistry;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot.HistogramDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.NativeHistogramBucket;
import io.prometheus.metrics.model.snapshots.NativeHistogramBuckets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Three workers together show what simpleclient and prometheus-metrics show of all values. */
@Tag(StoreUnderTest.TAG)
class NativeOracleTest {
  private static final int VALUES = 100_000;

  @TempDir Path directory;

  private static io.prometheus.metrics.core.metrics.Histogram oracle(int maxBuckets) {
    return io.prometheus.metrics.core.metrics.Histogram.builder()
        .name("h")
        .help("Help.")
        .nativeOnly()
        .withoutExemplars()
        .nativeInitialSchema(3)
        .nativeMaxNumberOfBuckets(maxBuckets)
        .nativeMinZeroThreshold(0x1p-128)
        .nativeMaxZeroThreshold(0x1p-128)
        .build();
  }

  private static String text(io.prometheus.metrics.core.metrics.Histogram histogram) {
    HistogramDataPointSnapshot shown = histogram.collect().getDataPoints().get(0);
    return "schema "
        + shown.getNativeSchema()
        + " zero "
        + shown.getNativeZeroCount()
        + " positive "
        + text(shown.getNativeBucketsForPositiveValues())
        + " negative "
        + text(shown.getNativeBucketsForNegativeValues());
  }

  private static String text(NativeHistogramBuckets buckets) {
    List<String> all = new ArrayList<>();
    for (NativeHistogramBucket bucket : buckets) {
      all.add(bucket.getBucketIndex() + ":" + bucket.getCount());
    }
    return "[" + String.join(" ", all) + "]";
  }

  @Test
  void showsWhatOtherClientsShowOfAllValues() throws Exception {
    check(160, 1, true);
  }

  /** So wide that it must be shown more coarsely. */
  @Test
  void showsWhatOtherClientsShowOfValuesFarApart() throws Exception {
    check(40, 4, false);
  }

  private void check(int maxBuckets, double width, boolean latencies) throws Exception {
    long seed = Long.getLong("multiprom.test.seed", System.nanoTime());
    System.out.println("seed " + seed);
    Random random = new Random(seed);
    CollectorRegistry simple = new CollectorRegistry();
    io.prometheus.client.Histogram classic =
        io.prometheus.client.Histogram.build("h", "Help.").register(simple);
    io.prometheus.metrics.core.metrics.Histogram exponential = oracle(maxBuckets);
    CollectorRegistry registry = new CollectorRegistry();
    List<Worker> workers = new ArrayList<>();
    List<Histogram> histograms = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      workers.add(Workers.in(directory));
      Histogram.Builder builder =
          Histogram.build("h", "Help.")
              .withNative()
              .nativeMaxNumberOfBuckets(maxBuckets)
              .worker(workers.get(i));
      histograms.add(i == 2 ? builder.register(registry) : builder.create());
    }
    for (int i = 0; i < VALUES; i++) {
      // Whole numbers of a thousandth: their sums are exact in any order.
      double value = Math.rint(50 * Math.exp(width * random.nextGaussian())) / 1024;
      value = latencies || random.nextInt(5) > 0 ? value : -value;
      classic.observe(value);
      exponential.observe(value);
      histograms.get(random.nextInt(3)).observe(value);
    }

    View shown = NativeViews.of(directory).get("h[]");
    assertEquals(text(exponential), shown.text());
    assertEquals(Expositions.samples(simple, "h"), Expositions.samples(registry, "h"));

    workers.get(0).close();
    RetiringNow.retire(directory);

    assertEquals(text(exponential), NativeViews.of(directory).get("h[]").text());
    assertEquals(Expositions.samples(simple, "h"), Expositions.samples(registry, "h"));
    assertTrue(shown.count() == VALUES && shown.buckets().count() == VALUES);
    workers.forEach(Worker::close);
  }
}
