package io.github.multiprom.metrics;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.multiprom.internal.directory.DirectoryReader;
import io.github.multiprom.internal.worker.StoreUnderTest;
import io.github.multiprom.merge.MultiprocessCollector;
import io.github.multiprom.merge.NativeViews;
import io.github.multiprom.merge.NativeViews.View;
import io.github.multiprom.merge.RetiringNow;
import io.github.multiprom.model.Snapshot;
import io.prometheus.client.CollectorRegistry;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Native histograms of several workers, with numbers that were worked out elsewhere. */
@Tag(StoreUnderTest.TAG)
class NativeHistogramTest {
  private static final double[] OF_A = {0.001, 0.25, 0.5, 1, 1, 2, -3, 0};
  private static final double[] OF_B = {1.5, 1000, 0.26, -2.9, 1e-40};

  @TempDir Path directory;

  private Worker a;
  private Worker b;

  @BeforeEach
  void openWorkers() {
    a = Workers.in(directory);
    b = Workers.in(directory);
  }

  @AfterEach
  void closeWorkers() {
    a.close();
    b.close();
  }

  private static Histogram histogram(Worker worker, int schema) {
    return Histogram.build("h", "Help.")
        .nativeOnly()
        .nativeInitialSchema(schema)
        .worker(worker)
        .create();
  }

  private static void observe(Histogram histogram, double... values) {
    for (double value : values) {
      histogram.observe(value);
    }
  }

  private View shown() {
    return NativeViews.of(directory).get("h[]");
  }

  @Test
  void addsUpTheWorkersCells() {
    observe(histogram(a, 3), OF_A);
    observe(histogram(b, 3), OF_B);

    View shown = shown();

    assertEquals(
        "schema 3 zero 2 positive [-79:1 -16:1 -15:1 -8:1 0:2 5:1 8:1 80:1] negative [13:2]",
        shown.text());
    assertArrayEquals(new double[] {13, 1000.611}, shown.values(), 1e-9);
    assertFalse(shown.hasClassicView());
    assertEquals(0x1p-128, shown.buckets().zeroThreshold());
  }

  @Test
  void countsInfinityInTheLastBucketAndLeavesItOutOfTheSum() {
    Histogram histogram = histogram(a, 3);
    observe(histogram, OF_A);
    observe(histogram(b, 3), OF_B);
    observe(histogram, Double.POSITIVE_INFINITY, Double.NaN);

    View shown = shown();

    assertEquals(
        "schema 3 zero 2 positive [-79:1 -16:1 -15:1 -8:1 0:2 5:1 8:1 80:1 8193:1] negative [13:2]",
        shown.text());
    assertArrayEquals(new double[] {14, 1000.611}, shown.values(), 1e-9);
  }

  @Test
  void showsWorkersOfTwoSchemasByTheCoarserOne() {
    Histogram fine = histogram(b, 5);
    observe(fine, OF_B);
    assertEquals("schema 5 zero 1 positive [-62:1 19:1 319:1] negative [50:1]", shown().text());
    observe(histogram(a, 3), OF_A);
    assertEquals(
        "schema 3 zero 2 positive [-79:1 -16:1 -15:1 -8:1 0:2 5:1 8:1 80:1] negative [13:2]",
        shown().text());
  }

  @Test
  void showsAllBySchema0IfOneWorkerCountsSo() {
    observe(histogram(a, 3), OF_A);
    observe(histogram(b, 0), OF_B);
    assertEquals(
        "schema 0 zero 2 positive [-9:1 -2:1 -1:2 0:2 1:2 10:1] negative [2:2]", shown().text());
  }

  @Test
  void putsTheEdgesOfTheRangeWhereOtherClientsDo() {
    Histogram histogram = histogram(a, 3);
    observe(histogram, Double.MAX_VALUE, Math.nextUp(0x1p-128), 0x1p-128, Double.MIN_VALUE, -0.0);
    assertEquals("schema 3 zero 3 positive [-1023:1 8192:1] negative []", shown().text());
    observe(histogram, -Double.MAX_VALUE, Double.NEGATIVE_INFINITY);
    assertEquals(
        "schema 3 zero 3 positive [-1023:1 8192:1] negative [8192:1 8193:1]", shown().text());
  }

