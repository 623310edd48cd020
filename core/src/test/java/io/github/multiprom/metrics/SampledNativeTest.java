package io.github.multiprom.metrics;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.multiprom.internal.directory.DirectoryReader;
import io.github.multiprom.internal.worker.StoreUnderTest;
import io.github.multiprom.merge.MultiprocessCollector;
import io.github.multiprom.merge.NativeViews;
import io.github.multiprom.merge.NativeViews.View;
import io.github.multiprom.merge.RetiringNow;
import io.github.multiprom.model.BucketChunk;
import io.github.multiprom.model.NativeBuckets;
import io.prometheus.client.CollectorRegistry;
import io.prometheus.metrics.model.snapshots.ClassicHistogramBuckets;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot.HistogramDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.NativeHistogramBuckets;
import java.io.File;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Histograms with native buckets that workers sample, and what a collector shows of them. */
@Tag(StoreUnderTest.TAG)
class SampledNativeTest {
  private static final String[] NONE = {};
  // Whole numbers of a 1024th: sums of these, and of all values here, are exact in any order.
  private static final double[] BOUNDS = {-1, 0, 5 / 1024.0, 11 / 1024.0, 0.5, 1, 1.5, 8, 1000};
  private static final Duration LONG = Duration.ofSeconds(20);

  @TempDir Path directory;

  private Worker worker;
  private final Random random = new Random(seed());

  private static long seed() {
    long seed = Long.getLong("multiprom.test.seed", System.nanoTime());
    System.out.println("seed " + seed);
    return seed;
  }

  @BeforeEach
  void open() {
    worker = Workers.in(directory);
  }

  @AfterEach
  void close() {
    worker.close();
  }

  /** A histogram of prometheus-metrics as a source, beside what it is to show in the end. */
  private static final class Theirs implements SampledSource {
    private final io.prometheus.metrics.core.metrics.Histogram histogram;

    Theirs(int schema, int maxBuckets, double... bounds) {
      io.prometheus.metrics.core.metrics.Histogram.Builder builder =
          io.prometheus.metrics.core.metrics.Histogram.builder()
              .name("h")
              .withoutExemplars()
              .nativeInitialSchema(schema)
              .nativeMaxNumberOfBuckets(maxBuckets)
              .nativeMinZeroThreshold(0x1p-128)
              .nativeMaxZeroThreshold(0x1p-128);
      histogram =
          (bounds.length == 0 ? builder.nativeOnly() : builder.classicUpperBounds(bounds)).build();
    }

    HistogramDataPointSnapshot point() {
      return histogram.collect().getDataPoints().get(0);
    }

    @Override
    public void sample(SampleSink to) {
      HistogramDataPointSnapshot point = point();
      double[] counts = {(double) point.getCount()};
      double[] bounds = {};
      if (point.hasClassicHistogramData()) {
        ClassicHistogramBuckets classic = point.getClassicBuckets();
        counts = new double[classic.size()];
        bounds = new double[classic.size() - 1];
        for (int i = 0; i < counts.length; i++) {
          counts[i] = (double) classic.getCount(i);
          if (i < bounds.length) {
            bounds[i] = classic.getUpperBound(i);
          }
        }
      }
      to.histogram("h", "", NONE, NONE, bounds, counts, point.getSum(), buckets(point));
    }

    private static NativeBuckets buckets(HistogramDataPointSnapshot point) {
      NativeHistogramBuckets positive = point.getNativeBucketsForPositiveValues();
      NativeHistogramBuckets negative = point.getNativeBucketsForNegativeValues();
      return new NativeBuckets(
          point.getNativeSchema(),
          point.getNativeZeroThreshold(),
          point.getNativeZeroCount(),
          positive.stream().mapToInt(bucket -> bucket.getBucketIndex()).toArray(),
          positive.stream().mapToLong(bucket -> bucket.getCount()).toArray(),
          negative.stream().mapToInt(bucket -> bucket.getBucketIndex()).toArray(),
          negative.stream().mapToLong(bucket -> bucket.getCount()).toArray());
    }

    String text() {
      return NativeViews.text(buckets(point()));
    }

    double[] classic() {
      double[] cumulative = new double[point().getClassicBuckets().size()];
      double before = 0;
      for (int i = 0; i < cumulative.length; i++) {
        before += (double) point().getClassicBuckets().getCount(i);
        cumulative[i] = before;
      }
      return cumulative;
    }
  }

