package io.github.multiprom.micrometer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.multiprom.metrics.GaugeMode;
import io.github.multiprom.metrics.Worker;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot.HistogramDataPointSnapshot;
import io.prometheus.metrics.tracer.common.SpanContext;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MultipromMeterRegistryTest {
  private static final Duration LONG = Duration.ofSeconds(20);
  private static final String OPEN_METRICS = "application/openmetrics-text";

  @TempDir Path directory;

  private Worker worker(String name) {
    return Worker.builder().directory(directory).name(name).open();
  }

  private static MultipromMeterRegistry of(Worker worker) {
    return MultipromMeterRegistry.builder(PrometheusConfig.DEFAULT).worker(worker).build();
  }

  private static void assertShows(MultipromMeterRegistry registry, String line) {
    String text = registry.scrape();
    assertTrue(("\n" + text).contains("\n" + line + "\n"), text);
  }

  private static void assertShowsNot(MultipromMeterRegistry registry, String part) {
    String text = registry.scrape();
    assertFalse(text.contains(part), text);
  }

  @Test
  void addsUpTheCountsOfAllWorkers() {
    try (Worker one = worker("one");
        Worker two = worker("two");
        MultipromMeterRegistry first = of(one);
        MultipromMeterRegistry second = of(two)) {
      for (MultipromMeterRegistry registry : new MultipromMeterRegistry[] {first, second}) {
        registry.counter("orders", "kind", "book").increment(2);
        registry.timer("calls").record(Duration.ofMillis(500));
        FunctionCounter.builder("hits", this, it -> 5).register(registry);
      }
      one.sampler().sampleNow(LONG);
      two.sampler().sampleNow(LONG);
      assertShows(first, "orders_total{kind=\"book\"} 4.0");
      assertShows(second, "calls_seconds_count 2");
      assertShows(second, "calls_seconds_sum 1.0");
      assertShows(second, "calls_seconds_max 0.5");
      assertShows(first, "hits_total 10.0");
      assertEquals(2, first.counter("orders", "kind", "book").count());
    }
  }

  @Test
  void showsGaugesByWorkerOrByTheirMode() {
    AtomicInteger size = new AtomicInteger(3);
    try (Worker one = worker("one");
        Worker two =
            Worker.builder()
                .directory(directory)
                .name("two")
                .gaugeModes("summed_*=LIVESUM,secret_*=off")
                .open()) {
      try (MultipromMeterRegistry first = of(one);
          MultipromMeterRegistry second =
              MultipromMeterRegistry.builder(PrometheusConfig.DEFAULT)
                  .worker(two)
                  .gaugeMode(id -> id.getName().startsWith("most") ? GaugeMode.LIVEMAX : null)
                  .build()) {
        Gauge.builder("size", size, AtomicInteger::get).register(first);
        Gauge.builder("size", size, AtomicInteger::get).register(second);
        Gauge.builder("most.size", size, AtomicInteger::get).register(second);
        Gauge.builder("summed.size", size, AtomicInteger::get).register(second);
        Gauge.builder("secret.size", size, AtomicInteger::get).register(second);
        one.sampler().sampleNow(LONG);
        two.sampler().sampleNow(LONG);
        assertShows(first, "size{worker=\"one\"} 3.0");
        assertShows(first, "size{worker=\"two\"} 3.0");
        assertShows(first, "most_size 3.0");
        assertShows(first, "summed_size 3.0");
        assertShowsNot(first, "secret");

        second.close();
        assertShowsNot(first, "worker=\"two\"");
        assertShowsNot(first, "most_size 3");
      }
    }
  }

  @Test
  void showsNoGaugeOfARegistryThatIsClosedWhileItIsSampled() {
    try (Worker worker = worker("one");
        MultipromMeterRegistry first = of(worker);
        MultipromMeterRegistry second = of(worker)) {
      AtomicInteger asked = new AtomicInteger();
      Gauge.builder(
              "size",
              asked,
              count -> {
                if (count.incrementAndGet() > 2) {
                  second.close();
                }
                return 3;
              })
          .register(second);
      while (asked.get() <= 2) {
        worker.sampler().sampleNow(LONG);
      }
      worker.sampler().sampleNow(LONG);
      assertShowsNot(first, "size{");
    }
  }

  private MultipromMeterRegistry ofNative(Worker worker) {
    return MultipromMeterRegistry.builder(PrometheusConfig.DEFAULT)
        .worker(worker)
        .nativeHistogram(id -> id.getName().startsWith("http"))
        .build();
  }

  private static HistogramDataPointSnapshot histogram(
      MultipromMeterRegistry registry, String name) {
    return registry.getPrometheusRegistry().scrape(name::equals).stream()
        .flatMap(family -> ((HistogramSnapshot) family).getDataPoints().stream())
        .findFirst()
        .orElseThrow();
  }

  @Test
  void showsNativeHistogramsOfAllWorkersIfToldSo() {
    try (Worker one = worker("one");
        Worker two = worker("two");
        MultipromMeterRegistry first = ofNative(one);
        MultipromMeterRegistry second = ofNative(two)) {
      for (MultipromMeterRegistry registry : new MultipromMeterRegistry[] {first, second}) {
        registry.timer("http.calls").record(Duration.ofSeconds(2));
        Timer.builder("http.slow")
            .serviceLevelObjectives(Duration.ofSeconds(1))
            .register(registry)
            .record(Duration.ofSeconds(2));
        Timer.builder("other")
            .serviceLevelObjectives(Duration.ofSeconds(1))
            .register(registry)
            .record(Duration.ofSeconds(2));
      }
      HistogramDataPointSnapshot calls = histogram(first, "http_calls_seconds");
      assertFalse(calls.hasClassicHistogramData());
      assertEquals(8, calls.getNativeBucketsForPositiveValues().getBucketIndex(0));
      assertEquals(2, calls.getNativeBucketsForPositiveValues().getCount(0));
      HistogramDataPointSnapshot slow = histogram(second, "http_slow_seconds");
      assertEquals(2, slow.getClassicBuckets().getCount(1));
      assertEquals(2, slow.getNativeBucketsForPositiveValues().getCount(0));
      assertFalse(histogram(first, "other_seconds").hasNativeHistogramData());
      assertShows(first, "http_calls_seconds_bucket{le=\"+Inf\"} 2");
      assertShows(second, "http_slow_seconds_bucket{le=\"1.0\"} 0");
      assertEquals(1, first.timer("http.calls").count());
      assertEquals(1, first.timer("http.calls").takeSnapshot().count());
    }
  }

  @Test
  void hidesAGaugeWithoutANumber() {
    AtomicReference<Double> value = new AtomicReference<>(1.0);
    try (Worker worker = worker("one");
        MultipromMeterRegistry registry = of(worker)) {
      Gauge.builder("odd", value, AtomicReference::get).register(registry);
      worker.sampler().sampleNow(LONG);
      assertShows(registry, "odd{worker=\"one\"} 1.0");
      value.set(Double.NaN);
      worker.sampler().sampleNow(LONG);
      assertShowsNot(registry, "odd{");
    }
  }

  @Test
  void forgetsAMeterThatIsRemoved() {
    try (Worker worker = worker("one");
        MultipromMeterRegistry registry = of(worker)) {
      Counter counter = registry.counter("orders", "kind", "book");
      counter.increment(3);
      registry.counter("orders", "kind", "card").increment();
      Timer timer = registry.timer("calls");
      Gauge gauge = Gauge.builder("size", () -> 1).register(registry);
      worker.sampler().sampleNow(LONG);
      assertShows(registry, "size{worker=\"one\"} 1.0");
      registry.remove(counter);
      registry.remove(timer);
      registry.remove(gauge);
      assertShowsNot(registry, "book");
      assertShowsNot(registry, "calls");
      assertShowsNot(registry, "size{");
      assertShows(registry, "orders_total{kind=\"card\"} 1.0");
      registry.counter("orders", "kind", "book").increment();
      assertShows(registry, "orders_total{kind=\"book\"} 1.0");
    }
  }

  @Test
  void tellsOfAMeterThatCannotBeExposed() {
    try (Worker worker = worker("one");
        MultipromMeterRegistry registry = of(worker)) {
      registry.counter("clash").increment();
      Timer timer = Timer.builder("clash.total").tags("le", "1").register(registry);
      timer.record(Duration.ofMillis(1));
      assertEquals(1, timer.count());
      registry.throwExceptionOnRegistrationFailure();
      assertThrows(
          IllegalArgumentException.class,
          () ->
              Timer.builder("other")
                  .tags("le", "1")
                  .publishPercentileHistogram()
                  .register(registry));
      assertShows(registry, "clash_total 1.0");
    }
  }

  @Test
  void showsASingleNameOnRequest() {
    try (Worker worker = worker("one");
        MultipromMeterRegistry registry = of(worker)) {
      registry.counter("orders").increment();
      registry.counter("other").increment();
      String text = registry.scrape("text/plain", java.util.Set.of("orders_total"));
      assertTrue(text.contains("orders_total 1.0"), text);
      assertFalse(text.contains("other"), text);
    }
  }

  @Test
  void keepsTheSpanOfWhatWasCountedAsAnExemplar() {
    AtomicBoolean marked = new AtomicBoolean();
    SpanContext span =
        new SpanContext() {
          @Override
          public String getCurrentTraceId() {
            return "t1";
          }

          @Override
          public String getCurrentSpanId() {
            return "s1";
          }

          @Override
          public boolean isCurrentSpanSampled() {
            return true;
          }

          @Override
          public void markCurrentSpanAsExemplar() {
            marked.set(true);
          }
        };
    try (Worker one = worker("one");
        Worker two = worker("two");
        MultipromMeterRegistry first =
            MultipromMeterRegistry.builder(PrometheusConfig.DEFAULT)
                .worker(one)
                .spanContext(span)
                .build();
        MultipromMeterRegistry second = of(two)) {
      first.counter("orders").increment();
      Timer.builder("calls")
          .serviceLevelObjectives(Duration.ofMillis(2))
          .register(first)
          .record(Duration.ofMillis(1));
      String text = second.scrape(OPEN_METRICS);
      assertTrue(text.contains("orders_total 1.0 # {span_id=\"s1\",trace_id=\"t1\"} 1.0 "), text);
      assertTrue(
          text.contains(
              "calls_seconds_bucket{le=\"0.002\"} 1 # {span_id=\"s1\",trace_id=\"t1\"} 0.001 "),
          text);
      assertTrue(marked.get());
    }
  }

  @Test
  void takesTheNumbersOfTheJvm() {
    try (Worker worker = worker("one");
        MultipromMeterRegistry registry = of(worker)) {
      new JvmMemoryMetrics().bindTo(registry);
      worker.sampler().sampleNow(LONG);
      String text = registry.scrape();
      assertTrue(text.contains("jvm_memory_used_bytes{area=\"heap\""), text);
      assertTrue(text.contains("worker=\"one\""), text);
    }
  }

  @Test
  void keepsTheCountsOfARegistryThatIsClosed() {
    try (Worker one = worker("one");
        Worker two = worker("two");
        MultipromMeterRegistry second = of(two)) {
      AtomicInteger hits = new AtomicInteger();
      MeterRegistry first = of(one);
      FunctionCounter.builder("hits", hits, AtomicInteger::get).register(first);
      hits.set(7);
      first.close();
      assertShows(second, "hits_total 7.0");
    }
  }
}