  @Test
  void keepsWhatItCountsWhenWorkersAreRetired() throws Exception {
    observe(histogram(a, 3), OF_A);
    observe(histogram(b, 5), OF_B);
    View before = shown();
    a.close();
    RetiringNow.retire(directory);
    assertEquals(before.text(), shown().text());
    b.close();
    RetiringNow.retire(directory);
    RetiringNow.retire(directory);
    assertEquals(before.text(), shown().text());
    assertArrayEquals(before.values(), shown().values());
    a = Workers.in(directory);
    observe(histogram(a, 3), 1);
    assertEquals(
        "schema 3 zero 2 positive [-79:1 -16:1 -15:1 -8:1 0:3 5:1 8:1 80:1] negative [13:2]",
        shown().text());
  }

  @Test
  void showsNoMoreBucketsThanItMay() {
    Histogram histogram =
        Histogram.build("h", "Help.").nativeOnly().nativeMaxNumberOfBuckets(20).worker(a).create();
    for (int k = 0; k < 40; k++) {
      histogram.observe(Math.pow(2, k / 8.0 + 1 / 16.0));
    }
    View before = shown();
    StringBuilder pairs = new StringBuilder();
    for (int i = 1; i <= 20; i++) {
      pairs.append(i == 1 ? "" : " ").append(i).append(":2");
    }
    assertEquals("schema 2 zero 0 positive [" + pairs + "] negative []", before.text());

    histogram.observe(1e30);

    View after = shown();
    assertTrue(after.buckets().schema() < 2);
    Map<Integer, Long> now = NativeViews.positive(after.buckets(), after.buckets().schema());
    NativeViews.positive(before.buckets(), after.buckets().schema())
        .forEach((index, count) -> assertTrue(now.get(index) >= count, index + " fell"));
  }

  /** Each bucket of a worker without native ones counts where its upper bound is. */
  @Test
  void countsClassicWorkersInBothViews() throws Exception {
    Histogram classic = Histogram.build("h", "Help.").buckets(0.1, 1).worker(a).create();
    observe(classic, 0.01, 0.02, 0.1, 0.5, 1, 7);
    Histogram both = Histogram.build("h", "Help.").withNative().buckets(0.1, 1).worker(b).create();
    both.observe(1);
    Worker c = Workers.in(directory);
    Histogram.build("h", "Help.").withNative().buckets(0.1, 1).worker(c).create();
    View shown = shown();
    assertEquals("schema 3 zero 0 positive [-26:3 0:3 1:1] negative []", shown.text());
    assertArrayEquals(new double[] {3, 6, 7, 9.63}, shown.values(), 1e-9);
    assertTrue(shown.hasClassicView());
    a.close();
    RetiringNow.retire(directory);
    assertEquals("schema 3 zero 0 positive [-26:3 0:3 1:1] negative []", shown().text());
    assertArrayEquals(new double[] {3, 6, 7, 9.63}, shown().values(), 1e-9);
    c.close();
  }

  @Test
  void showsNoNativeViewOfACanary() {
    observe(Histogram.build("h", "Help.").buckets(0.1, 1).worker(a).create(), 0.5);
    Worker third = Workers.in(directory);
    observe(Histogram.build("h", "Help.").buckets(0.1, 1).worker(third).create(), 0.05);
    observe(Histogram.build("h", "Help.").withNative().buckets(0.1, 1).worker(b).create(), 0.5, 3);
    View shown = shown();
    assertNull(shown.text());
    assertArrayEquals(new double[] {1, 3, 4, 4.05}, shown.values(), 1e-9);
    third.close();
  }

  /** However far values are apart, a worker has a bounded number of chunks, and counts each. */
  @Test
  void countsEachOfValuesOverSixHundredDecades() throws Exception {
    Histogram histogram = histogram(a, 8);
    int count = 0;
    for (int decade = -30; decade <= 300; decade++) {
      for (int step = 1; step <= 90; step++) {
        histogram.observe(step * Math.pow(10, decade));
        histogram.observe(-step * Math.pow(10, decade));
        count += 2;
      }
    }
    View shown = shown();
    assertEquals(count, shown.count());
    assertEquals(count, shown.buckets().count());
    assertTrue(
        shown.buckets().positiveIndices().length + shown.buckets().negativeIndices().length <= 160);
    try (DirectoryReader reader = new DirectoryReader(directory)) {
      for (Snapshot worker : reader.read().workers()) {
        assertTrue(worker.bytes() <= 4 << 20, worker.bytes() + " bytes");
      }
    }
  }

