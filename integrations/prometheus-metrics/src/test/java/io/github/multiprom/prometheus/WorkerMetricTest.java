package io.github.multiprom.prometheus;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.multiprom.metrics.GaugeMode;
import io.github.multiprom.metrics.Worker;
import io.prometheus.metrics.config.PrometheusProperties;
import io.prometheus.metrics.config.PrometheusPropertiesLoader;
import io.prometheus.metrics.core.datapoints.CounterDataPoint;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.Unit;
import io.prometheus.metrics.tracer.common.SpanContext;
import io.prometheus.metrics.tracer.initializer.SpanContextSupplier;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The metric types of this package beside those of prometheus-metrics. */
class WorkerMetricTest {
  @TempDir Path directory;

  private Worker worker(String name) {
    return Worker.builder().directory(directory).name(name).open();
  }

  private static void useOurs(Worker worker, PrometheusRegistry registry) {
    Counter calls =
        Counter.builder()
            .name("calls_total")
            .help("Calls.")
            .labelNames("to", "code")
            .constLabels(Labels.of("app", "shop"))
            .worker(worker)
            .register(registry);
    calls.labelValues("/a", "200").inc();
    calls.labelValues("/a", "200").inc(2.5);
    calls.labelValues("/b", "500").inc(3L);
    calls.initLabelValues("/c", "200");
    calls.labelValues("/gone", "200").inc();
    calls.remove("/gone", "200");
    Counter.builder().name("plain").help("No labels.").worker(worker).register(registry).inc();
    Gauge gauge =
        Gauge.builder()
            .name("depth")
            .help("Depth.")
            .unit(Unit.BYTES)
            .mode(GaugeMode.LIVESUM)
            .worker(worker)
            .register(registry);
    gauge.set(7);
    gauge.dec(2);
    Histogram latency =
        Histogram.builder()
            .name("latency")
            .help("Latency.")
            .unit(Unit.SECONDS)
            .classicOnly()
            .classicUpperBounds(1, 2, 4)
            .labelNames("path")
            .worker(worker)
            .register(registry);
    latency.labelValues("/").observe(1);
    latency.labelValues("/").observe(3);
    latency.labelValues("/").observe(9);
    Histogram.builder()
        .name("defaults")
        .help("Default buckets.")
        .classicOnly()
        .worker(worker)
        .register(registry)
        .observe(0.25);
    Summary.builder()
        .name("sent_bytes")
        .help("Sent.")
        .worker(worker)
        .register(registry)
        .observe(1024);
  }

  /** The same application before its imports were changed. */
  private static void useTheirs(PrometheusRegistry registry) {
    var calls =
        io.prometheus.metrics.core.metrics.Counter.builder()
            .name("calls_total")
            .help("Calls.")
            .labelNames("to", "code")
            .constLabels(Labels.of("app", "shop"))
            .register(registry);
    calls.labelValues("/a", "200").inc();
    calls.labelValues("/a", "200").inc(2.5);
    calls.labelValues("/b", "500").inc(3L);
    calls.initLabelValues("/c", "200");
    calls.labelValues("/gone", "200").inc();
    calls.remove("/gone", "200");
    io.prometheus.metrics.core.metrics.Counter.builder()
        .name("plain")
        .help("No labels.")
        .register(registry)
        .inc();
    var gauge =
        io.prometheus.metrics.core.metrics.Gauge.builder()
            .name("depth")
            .help("Depth.")
            .unit(Unit.BYTES)
            .register(registry);
    gauge.set(7);
    gauge.dec(2);
    var latency =
        io.prometheus.metrics.core.metrics.Histogram.builder()
            .name("latency")
            .help("Latency.")
            .unit(Unit.SECONDS)
            .classicOnly()
            .classicUpperBounds(1, 2, 4)
            .labelNames("path")
            .register(registry);
    latency.labelValues("/").observe(1);
    latency.labelValues("/").observe(3);
    latency.labelValues("/").observe(9);
    io.prometheus.metrics.core.metrics.Histogram.builder()
        .name("defaults")
        .help("Default buckets.")
        .classicOnly()
        .register(registry)
        .observe(0.25);
    io.prometheus.metrics.core.metrics.Summary.builder()
        .name("sent_bytes")
        .help("Sent.")
        .register(registry)
        .observe(1024);
  }

