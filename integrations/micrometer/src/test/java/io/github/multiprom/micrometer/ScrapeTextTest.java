package io.github.multiprom.micrometer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.multiprom.metrics.GaugeMode;
import io.github.multiprom.metrics.Worker;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.FunctionTimer;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.LongTaskTimer;
import io.micrometer.core.instrument.Measurement;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MockClock;
import io.micrometer.core.instrument.Statistic;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.TimeGauge;
import io.micrometer.core.instrument.Timer;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The scrape of one worker beside that of Micrometer's own registry after the same operations. */
class ScrapeTextTest {
  // Strong: Micrometer forgets what nobody else holds.
  private static final AtomicInteger SEVEN = new AtomicInteger(7);

  private static final String OPEN_METRICS =
      "application/openmetrics-text; version=1.0.0; charset=utf-8";
  private static final Duration LONG = Duration.ofSeconds(20);

  @TempDir Path directory;

  private static void useAllTypes(MeterRegistry registry) {
    Counter.builder("http.requests")
        .description("Requests.")
        .tags("uri", "/a\"\\\n", "status", "200")
        .register(registry)
        .increment(3);
    Counter.builder("http.requests")
        .description("Requests.")
        .tags("uri", "/b", "status", "500")
        .register(registry)
        .increment();
    Counter.builder("bytes.read").baseUnit("bytes").register(registry).increment(10);
    Counter.builder("odd.total").register(registry).increment();
    Counter.builder("1st-thing.ünï").register(registry).increment();
    Gauge.builder("queue.size", SEVEN, AtomicInteger::get).tags("q", "mail").register(registry);
    Gauge.builder("app.info", () -> 1).tags("version", "1.2").register(registry);
    TimeGauge.builder("age", () -> 1500, TimeUnit.MILLISECONDS).register(registry);
    Timer timer = Timer.builder("rpc").description("Calls.").tags("m", "get").register(registry);
    timer.record(Duration.ofMillis(250));
    timer.record(Duration.ofMillis(500));
    Timer buckets =
        Timer.builder("rpc.h")
            .publishPercentileHistogram()
            .minimumExpectedValue(Duration.ofMillis(100))
            .maximumExpectedValue(Duration.ofMillis(400))
            .serviceLevelObjectives(Duration.ofMillis(150))
            .register(registry);
    buckets.record(Duration.ofMillis(125));
    buckets.record(Duration.ofMillis(250));
    buckets.record(Duration.ofSeconds(3));
    DistributionSummary summary =
        DistributionSummary.builder("payload")
            .baseUnit("bytes")
            .serviceLevelObjectives(10, 100)
            .register(registry);
    summary.record(5);
    summary.record(50);
    summary.record(500);
    FunctionCounter.builder("fc", SEVEN, it -> it.get() * 2).register(registry);
    FunctionTimer.builder("ft", SEVEN, it -> 4, it -> 9, TimeUnit.SECONDS).register(registry);
    Meter.builder(
            "custom",
            Meter.Type.OTHER,
            List.of(
                new Measurement(() -> 3.0, Statistic.COUNT),
                new Measurement(() -> 4.0, Statistic.VALUE),
                new Measurement(() -> 5.0, Statistic.TOTAL),
                new Measurement(() -> 6.0, Statistic.MAX)))
        .register(registry);
    registry.gauge("kept", Tags.empty(), SEVEN);
  }

  private static String ofApplication(String text) {
    return text.lines()
        .filter(line -> !line.contains("multiprom_"))
        .collect(Collectors.joining("\n"));
  }

  private MultipromMeterRegistry ours(Worker worker) {
    return MultipromMeterRegistry.builder(PrometheusConfig.DEFAULT)
        .worker(worker)
        .clock(new MockClock())
        .gaugeMode(id -> GaugeMode.LIVEMAX)
        .build();
  }

  private static PrometheusMeterRegistry original() {
    return new PrometheusMeterRegistry(
        PrometheusConfig.DEFAULT, new PrometheusRegistry(), new MockClock());
  }

  @Test
  void equalsTheOriginals() {
    try (Worker worker = Worker.builder().directory(directory).name("w").open()) {
      PrometheusMeterRegistry original = original();
      MultipromMeterRegistry ours = ours(worker);
      useAllTypes(original);
      useAllTypes(ours);
      worker.sampler().sampleNow(LONG);
      assertEquals(original.scrape(), ofApplication(ours.scrape()) + "\n");
      assertEquals(original.scrape(OPEN_METRICS), ofApplication(ours.scrape(OPEN_METRICS)) + "\n");
      ours.close();
      original.close();
    }
  }

