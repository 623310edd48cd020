package io.github.multiprom.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.multiprom.internal.worker.StoreUnderTest;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Long label values count in the series {@code overflow}. */
@Tag(StoreUnderTest.TAG)
class LabelBytesTest {
  @TempDir Path directory;

  private Worker.Builder builder() {
    return Workers.builder().directory(directory).withoutHousekeeping();
  }

  private static Counter counter(Worker worker) {
    return Counter.build("c", "Help.").labelNames("a").worker(worker).create();
  }

  @Test
  void divertsLongLabelValues() throws Exception {
    try (LogLines log = new LogLines();
        Worker worker = builder().open()) {
      Counter counter = counter(worker);
      // Two bytes each.
      counter.labels("é".repeat(2048)).inc();
      counter.labels("é".repeat(2048) + "x").inc();
      counter.labels("y".repeat(20 << 20)).inc();
      counter.labels("short").inc();
      Map<String, Double> sums = Workers.sums(directory);
      assertEquals(1, sums.get("c[" + "é".repeat(2048) + "]"));
      assertEquals(2, sums.get("c[overflow]"));
      assertEquals(1, sums.get("c[short]"));
      assertEquals(2, sums.get("multiprom_series_overflowed[c]"));
      assertEquals(1, log.containing("4096 bytes (multiprom.maxLabelValueBytes)").size());
    }
  }

  @Test
  void boundsTheLabelValuesOfAFamily() throws Exception {
    try (LogLines log = new LogLines();
        Worker worker = builder().maxLabelBytes(10_000).open()) {
      Counter counter = counter(worker);
      for (int i = 0; i < 12; i++) {
        counter.labels(i + "x".repeat(999)).inc();
      }
      counter.labels("short").inc();
      assertEquals(3, Workers.sums(directory).get("c[overflow]"));
      counter.remove("0" + "x".repeat(999));
      counter.labels("after" + "x".repeat(900)).inc();
      assertEquals(1, Workers.sums(directory).get("c[after" + "x".repeat(900) + "]"));
      assertEquals(1, log.containing("10000 bytes of label values").size());
    }
  }

  @Test
  void holdsUpNoOthersForALabelSetThatFitsIntoNoFile() throws Exception {
    try (Worker worker =
        builder()
            .maxLabelValueBytes(SeriesLimits.MOST_LABEL_BYTES)
            .maxLabelBytes(Integer.MAX_VALUE)
            .open()) {
      String[] names = {"a", "b", "c"};
      Counter wide = Counter.build("w", "Help.").labelNames(names).worker(worker).create();
      String half = "x".repeat(SeriesLimits.MOST_LABEL_BYTES / 2);
      wide.labels(half, half, "").inc();
      wide.labels(half, half, "y").inc();
      counter(worker).labels("x").inc();
      Map<String, Double> sums = Workers.sums(directory);
      assertEquals(1, sums.get("w[overflow, overflow, overflow]"));
      assertEquals(1, sums.get("w[" + half + ", " + half + ", ]"));
      assertEquals(1, sums.get("c[x]"));
    }
  }

  @Test
  void takesTheLimitsFromProperties() {
    WorkerSettings settings =
        Workers.settings(
            Map.of("multiprom.maxLabelValueBytes", "7", "multiprom.maxLabelBytes", "80"), Map.of());
    assertEquals(7, settings.maxLabelValueBytes());
    assertEquals(80, settings.maxLabelBytes());
    WorkerSettings wrong =
        Workers.settings(
            Map.of("multiprom.maxLabelValueBytes", "99999999", "multiprom.maxLabelBytes", "0"),
            Map.of());
    assertEquals(4096, wrong.maxLabelValueBytes());
    assertEquals(2 << 20, wrong.maxLabelBytes());
    assertThrows(IllegalArgumentException.class, () -> Worker.builder().maxLabelValueBytes(0));
    assertThrows(IllegalArgumentException.class, () -> Worker.builder().maxLabelBytes(0));
  }
}