  @Test
  void showsWhatTheClientsOwnTypesShow() throws Exception {
    PrometheusRegistry theirs = new PrometheusRegistry();
    useTheirs(theirs);
    String expected = Scrapes.of(theirs);
    try (Worker worker = worker("one");
        MergedPrometheusRegistry merged = MergedPrometheusRegistry.of(worker)) {
      useOurs(worker, merged);
      assertEquals(expected, Scrapes.ofApplication(merged));
      String openMetrics = Scrapes.of(merged, "", "application/openmetrics-text");
      assertTrue(openMetrics.contains("# UNIT latency_seconds seconds\n"), openMetrics);
    }
    try (Worker memory = Worker.builder().name("memory").open()) {
      PrometheusRegistry plain = new PrometheusRegistry();
      useOurs(memory, plain);
      assertEquals(expected, Scrapes.of(plain));
    }
  }

  @Test
  void showsTheSumOfAllWorkersOnAnyRegistry() throws Exception {
    PrometheusRegistry plain = new PrometheusRegistry();
    try (Worker one = worker("one");
        Worker two = worker("two")) {
      Counter counter = Counter.builder().name("c").worker(one).register(plain);
      counter.inc(2);
      Counter.builder().name("c").worker(two).build().inc(5);
      assertTrue(Scrapes.of(plain).contains("c_total 7.0\n"));
      assertEquals(2, counter.get());
    }
  }

  @Test
  void showsTheQuantilesOfAllWorkersOnAnyRegistry() throws Exception {
    PrometheusRegistry plain = new PrometheusRegistry();
    try (Worker first = worker("one");
        Worker second = worker("two")) {
      Summary.builder()
          .name("s")
          .quantile(0.9)
          .quantile(0.1)
          .worker(first)
          .register(plain)
          .observe(1);
      Summary.builder().name("s").quantile(0.9).quantile(0.1).worker(second).build().observe(4);
      String text = Scrapes.of(plain);
      // What stands for the buckets of 1 and 4.
      double one = 0.9891699987466264;
      String quantiles = "s{quantile=\"0.1\"} " + one + "\ns{quantile=\"0.9\"} " + 4 * one + "\n";
      assertTrue(text.contains(quantiles + "s_count 2\ns_sum 5.0\n"), text);
    }
  }

  @Test
  void keepsExemplars() throws Exception {
    try (Worker worker = worker("one");
        MergedPrometheusRegistry registry = MergedPrometheusRegistry.of(worker)) {
      Labels span = Labels.of("trace_id", "t1", "span_id", "s1");
      Counter.builder().name("c").worker(worker).register(registry).incWithExemplar(2.0, span);
      Histogram.builder()
          .name("h")
          .classicUpperBounds(1)
          .classicOnly()
          .worker(worker)
          .register(registry)
          .observeWithExemplar(0.5, span);
      String text = Scrapes.of(registry, "", "application/openmetrics-text");
      assertTrue(text.contains("c_total 2.0 # {span_id=\"s1\",trace_id=\"t1\"} 2.0 "), text);
      assertTrue(
          text.contains("h_bucket{le=\"1.0\"} 1 # {span_id=\"s1\",trace_id=\"t1\"} 0.5 "), text);
    }
  }