  @Test
  void equalsTheOriginalsWithoutADirectory() {
    try (Worker memory = Worker.builder().name("w").open()) {
      PrometheusMeterRegistry original = original();
      MultipromMeterRegistry ours = ours(memory);
      useAllTypes(original);
      useAllTypes(ours);
      assertEquals(original.scrape(), ours.scrape());
      ours.close();
      original.close();
    }
  }

  private static void useOneNameInManyWays(MeterRegistry registry) {
    Counter.builder("mixed").tags("a", "1").register(registry).increment(1);
    Counter.builder("mixed").tags("b", "1").register(registry).increment(2);
    Counter.builder("mixed").register(registry).increment(4);
    FunctionCounter.builder("mixed", "x", it -> 8).tags("c", "1").register(registry);
    slo(registry, "/fast", 1, 2).record(1.5);
    slo(registry, "/slow", 2, 30).record(20);
  }

  private static DistributionSummary slo(MeterRegistry registry, String path, double... bounds) {
    return DistributionSummary.builder("slo")
        .tags("path", path)
        .serviceLevelObjectives(bounds)
        .register(registry);
  }

  @Test
  void showsMetersOfOneNameWithOtherTagsAndBuckets() {
    try (Worker worker = Worker.builder().directory(directory).name("w").open()) {
      MultipromMeterRegistry ours = ours(worker);
      useOneNameInManyWays(ours);
      worker.sampler().sampleNow(LONG);
      assertEquals(
          """
          # HELP mixed_total \s
          # TYPE mixed_total counter
          mixed_total 4.0
          mixed_total{a="1"} 1.0
          mixed_total{b="1"} 2.0
          mixed_total{c="1"} 8.0
          # HELP slo \s
          # TYPE slo histogram
          slo_bucket{path="/fast",le="1.0"} 0
          slo_bucket{path="/fast",le="2.0"} 1
          slo_bucket{path="/fast",le="+Inf"} 1
          slo_count{path="/fast"} 1
          slo_sum{path="/fast"} 1.5
          slo_bucket{path="/slow",le="2.0"} 0
          slo_bucket{path="/slow",le="30.0"} 1
          slo_bucket{path="/slow",le="+Inf"} 1
          slo_count{path="/slow"} 1
          slo_sum{path="/slow"} 20.0
          # HELP slo_max \s
          # TYPE slo_max gauge
          slo_max{path="/fast"} 1.5
          slo_max{path="/slow"} 20.0\
          """,
          ofApplication(ours.scrape()));
      if (Versions.isAtLeast(1, 17)) {
        PrometheusMeterRegistry original = original();
        useOneNameInManyWays(original);
        assertEquals(
            original.scrape().lines().sorted().toList(),
            ofApplication(ours.scrape()).lines().sorted().toList());
        original.close();
      }
      ours.close();
    }
  }

  @Test
  void showsLongTasksAsGauges() {
    try (Worker worker = Worker.builder().directory(directory).name("w").open()) {
      MockClock clock = new MockClock();
      MultipromMeterRegistry ours =
          MultipromMeterRegistry.builder(PrometheusConfig.DEFAULT)
              .worker(worker)
              .clock(clock)
              .build();
      LongTaskTimer timer = LongTaskTimer.builder("job").register(ours);
      LongTaskTimer.Sample first = timer.start();
      timer.start();
      clock.add(Duration.ofSeconds(3));
      worker.sampler().sampleNow(LONG);
      String text = ofApplication(ours.scrape());
      assertTrue(text.contains("job_seconds_count 2.0\n"), text);
      assertTrue(text.contains("job_seconds_max 3.0\n"), text);
      assertTrue(text.contains("job_seconds_sum 6.0"), text);
      first.stop();
      worker.sampler().sampleNow(LONG);
      assertTrue(ours.scrape().contains("job_seconds_count 1.0\n"), ours.scrape());
      ours.close();
    }
  }

  @Test
  void leavesPercentilesOut() {
    try (Worker worker = Worker.builder().directory(directory).name("w").open()) {
      MultipromMeterRegistry ours = ours(worker);
      Timer timer = Timer.builder("p").publishPercentiles(0.5, 0.9).register(ours);
      timer.record(Duration.ofMillis(500));
      String text = ours.scrape();
      assertFalse(text.contains("quantile"), text);
      assertTrue(text.contains("p_seconds_count 1\n"), text);
      assertEquals(2, timer.takeSnapshot().percentileValues().length);
      ours.close();
    }
  }
}
