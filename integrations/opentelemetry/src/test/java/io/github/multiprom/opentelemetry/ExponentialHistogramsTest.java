package io.github.multiprom.opentelemetry;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.multiprom.metrics.Worker;
import io.github.multiprom.model.NativeBuckets;
import io.opentelemetry.api.metrics.DoubleHistogram;
import io.opentelemetry.sdk.metrics.Aggregation;
import io.opentelemetry.sdk.metrics.InstrumentSelector;
import io.opentelemetry.sdk.metrics.SdkMeterProvider;
import io.opentelemetry.sdk.metrics.View;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Exponential histograms of the SDK, as native histograms of all workers. */
@Timeout(300)
class ExponentialHistogramsTest {
  @TempDir Path directory;

  private static SdkMeterProvider provider(Worker worker) {
    return SdkMeterProvider.builder()
        .registerMetricReader(
            MultipromMetricReader.builder().worker(worker).scopeLabels(false).build())
        .registerView(
            InstrumentSelector.builder().setName("*").build(),
            View.builder().setAggregation(Aggregation.base2ExponentialBucketHistogram()).build())
        .build();
  }

  private static DoubleHistogram size(SdkMeterProvider provider) {
    return provider.get("shop").histogramBuilder("size").build();
  }

  private NativeBuckets shown() {
    return Shown.nativeBuckets(directory, "size");
  }

  /** None of the values is near a bound. */
  private static void assertBuckets(List<Double> values, NativeBuckets shown) {
    TreeMap<Integer, Long> expected = new TreeMap<>();
    for (double value : values) {
      double index = Math.log(value) / Math.log(2) * Math.pow(2, shown.schema());
      expected.merge((int) Math.ceil(index), 1L, Long::sum);
    }
    assertArrayEquals(
        expected.keySet().stream().mapToInt(index -> index).toArray(), shown.positiveIndices());
    assertArrayEquals(
        expected.values().stream().mapToLong(count -> count).toArray(), shown.positiveCounts());
  }

  @Test
  void areNativeHistogramsOfAllWorkers() {
    try (Worker one = Worker.builder().directory(directory).name("one").open();
        Worker two = Worker.builder().directory(directory).name("two").open();
        SdkMeterProvider first = provider(one);
        SdkMeterProvider second = provider(two)) {
      List<Double> values = new ArrayList<>();
      for (double value = 10.01; value < 11; value += 0.03) {
        size(first).record(value);
        values.add(value);
      }
      Shown.flush(first, one);
      // The scale of the SDK is finer.
      assertEquals(NativeBuckets.MAX_SCHEMA, shown().schema());
      assertBuckets(values, shown());
      for (double value = 0.0007; value < 1e6; value *= 3.7) {
        size(second).record(value);
        values.add(value);
      }
      Shown.flush(second, two);
      assertTrue(shown().schema() < 5, shown().toString());
      assertBuckets(values, shown());
      for (double value = 1e7; value < 1e20; value *= 7) {
        size(first).record(value);
        values.add(value);
      }
      size(second).record(0);
      Shown.flush(first, one);
      Shown.flush(second, two);
      assertBuckets(values, shown());
      assertEquals(1, shown().zeroCount());
      assertTrue(
          Shown.of(directory).contains("size_count " + (double) (values.size() + 1) + "\n"),
          () -> Shown.of(directory));
    }
  }

  @Test
  void haveCountAndSumIfTheirBucketsAreTooWide() {
    try (Worker one = Worker.builder().directory(directory).name("one").open();
        SdkMeterProvider provider =
            SdkMeterProvider.builder()
                .registerMetricReader(
                    MultipromMetricReader.builder().worker(one).scopeLabels(false).build())
                .registerView(
                    InstrumentSelector.builder().setName("*").build(),
                    View.builder()
                        .setAggregation(Aggregation.base2ExponentialBucketHistogram(2, 20))
                        .build())
                .build()) {
      size(provider).record(0x1p-400);
      size(provider).record(0x1p400);
      size(provider).record(3);
      Shown.flush(provider, one);
      assertTrue(
          Shown.of(directory).contains("size_bucket{le=\"+Inf\",} 3.0\nsize_count 3.0\n"),
          () -> Shown.of(directory));
    }
  }
}