  private View shown() {
    worker.sampler().sampleNow(LONG);
    return NativeViews.of(directory).get("h[]");
  }

  /** The cumulative classic buckets; the count is that of the last one. */
  private static double[] classic(View view) {
    return Arrays.copyOf(view.values(), view.values().length - 1);
  }

  private double value(double width) {
    double value = Math.rint(50 * Math.exp(width * random.nextGaussian())) / 1024;
    return random.nextInt(5) > 0 ? value : -value;
  }

  @Test
  void showsBothViewsAsTheirSourceDoes() {
    Theirs theirs = new Theirs(4, 1000, BOUNDS);
    worker.sampler().add(theirs);
    for (int pass = 0; pass < 5; pass++) {
      for (int i = 0; i < 200; i++) {
        theirs.histogram.observe(random.nextInt(8) == 0 ? BOUNDS[i % BOUNDS.length] : value(0.3));
      }
      theirs.histogram.observe(random.nextInt(1000));
      View view = shown();
      assertEquals(theirs.text(), view.text());
      assertArrayEquals(theirs.classic(), classic(view));
      assertEquals(theirs.point().getSum(), view.sum());
      assertEquals((double) theirs.point().getCount(), view.count());
      assertTrue(view.hasClassicView());
    }
  }

  @Test
  void showsExtremesWhereTheirSourceDoes() {
    Theirs theirs = new Theirs(3, 160, -1, 0x1p-128, 1);
    worker.sampler().add(theirs);
    double[] extremes = {
      0, 0x1p-128, -0x1p-128, Math.nextUp(0x1p-128), Double.MIN_VALUE, Double.MAX_VALUE, 1, -1
    };
    for (double value : extremes) {
      theirs.histogram.observe(value);
      theirs.histogram.observe(Math.nextUp(1.0));
      assertEquals(theirs.text(), shown().text());
      assertArrayEquals(theirs.classic(), classic(shown()));
    }
  }

  @Test
  void addsUpWorkersAndKeepsTheRetired() throws Exception {
    Theirs all = new Theirs(3, 160, BOUNDS);
    List<Theirs> parts = new ArrayList<>();
    List<Worker> workers = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      parts.add(new Theirs(3, 160, BOUNDS));
      workers.add(Workers.in(directory));
      workers.get(i).sampler().add(parts.get(i));
    }
    for (int i = 0; i < 3000; i++) {
      double value = value(0.5);
      all.histogram.observe(value);
      parts.get(random.nextInt(3)).histogram.observe(value);
    }
    workers.forEach(each -> each.sampler().sampleNow(LONG));
    View before = shown();
    assertEquals(all.text(), before.text());
    assertArrayEquals(all.classic(), classic(before));

    workers.get(0).close();
    RetiringNow.retire(directory);

