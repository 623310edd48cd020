package io.github.multiprom.prometheus;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.multiprom.metrics.Worker;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.expositionformats.ExpositionFormats;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.io.ByteArrayOutputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Histograms of the client that two workers sample, beside one that has observed as much. */
class SampledHistogramsTest {
  private static final Duration LONG = Duration.ofSeconds(20);
  private static final String PROTOBUF =
      "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited";

  @TempDir Path directory;

  private final Random random = new Random(seed());
  private Worker one;
  private Worker two;

  private static long seed() {
    long seed = Long.getLong("multiprom.test.seed", System.nanoTime());
    System.out.println("seed " + seed);
    return seed;
  }

  @BeforeEach
  void open() {
    one = Worker.builder().directory(directory).name("one").open();
    two = Worker.builder().directory(directory).name("two").open();
  }

  @AfterEach
  void close() {
    one.close();
    two.close();
  }

  private static Histogram.Builder builder() {
    return Histogram.builder().name("x").help("X.").labelNames("a").withoutExemplars();
  }

  /** What the client itself writes for Prometheus. */
  private static String protobuf(MetricSnapshots snapshots) throws Exception {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    ExpositionFormats.init().findWriter(PROTOBUF).write(bytes, snapshots);
    return HexFormat.of().formatHex(bytes.toByteArray());
  }

  private MetricSnapshots merged(PrometheusRegistry registry) {
    one.sampler().sampleNow(LONG);
    two.sampler().sampleNow(LONG);
    return registry.scrape(name -> name.equals("x"));
  }

  private static HistogramSnapshot.HistogramDataPointSnapshot point(MetricSnapshots snapshots) {
    return ((HistogramSnapshot) snapshots.get(0)).getDataPoints().get(0);
  }

  /** Whole numbers of a 1024th: their sums are exact in any order. */
  private double value() {
    double value = Math.rint(5000 * Math.exp(random.nextGaussian() / 2)) / 1024;
    return random.nextInt(5) > 0 ? value : random.nextInt(3) - value;
  }

  private void assertSame(Histogram all, Histogram ofOne, Histogram ofTwo) throws Exception {
    try (MergedPrometheusRegistry first = MergedPrometheusRegistry.of(one);
        MergedPrometheusRegistry second = MergedPrometheusRegistry.of(two)) {
      PrometheusRegistry own = new PrometheusRegistry();
      own.register(all);
      first.register(ofOne);
      for (int i = 0; i < 500; i++) {
        observe(value(), all, ofOne);
      }
      assertEquals(protobuf(own.scrape()), protobuf(merged(first)));
      second.register(ofTwo);
      for (int i = 0; i < 500; i++) {
        observe(value(), all, i % 2 == 0 ? ofOne : ofTwo);
      }
      assertEquals(protobuf(own.scrape()), protobuf(merged(first)));
      assertEquals(protobuf(own.scrape()), protobuf(merged(second)));
    }
  }

  private static void observe(double value, Histogram one, Histogram other) {
    one.labelValues("l").observe(value);
    other.labelValues("l").observe(value);
  }

  @Test
  void haveBothViewsAsTheClientHas() throws Exception {
    assertSame(
        builder().nativeInitialSchema(3).build(),
        builder().nativeInitialSchema(3).build(),
        builder().nativeInitialSchema(3).build());
  }

  @Test
  void haveNativeBucketsAlone() throws Exception {
    assertSame(
        builder().nativeOnly().nativeInitialSchema(2).build(),
        builder().nativeOnly().nativeInitialSchema(2).build(),
        builder().nativeOnly().nativeInitialSchema(2).build());
  }

  @Test
  void haveClassicBucketsAlone() throws Exception {
    assertSame(
        builder().classicOnly().build(),
        builder().classicOnly().build(),
        builder().classicOnly().build());
  }

  @Test
  void areShownAsCoarselyAsTheClientHasThem() throws Exception {
    try (MergedPrometheusRegistry registry = MergedPrometheusRegistry.of(one)) {
      Histogram histogram = builder().nativeMaxNumberOfBuckets(20).build();
      PrometheusRegistry own = new PrometheusRegistry();
      own.register(histogram);
      registry.register(histogram);
      for (int i = 0; i < 40; i++) {
        // Above 1: before 1.9 the client puts half of what is below 1 into the next bucket then.
        histogram.labelValues("l").observe(Math.rint(Math.pow(1.4, i) * 1024) / 1024);
        // The client coarsens behind an observation; this one has its bucket.
        histogram.labelValues("l").observe(1.5);
        assertEquals(protobuf(own.scrape()), protobuf(merged(registry)));
      }
      assertTrue(point(own.scrape()).getNativeSchema() < 3);
    }
  }

  @Test
  void countNothingTwiceWhereTheClientCoarsens() throws Exception {
    try (MergedPrometheusRegistry registry = MergedPrometheusRegistry.of(one)) {
      Histogram histogram = builder().nativeMaxNumberOfBuckets(10).build();
      registry.register(histogram);
      for (int i = 1; i <= 200; i++) {
        histogram.labelValues("l").observe(value() / 100);
        assertEquals(i, point(merged(registry)).getCount());
      }
    }
  }

  @Test
  void goOnWhereTheClientStartsAgain() throws Exception {
    try (MergedPrometheusRegistry registry = MergedPrometheusRegistry.of(one)) {
      Histogram histogram = builder().nativeInitialSchema(0).classicUpperBounds(1).build();
      registry.register(histogram);
      histogram.labelValues("l").observe(0.75);
      histogram.labelValues("l").observe(3);
      merged(registry);
      histogram.clear();
      histogram.labelValues("l").observe(3);
      histogram.labelValues("l").observe(3);
      var shown = point(merged(registry));
      assertEquals(4, shown.getCount());
      assertEquals(9.75, shown.getSum());
      assertEquals(1, shown.getClassicBuckets().getCount(0));
      assertEquals(3, shown.getClassicBuckets().getCount(1));
      assertEquals(1, shown.getNativeBucketsForPositiveValues().getCount(0));
      assertEquals(3, shown.getNativeBucketsForPositiveValues().getCount(1));
    }
  }
}
