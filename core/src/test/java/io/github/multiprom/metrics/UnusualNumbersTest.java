package io.github.multiprom.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.prometheus.client.CollectorRegistry;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** NaN and infinities with a directory, where one of them would be the sum of all workers. */
class UnusualNumbersTest {
  private static final double INF = Double.POSITIVE_INFINITY;

  @TempDir Path directory;
  private final CollectorRegistry registry = new CollectorRegistry();

  @Test
  void areLeftOutOfSumsAndCounted() throws IOException {
    try (LogLines log = new LogLines();
        Worker worker = Workers.in(directory)) {
      Counter counter = Counter.build("c", "Help.").worker(worker).register(registry);
      Histogram histogram =
          Histogram.build("h", "Help.").buckets(1, 2).worker(worker).register(registry);
      Summary summary = Summary.build("s", "Help.").worker(worker).register(registry);
      counter.inc(5);
      counter.inc(Double.NaN);
      counter.inc(INF);
      assertThrows(IllegalArgumentException.class, () -> counter.inc(-INF));
      assertThrows(IllegalArgumentException.class, () -> counter.inc(-1));
      for (double number : new double[] {1.5, Double.NaN, INF, -INF}) {
        histogram.observe(number);
        summary.observe(number);
      }
      assertEquals("c_total 5.0", Expositions.samples(registry, "c_"));
      assertEquals(
          """
          h_bucket{le="+Inf",} 3.0
          h_bucket{le="1.0",} 1.0
          h_bucket{le="2.0",} 2.0
          h_count 3.0
          h_sum 1.5\
          """,
          Expositions.samples(registry, "h_"));
      assertEquals(
          """
          s_count 3.0
          s_sum 1.5\
          """,
          Expositions.samples(registry, "s_"));
      assertEquals(
          """
          multiprom_dropped_total{reason="infinite",} 5.0
          multiprom_dropped_total{reason="nan",} 3.0\
          """,
          Expositions.samples(registry, "multiprom_dropped"));
      assertEquals(2, log.containing("left out of sums").size());
    }
  }

  @Test
  void areKeptByGauges() throws IOException {
    try (Worker worker = Workers.in(directory)) {
      Gauge gauge = Gauge.build("g", "Help.").worker(worker).mode(GaugeMode.SUM).register(registry);
      gauge.set(-INF);
      assertEquals("g -Inf", Expositions.samples(registry, "g"));
    }
  }
}