  /** As the client has it: what the properties say of a metric, the builder, then all metrics. */
  @Test
  void takesTheClientsProperties() throws Exception {
    String all = "io.prometheus.metrics.";
    Map<Object, Object> settings = new HashMap<>();
    settings.put(all + "exemplarsEnabled", "false");
    settings.put(all + "histogramClassicUpperBounds", "1,2");
    settings.put(all + "summaryQuantiles", "0.5");
    settings.put(all + "c1.exemplarsEnabled", "true");
    settings.put(all + "h1.histogramClassicUpperBounds", "4");
    settings.put(all + "s1.summaryQuantiles", "0.9");
    PrometheusProperties properties = PrometheusPropertiesLoader.load(settings);
    SpanContext before = SpanContextSupplier.getSpanContext();
    SpanContextSupplier.setSpanContext(new SampledSpan());
    try (Worker worker = worker("one");
        MergedPrometheusRegistry registry = MergedPrometheusRegistry.of(worker)) {
      for (String name : List.of("h", "h1")) {
        Histogram.builder(properties)
            .name(name)
            .classicOnly()
            .classicUpperBounds(3)
            .worker(worker)
            .register(registry)
            .observe(0.5);
        Summary.builder(properties)
            .name(name.replace('h', 's'))
            .quantile(0.1)
            .worker(worker)
            .register(registry)
            .observe(1);
      }
      Histogram.builder(properties).name("h2").worker(worker).register(registry).observe(0.5);
      Summary.builder(properties).name("s2").worker(worker).register(registry).observe(1);
      String text = Scrapes.of(registry);
      assertEquals(List.of("3.0", "+Inf"), values(text, "h_bucket{le="));
      assertEquals(List.of("4.0", "+Inf"), values(text, "h1_bucket{le="));
      assertEquals(List.of("1.0", "2.0", "+Inf"), values(text, "h2_bucket{le="));
      assertEquals(List.of("0.1"), values(text, "s{quantile="));
      assertEquals(List.of("0.9"), values(text, "s1{quantile="));
      assertEquals(List.of("0.5"), values(text, "s2{quantile="));
      for (String name : List.of("c", "c1")) {
        Counter.builder(properties).name(name).worker(worker).register(registry).inc();
      }
      Counter.builder(properties)
          .name("c2")
          .withExemplars()
          .worker(worker)
          .register(registry)
          .inc();
      String openMetrics = Scrapes.of(registry, "", "application/openmetrics-text");
      assertTrue(openMetrics.contains("\nc_total 1.0\n"), openMetrics);
      assertTrue(openMetrics.contains("\nc1_total 1.0 # {span_id="), openMetrics);
      assertTrue(openMetrics.contains("\nc2_total 1.0 # {span_id="), openMetrics);
    } finally {
      SpanContextSupplier.setSpanContext(before);
    }
  }

  private static final class SampledSpan implements SpanContext {
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
    public void markCurrentSpanAsExemplar() {}
  }

  private static List<String> values(String text, String sample) {
    return text.lines()
        .filter(line -> line.startsWith(sample))
        .map(line -> line.split("\"", -1)[1])
        .toList();
  }

  @Test
  void forgetsWhatIsRemoved() throws Exception {
    try (Worker worker = worker("one");
        MergedPrometheusRegistry registry = MergedPrometheusRegistry.of(worker)) {
      Counter counter =
          Counter.builder().name("c").labelNames("a").worker(worker).register(registry);
      CounterDataPoint held = counter.labelValues("x");
      held.inc();
      counter.labelValues("y").inc();
      counter.clear();
      held.inc();
      assertFalse(Scrapes.of(registry).contains("c_total{"));
      counter.labelValues("x").inc();
      assertTrue(Scrapes.of(registry).contains("c_total{a=\"x\"} 1.0\n"));
    }
  }

  @Test
  void countsOnWithoutLabelsWhenItWasCleared() throws Exception {
    try (Worker inFile = worker("one");
        Worker inMemory = Worker.builder().name("memory").open()) {
      for (Worker worker : List.of(inMemory, inFile)) {
        PrometheusRegistry registry = new PrometheusRegistry();
        Counter cleared = Counter.builder().name("c").worker(worker).register(registry);
        Gauge removed = Gauge.builder().name("g").worker(worker).register(registry);
        cleared.inc(3);
        removed.set(3);
        cleared.clear();
        removed.remove();
        cleared.inc(2);
        removed.inc();
        String text = Scrapes.of(registry);
        assertTrue(text.contains("\nc_total 2.0\n"), worker + ":\n" + text);
        assertEquals(2, cleared.get());
        assertEquals(1, removed.get());
      }
    }
  }

  @Test
  void removesTheDataPointsThatAPredicateNames() throws Exception {
    try (Worker inFile = worker("one");
        Worker inMemory = Worker.builder().name("memory").open()) {
      for (Worker worker : List.of(inMemory, inFile)) {
        PrometheusRegistry registry = new PrometheusRegistry();
        Counter calls =
            Counter.builder()
                .name("calls")
                .labelNames("to", "code")
                .constLabels(Labels.of("app", "shop"))
                .worker(worker)
                .register(registry);
        Counter others =
            Counter.builder()
                .name("calls")
                .labelNames("to", "code")
                .constLabels(Labels.of("app", "stock"))
                .worker(worker)
                .build();
        List.of("200", "500").forEach(code -> calls.labelValues("/a", code).inc());
        calls.labelValues("/b", "500").inc();
        others.labelValues("/a", "500").inc();
        calls.removeIf(values -> values.get(1).equals("500") && values.size() == 2);
        String text = Scrapes.of(registry);
        assertTrue(text.contains("code=\"200\",to=\"/a\""), worker + ":\n" + text);
        assertFalse(text.contains("app=\"shop\",code=\"500\""), worker + ":\n" + text);
        assertEquals(1, others.labelValues("/a", "500").getLongValue());
        calls.labelValues("/b", "500").inc(2);
        assertEquals(2, calls.labelValues("/b", "500").get());
      }
    }
  }

