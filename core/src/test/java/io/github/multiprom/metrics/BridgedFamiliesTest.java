package io.github.multiprom.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.multiprom.internal.worker.StoreUnderTest;
import io.github.multiprom.merge.MultiprocessCollector;
import io.prometheus.client.CollectorRegistry;
import java.nio.file.Path;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag(StoreUnderTest.TAG)
class BridgedFamiliesTest {
  @TempDir Path directory;

  private String merged(String prefix) throws Exception {
    try (MultiprocessCollector collector = new MultiprocessCollector(directory)) {
      CollectorRegistry registry = new CollectorRegistry();
      registry.register(collector);
      return Expositions.samples(registry, prefix)
          .lines()
          .sorted()
          .collect(Collectors.joining("\n"));
    }
  }

  private static Counter.Builder counter(String... labelNames) {
    return Counter.build("c", "Help.").labelNames(labelNames);
  }

  @Test
  void haveSeriesThatAreCountedBesideSeriesOfASource() throws Exception {
    try (Worker worker = Workers.in(directory)) {
      BridgedFamilies families = new BridgedFamilies(worker);
      families.make(counter("a")).labels("x").inc(1);
      SampledSeries ofSource = families.sampled(counter("b"), "y");
      ofSource.raise(2);
      ofSource.raise(5);
      families.sampled(counter(), new String[0]).raise(7);
      families.sampled(Summary.build("s", "Help.").labelNames("a"), "x").raise(3, 4.5);
      families.sampled(Info.build("i", "Help.").labelNames("version"), "1").set(1);

      assertEquals(
          """
          c_total 7.0
          c_total{a="x",} 1.0
          c_total{b="y",} 5.0\
          """,
          merged("c_"));
      assertEquals(
          """
          s_count{a="x",} 3.0
          s_sum{a="x",} 4.5\
          """,
          merged("s_"));
      assertEquals("i_info{version=\"1\",} 1.0", merged("i_"));

      ofSource.remove();
      assertEquals("c_total 7.0\nc_total{a=\"x\",} 1.0", merged("c_"));
    }
  }

  @Test
  void showAGaugeOfASourceOnlyWhileItIsSet() throws Exception {
    try (Worker worker = Workers.in(directory)) {
      SampledSeries gauge =
          new BridgedFamilies(worker).sampled(Gauge.build("g", "Help."), GaugeMode.LIVESUM);
      assertEquals("", merged("g"));
      gauge.set(3);
      assertEquals("g 3.0", merged("g"));
      gauge.withdraw();
      assertEquals("", merged("g"));
    }
  }

  @Test
  void haveNoSeriesWithoutLabelsBeforeOneIsAskedFor() throws Exception {
    try (Worker worker = Workers.in(directory)) {
      BridgedFamilies families = new BridgedFamilies(worker);
      Counter none = families.make(counter());
      families.make(counter("a")).labels("x").inc(1);
      assertEquals("c_total{a=\"x\",} 1.0", merged("c_"));
      none.labels(new String[0]).inc(2);
      assertEquals("c_total 2.0\nc_total{a=\"x\",} 1.0", merged("c_"));
      none.remove();
      assertEquals("c_total{a=\"x\",} 1.0", merged("c_"));

      // A family of the application's own is as ever.
      Counter same = counter().worker(worker).create();
      assertEquals("c_total 0.0\nc_total{a=\"x\",} 1.0", merged("c_"));
      same.inc(3);
      same.remove();
      same.inc(1);
      assertEquals("c_total 1.0\nc_total{a=\"x\",} 1.0", merged("c_"));
    }
  }

  @Test
  void takeTheModesOfTheSettingsForWhatIsSampled() throws Exception {
    try (Worker worker =
        Workers.builder()
            .directory(directory)
            .gaugeModes("pool_*=LIVESUM,debug_*=off")
            .withoutHousekeeping()
            .open()) {
      BridgedFamilies families = new BridgedFamilies(worker);
      families.sampled(Gauge.build("pool_size", "Help."), GaugeMode.LIVEALL).set(3);
      assertEquals("pool_size 3.0", merged("pool_"));
      families.sampled(Gauge.build("disk_free", "Help."), null).set(5);
      assertEquals("disk_free 5.0", merged("disk_"));
      assertNull(families.sampled(Gauge.build("debug_size", "Help."), null));
      assertNull(families.sampled(Counter.build("debug_bytes", "Help.")));
    }
  }

  @Test
  void leaveASampledSeriesBeyondTheLimitOut() {
    try (Worker worker =
        Workers.builder().directory(directory).maxSeries(1).withoutHousekeeping().open()) {
      BridgedFamilies families = new BridgedFamilies(worker);
      families.sampled(counter("a"), "x").raise(1);
      assertNull(families.sampled(counter("b"), "y"));
    }
  }

  @Test
  void tellWhichChildTakesWhatIsTooMuch() {
    try (Worker worker =
        Workers.builder().directory(directory).maxSeries(1).withoutHousekeeping().open()) {
      Counter counter = new BridgedFamilies(worker).make(counter("a"));
      assertFalse(BridgedFamilies.isOverflow(counter, counter.labels("x")));
      assertTrue(BridgedFamilies.isOverflow(counter, counter.labels("y")));
    }
  }

  @Test
  void takeObservationsThatWereSampledWhileTheyMove() {
    try (Worker worker = Workers.in(directory)) {
      BridgedFamilies families = new BridgedFamilies(worker);
      Histogram.Child histogram =
          families.make(Histogram.build("h", "Help.").labelNames("a").buckets(1, 2)).labels("");
      Summary.Child summary = families.make(Summary.build("s", "Help.").labelNames("a")).labels("");
      BridgedFamilies.observe(histogram, 1.5, 10);
      BridgedFamilies.observe(summary, 1.5, 10);
      histogram.leave();
      summary.leave();
      BridgedFamilies.observe(histogram, 1.5, 3);
      BridgedFamilies.observe(summary, 1.5, 3);
      histogram.detach();
      summary.detach();
      BridgedFamilies.observe(histogram, 1.5, 4);
      BridgedFamilies.observe(summary, 1.5, 4);
      assertEquals(17 * 1.5, histogram.get().sum);
      assertEquals(17, histogram.get().buckets[1]);
      assertEquals(17 * 1.5, summary.get().sum);
      assertEquals(17, summary.get().count);
    }
  }

  @Test
  void wantADirectoryAndOneTypePerName() {
    try (Worker memory = Workers.inMemory()) {
      assertThrows(IllegalArgumentException.class, () -> new BridgedFamilies(memory));
    }
    try (Worker worker = Workers.in(directory)) {
      BridgedFamilies families = new BridgedFamilies(worker);
      families.make(counter("a"));
      assertThrows(
          IllegalArgumentException.class, () -> families.sampled(Gauge.build("c", "Help."), null));
    }
  }
}