    assertEquals(all.text(), shown().text());
    assertArrayEquals(before.values(), shown().values());
    workers.forEach(Worker::close);
  }

  @Test
  void followsASourceThatCoarsens() {
    Theirs theirs = new Theirs(8, 40);
    worker.sampler().add(theirs);
    int schema = NativeBuckets.MAX_SCHEMA;
    for (int pass = 0; pass < 40; pass++) {
      // Above 1: some versions of the client coarsen what is below wrongly.
      theirs.histogram.observe(Math.pow(1.5, pass));
      theirs.histogram.observe(1 + pass / 64.0);
      // The client coarsens behind an observation; this one has its bucket.
      theirs.histogram.observe(1);
      View view = shown();
      assertEquals(theirs.text(), view.text());
      assertEquals(3 * (pass + 1), view.count());
      schema = Math.min(schema, view.buckets().schema());
    }
    assertTrue(schema < 3, "schema " + schema);
  }

  private record Given(double sum, NativeBuckets buckets, double[] counts) {}

  // What a source gives in the next pass.
  private final AtomicReference<Given> given = new AtomicReference<>();

  private void give(double sum, NativeBuckets buckets, double... counts) {
    given.set(new Given(sum, buckets, counts));
  }

  private void addGiven(double... bounds) {
    worker
        .sampler()
        .add(
            to -> {
              Given now = given.get();
              if (now != null) {
                to.histogram("h", "", NONE, NONE, bounds, now.counts, now.sum, now.buckets);
              }
            });
  }

  private static NativeBuckets positive(int schema, int[] indices, long... counts) {
    return new NativeBuckets(schema, 0, 0, indices, counts, new int[0], new long[0]);
  }

  private static NativeBuckets positive(int schema, double threshold, long zero, int[] indices) {
    long[] counts = new long[indices.length];
    Arrays.fill(counts, 1);
    return new NativeBuckets(schema, threshold, zero, indices, counts, new int[0], new long[0]);
  }

  private String refused() throws Exception {
    try (MultiprocessCollector collector = new MultiprocessCollector(directory)) {
      CollectorRegistry registry = new CollectorRegistry();
      registry.register(collector);
      return Expositions.samples(registry, "multiprom_sample_refused");
    }
  }

  @Test
  void goesOnWhereASourceStartsAgain() {
    addGiven(1);
    give(9, positive(3, new int[] {0, 8}, 3, 1), 3, 1);
    assertEquals("schema 3 zero 0 positive [0:3 8:1] negative []", shown().text());
    // Fewer.
    give(1, positive(3, new int[] {0}, 1), 1, 0);
    assertEquals("schema 3 zero 0 positive [0:4 8:1] negative []", shown().text());
    assertEquals(10, shown().sum());
    // More in all, of other values.
    give(2, positive(3, new int[] {-8, 8}, 2, 1), 2, 1);
    assertEquals("schema 3 zero 0 positive [-8:2 0:4 8:2] negative []", shown().text());
    assertEquals(12, shown().sum());
    assertArrayEquals(new double[] {6, 8}, classic(shown()));
    // Coarser, and then again finer.
    give(3, positive(2, new int[] {-4, 4}, 2, 2), 2, 2);
    assertEquals("schema 2 zero 0 positive [-4:2 0:4 4:3] negative []", shown().text());
    give(4, positive(3, new int[] {-8, 8}, 2, 2), 2, 2);
    assertEquals("schema 2 zero 0 positive [-4:4 0:4 4:5] negative []", shown().text());
    assertArrayEquals(new double[] {8, 13}, classic(shown()));
  }

  @Test
  void countsNothingTwiceWhenASourceWidensItsZeroBucket() {
    addGiven();
    give(1, positive(0, 0x1p-128, 1, new int[] {-20, -3, 5}), 4);
    assertEquals("schema 0 zero 1 positive [-20:1 -3:1 5:1] negative []", shown().text());
    give(2, positive(0, 0x1p-10, 3, new int[] {-3, 5}), 5);
    assertEquals("schema 0 zero 2 positive [-20:1 -3:1 5:1] negative []", shown().text());
  }

  /** As versions of prometheus-metrics do that halve the numbers of buckets below 1 wrongly. */
  @Test
  void countsNothingTwiceWhenASourceCoarsensWrongly() {
    addGiven();
    give(1, positive(3, new int[] {-9, -8, -2, 0}, 5, 5, 5, 5), 20);
    shown();
    give(1, positive(2, new int[] {-4, -3, 0}, 5, 5, 11), 21);
    assertEquals(21, shown().count());
    assertEquals(21, shown().nativeCount());
    give(1, positive(2, new int[] {-4, -3, 0}, 5, 5, 15), 25);
    assertEquals(25, shown().count());
  }

  @Test
  void samplesTheClassicViewAloneWhereTheViewsDiffer() throws Exception {
    addGiven(1, 2);
    give(5, positive(0, new int[] {0}, 4), 1, 1, 1);
    assertNull(shown().text());
    assertArrayEquals(new double[] {1, 2, 3}, classic(shown()));
    assertEquals("multiprom_sample_refused_total{reason=\"shape\",} 1.0", refused());
  }

  @Test
  void countsByClassicBoundsWhileTheViewsDiffer() {
    addGiven(1, 2);
    give(5, positive(0, new int[] {-3, 1}, 1, 1), 1, 1, 0);
    assertEquals("schema 0 zero 0 positive [-3:1 1:1] negative []", shown().text());
    give(6, positive(0, new int[] {-3, 1}, 2, 1), 1, 1, 3);
    assertEquals("schema 0 zero 0 positive [-3:1 1:1 2:3] negative []", shown().text());
    give(7, positive(0, new int[] {-3, 1, 4}, 2, 1, 3), 2, 1, 3);
    assertEquals("schema 0 zero 0 positive [-3:1 0:1 1:1 2:3] negative []", shown().text());
    give(8, positive(0, new int[] {-3, 1, 4}, 2, 2, 4), 2, 2, 4);
    assertEquals("schema 0 zero 0 positive [-3:1 0:1 1:2 2:3 4:1] negative []", shown().text());
    assertArrayEquals(new double[] {2, 4, 8}, classic(shown()));
    assertEquals(8, shown().sum());
  }

  @Test
  void isNotHarmedByWhatNoHistogramHas() {
    addGiven();
    give(1, positive(3, new int[] {0}, 1), 1);
    shown();
    NativeBuckets[] wrong = {
      positive(300, new int[] {0}, 1),
      positive(-5, new int[] {0}, 1),
      positive(3, new int[] {0}, -1),
      positive(3, new int[] {0, 1}, 2, -1),
      positive(3, new int[] {0, 0}, 1, 0),
      positive(3, new int[] {1, 0}, 1, 0),
      positive(3, new int[] {0, 1}, 1),
      positive(3, new int[] {0, 1}, Long.MAX_VALUE, Long.MAX_VALUE),
      new NativeBuckets(3, Double.NaN, 0, new int[] {0}, new long[] {1}, new int[0], new long[0]),
      new NativeBuckets(3, 0, -1, new int[] {0}, new long[] {2}, new int[0], new long[0]),
    };
    for (NativeBuckets buckets : wrong) {
      give(1, buckets, 1);
      assertEquals("schema 3 zero 0 positive [0:1] negative []", shown().text());
      give(1, positive(3, new int[] {0}, 1), 1);
      assertEquals("schema 3 zero 0 positive [0:1] negative []", shown().text());
    }
    give(Double.NaN, positive(3, new int[] {0}, 2), 2);
    assertEquals(1, shown().sum());
    give(Double.POSITIVE_INFINITY, positive(3, new int[] {0}, 3), 3);
    assertEquals(1, shown().sum());
    for (double count : new double[] {-1, Double.NaN, Double.POSITIVE_INFINITY, 1e300}) {
      give(1, positive(3, new int[] {0}, 4), count);
      assertEquals(3, shown().count());
    }
    give(4, positive(3, new int[] {Integer.MIN_VALUE, 0, Integer.MAX_VALUE}, 1, 3, 1), 5);
    assertEquals("schema 3 zero 1 positive [0:3 8193:1] negative []", shown().text());
    assertEquals(4, shown().sum());
  }

  @Test
  void takesFewChunksHoweverManyBucketsThereAre() throws Exception {
    addGiven(1);
    int[] indices = new int[100_000];
    long[] counts = new long[indices.length];
    for (int i = 0; i < indices.length; i++) {
      indices[i] = i - 30_000;
      counts[i] = 1;
    }
    give(1, positive(8, indices, counts), 30_001, 69_999);
    View view = shown();
    assertEquals(indices.length, view.nativeCount());
    assertArrayEquals(new double[] {30_001, 100_000}, classic(view));
    try (DirectoryReader reader = new DirectoryReader(directory)) {
      List<BucketChunk> chunks = new ArrayList<>();
      reader.read().workers().get(0).chunks().values().forEach(chunks::addAll);
      assertTrue(chunks.size() < 600, chunks.size() + " chunks");
    }
  }

  @Test
  void leavesOutLabelSetsBeyondTheLimit() throws Exception {
    worker.close();
    worker = Workers.builder().directory(directory).maxSeries(2).withoutHousekeeping().open();
    worker
        .sampler()
        .add(
            to -> {
              for (String value : List.of("x", "y", "z")) {
                to.histogram(
                    "h",
                    "",
                    new String[] {"a"},
                    new String[] {value},
                    new double[0],
                    new double[] {1},
                    1,
                    positive(3, new int[] {0}, 1));
              }
            });
    worker.sampler().sampleNow(LONG);
    assertEquals(List.of("h[x]", "h[y]"), List.copyOf(NativeViews.of(directory).keySet()));
    assertEquals("multiprom_sample_refused_total{reason=\"limit\",} 1.0", refused());
  }

  @Test
  void goesOnInAnotherFile() throws Exception {
    addGiven(1);
    give(1, positive(3, new int[] {0, 8}, 1, 1), 1, 1);
    shown();
    for (File file : directory.toFile().listFiles((d, name) -> name.endsWith(".worker"))) {
      assertTrue(file.delete());
    }
    for (int i = 0; i < 3; i++) {
      worker.tick();
    }
    give(5, positive(3, new int[] {0, 8}, 2, 1), 2, 1);
    assertEquals("schema 3 zero 0 positive [0:2 8:1] negative []", shown().text());
    assertEquals(5, shown().sum());
  }
}