  @Test
  void keepsNothingOfLabelSetsBeyondTheLimit() throws Exception {
    try (Worker worker = Worker.builder().directory(directory).name("one").maxSeries(1).open();
        MergedPrometheusRegistry registry = MergedPrometheusRegistry.of(worker)) {
      Counter counter =
          Counter.builder().name("c").labelNames("a").worker(worker).register(registry);
      counter.labelValues("x").inc();
      // Each is a lookup of its own: the first is not kept.
      counter.labelValues("y").inc();
      counter.labelValues("y").inc();
      String text = Scrapes.of(registry);
      assertTrue(text.contains("c_total{a=\"overflow\"} 2.0\n"), text);
      assertTrue(text.contains("multiprom_series_overflowed_total{family=\"c\"} 2.0\n"), text);
    }
  }

  /**
   * The interfaces of the version that runs may ask for more than those that were compiled with.
   */
  @Test
  void hasAllMethodsOfTheClientsInterfaces() {
    try (Worker worker = worker("one")) {
      for (Object metric :
          List.of(
              Counter.builder().name("c").worker(worker).build(),
              Counter.builder().name("lc").labelNames("a").worker(worker).build().labelValues("x"),
              Gauge.builder().name("g").worker(worker).build(),
              Gauge.builder().name("lg").labelNames("a").worker(worker).build().labelValues("x"),
              Histogram.builder().name("h").worker(worker).build(),
              Histogram.builder().name("n").nativeOnly().worker(worker).build(),
              Histogram.builder()
                  .name("lh")
                  .labelNames("a")
                  .worker(worker)
                  .build()
                  .labelValues("x"),
              Summary.builder().name("s").worker(worker).build(),
              Summary.builder().name("ls").labelNames("a").worker(worker).build().labelValues("x"),
              Info.builder().name("i").worker(worker).build(),
              StateSet.builder().name("st").states("a").worker(worker).build(),
              StateSet.builder()
                  .name("lst")
                  .states("a")
                  .labelNames("a")
                  .worker(worker)
                  .build()
                  .labelValues("x"))) {
        for (Method method : metric.getClass().getMethods()) {
          assertFalse(Modifier.isAbstract(method.getModifiers()), method + " in " + metric);
        }
      }
    }
  }

  @Test
  void tellsCountAndSumOfThisWorker() {
    try (Worker inFile = worker("one");
        Worker other = worker("two");
        Worker inMemory = Worker.builder().name("memory").open()) {
      Histogram.builder().name("h").worker(other).build().observe(5);
      for (Worker worker : List.of(inMemory, inFile)) {
        Histogram histogram = Histogram.builder().name("h").worker(worker).build();
        Histogram nativeOnly = Histogram.builder().name("n").nativeOnly().worker(worker).build();
        Summary summary = Summary.builder().name("s").quantile(0.5).worker(worker).build();
        assertEquals(0, histogram.getCount());
        for (double value : new double[] {0.5, 2}) {
          histogram.observe(value);
          nativeOnly.observe(value);
          summary.observe(value);
        }
        assertEquals(List.of(2L, 2.5), List.of(histogram.getCount(), histogram.getSum()));
        assertEquals(List.of(2L, 2.5), List.of(nativeOnly.getCount(), nativeOnly.getSum()));
        assertEquals(List.of(2L, 2.5), List.of(summary.getCount(), summary.getSum()));
      }
    }
  }

  @Test
  void refusesWhatTheClientRefuses() {
    try (Worker worker = worker("one");
        MergedPrometheusRegistry registry = MergedPrometheusRegistry.of(worker)) {
      Counter.Builder builder = Counter.builder().name("c").labelNames("a").worker(worker);
      Counter counter = builder.register(registry);
      assertThrows(IllegalStateException.class, counter::inc);
      assertThrows(IllegalArgumentException.class, () -> counter.labelValues("x", "y"));
      assertThrows(IllegalArgumentException.class, () -> counter.labelValues((String) null));
      assertThrows(IllegalArgumentException.class, () -> counter.labelValues("x").inc(-1));
      assertThrows(IllegalArgumentException.class, () -> Counter.builder().worker(worker).build());
    }
  }
}