  @Test
  void countsTheSameInMemory() {
    Worker memory = Workers.inMemory();
    CollectorRegistry registry = new CollectorRegistry();
    Histogram histogram =
        Histogram.build("h", "Help.")
            .withNative()
            .buckets(-1, 0.5, 2)
            .worker(memory)
            .register(registry);
    observe(histogram, OF_A);
    observe(histogram, OF_B);
    Histogram.Child.Value value = histogram.labels().get();
    assertEquals(
        "schema 3 zero 2 positive [-79:1 -16:1 -15:1 -8:1 0:2 5:1 8:1 80:1] negative [13:2]",
        NativeViews.text(value.nativeBuckets));
    assertArrayEquals(new double[] {2, 8, 12, 13}, value.buckets);
    assertEquals(1000.611, value.sum, 1e-9);
    assertEquals(
        8.0, registry.getSampleValue("h_bucket", new String[] {"le"}, new String[] {"0.5"}));
    assertNull(Histogram.build("c", "Help.").worker(memory).create().labels().get().nativeBuckets);
    histogram.observe(Double.POSITIVE_INFINITY);
    assertEquals(Double.POSITIVE_INFINITY, histogram.labels().get().sum);
  }

  @Test
  void printsCountSumAndOneBucketOfANativeOnlyHistogram() throws Exception {
    CollectorRegistry registry = new CollectorRegistry();
    Histogram histogram = Histogram.build("h", "Help.").nativeOnly().worker(a).register(registry);
    observe(histogram, 0.5, 2);
    assertEquals(
        "h_bucket{le=\"+Inf\",} 2.0\nh_count 2.0\nh_sum 2.5", Expositions.samples(registry, "h_"));
    assertArrayEquals(new double[] {2}, histogram.labels().get().buckets);
  }

  private List<String> exemplars() {
    try (MultiprocessCollector collector = new MultiprocessCollector(directory)) {
      return collector.merge(
          family -> family.name().equals("h"),
          families ->
              Arrays.stream(families.get(0).exemplars().get(0))
                  .filter(Objects::nonNull)
                  .map(exemplar -> exemplar.labels().get(1) + "=" + exemplar.value())
                  .toList());
    }
  }

  @Test
  void keepsExemplarsOfAllItsRange() throws Exception {
    CollectorRegistry registry = new CollectorRegistry();
    Histogram.build("h", "Help.").nativeOnly().worker(a).register(registry);
    Histogram ofA = histogram(a, 3);
    Histogram ofB = histogram(b, 3);
    ofA.observeWithExemplar(1000, "trace", "1");
    ofB.observeWithExemplar(1, "trace", "2");
    ofB.observeWithExemplar(-8, "trace", "3");
    long now = System.currentTimeMillis();
    while (System.currentTimeMillis() == now) {
      Thread.onSpinWait();
    }
    ofA.observeWithExemplar(1.5, "trace", "4");
    // In the part of the range that 1 is in, too.
    assertEquals(List.of("4=1.5", "3=-8.0", "1=1000.0"), exemplars());
    assertEquals("4", ofA.labels().get().exemplars[0].getLabelValue(0));
    assertEquals(1, ofA.labels().get().exemplars.length);
    String text = Expositions.openMetrics(registry);
    assertTrue(text.contains("h_bucket{le=\"+Inf\"} 4.0 # {trace=\"4\"} 1.5"), text);
    a.close();
    b.close();
    RetiringNow.retire(directory);
    RetiringNow.retire(directory);
    assertEquals(List.of("4=1.5", "3=-8.0", "1=1000.0"), exemplars());
  }

  @Test
  void startsAgainWhenItIsRemoved() {
    Histogram histogram = histogram(a, 3);
    histogram.observe(1);
    Histogram.Child old = histogram.labels();
    histogram.clear();
    old.observe(1);
    assertArrayEquals(new double[] {2}, old.get().buckets);
    histogram.observe(4);
    assertEquals("schema 3 zero 0 positive [16:1] negative []", shown().text());
  }

  @Test
  void checksItsShape() {
    Histogram.Builder builder = Histogram.build("h", "Help.").worker(a);
    assertThrows(IllegalArgumentException.class, () -> builder.nativeInitialSchema(9));
    assertThrows(IllegalArgumentException.class, () -> builder.nativeInitialSchema(-5));
    assertThrows(IllegalArgumentException.class, () -> builder.nativeMaxNumberOfBuckets(0));
  }
}
