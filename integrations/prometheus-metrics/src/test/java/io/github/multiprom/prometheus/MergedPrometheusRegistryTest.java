package io.github.multiprom.prometheus;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.multiprom.metrics.Counter;
import io.github.multiprom.metrics.Enumeration;
import io.github.multiprom.metrics.Gauge;
import io.github.multiprom.metrics.GaugeMode;
import io.github.multiprom.metrics.Histogram;
import io.github.multiprom.metrics.Info;
import io.github.multiprom.metrics.Summary;
import io.github.multiprom.metrics.Worker;
import io.prometheus.metrics.core.metrics.CounterWithCallback;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.core.metrics.StateSet;
import io.prometheus.metrics.core.metrics.SummaryWithCallback;
import io.prometheus.metrics.instrumentation.jvm.JvmMetrics;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.Quantiles;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MergedPrometheusRegistryTest {
  private static final Duration LONG = Duration.ofSeconds(20);

  @TempDir Path directory;

  private Worker worker(String name) {
    return Worker.builder().directory(directory).name(name).open();
  }

  @Test
  void showsTheMetricsOfAllWorkers() throws Exception {
    try (Worker one = worker("one");
        Worker two = worker("two");
        MergedPrometheusRegistry registry = MergedPrometheusRegistry.of(one)) {
      count(one, 1);
      count(two, 2);
      assertEquals(
          """
          # HELP calls_total Calls.
          # TYPE calls_total counter
          calls_total{to="/a\\"b"} 3.0
          # HELP in_flight Calls now.
          # TYPE in_flight gauge
          in_flight 3.0
          # HELP latency_seconds Latency.
          # TYPE latency_seconds histogram
          latency_seconds_bucket{le="1.0"} 1
          latency_seconds_bucket{le="2.0"} 2
          latency_seconds_bucket{le="+Inf"} 2
          latency_seconds_count 2
          latency_seconds_sum 3.0
          # HELP queued Jobs.
          # TYPE queued gauge
          queued{worker="one"} 1.0
          queued{worker="two"} 2.0
          # HELP sent_bytes Sent.
          # TYPE sent_bytes summary
          sent_bytes_count 2
          sent_bytes_sum 3.0
          # HELP state State.
          # TYPE state gauge
          state{state="busy"} 1
          state{state="idle"} 0
          # HELP version_info Version.
          # TYPE version_info gauge
          version_info{version="1"} 1
          version_info{version="2"} 1
          """,
          Scrapes.ofApplication(registry));
    }
  }

  private static void count(Worker worker, int n) {
    Counter.build("calls", "Calls.")
        .labelNames("to")
        .worker(worker)
        .create()
        .labels("/a\"b")
        .inc(n);
    Gauge.build("in_flight", "Calls now.").mode(GaugeMode.LIVESUM).worker(worker).create().set(n);
    Gauge.build("queued", "Jobs.").worker(worker).create().set(n);
    Histogram.build("latency_seconds", "Latency.").buckets(1, 2).worker(worker).create().observe(n);
    Summary.build("sent_bytes", "Sent.").worker(worker).create().observe(n);
    Info.build("version", "Version.").worker(worker).create().info("version", "" + n);
    Enumeration.build("state", "State.")
        .states("idle", "busy")
        .mode(GaugeMode.LIVEMAX)
        .worker(worker)
        .create()
        .state("busy");
  }

  @Test
  void samplesWhatIsRegistered() throws Exception {
    try (Worker one = worker("one");
        Worker two = worker("two");
        MergedPrometheusRegistry first = MergedPrometheusRegistry.of(one);
        MergedPrometheusRegistry second = MergedPrometheusRegistry.of(two)) {
      sample(first, 1);
      sample(second, 2);
      one.sampler().sampleNow(LONG);
      two.sampler().sampleNow(LONG);
      String expected =
          """
          # HELP hits_total Hits.
          # TYPE hits_total counter
          hits_total{cache="a"} 3.0
          # HELP pool Connections.
          # TYPE pool gauge
          pool{worker="one"} 1.0
          pool{worker="two"} 2.0
          # HELP waits Waits.
          # TYPE waits summary
          waits_count 3
          waits_sum 30.0
          """;
      assertEquals(expected, Scrapes.ofApplication(first));
      assertEquals(expected, Scrapes.ofApplication(second));
    }
  }

  private static void sample(PrometheusRegistry registry, int n) {
    CounterWithCallback.builder()
        .name("hits_total")
        .help("Hits.")
        .labelNames("cache")
        .callback(callback -> callback.call(n, "a"))
        .register(registry);
    GaugeWithCallback.builder()
        .name("pool")
        .help("Connections.")
        .callback(callback -> callback.call(n))
        .register(registry);
    SummaryWithCallback.builder()
        .name("waits")
        .help("Waits.")
        .callback(callback -> callback.call(n, n * 10, Quantiles.EMPTY))
        .register(registry);
  }

  @Test
  void samplesStateSetsOfWhichSeveralStatesAreTrue() throws Exception {
    try (Worker worker = worker("one");
        MergedPrometheusRegistry registry = MergedPrometheusRegistry.of(worker)) {
      StateSet features =
          StateSet.builder().name("features").states("mail", "pay", "ship").register(registry);
      features.setTrue("mail");
      features.setTrue("ship");
      worker.sampler().sampleNow(LONG);
      assertEquals(
          """
          # TYPE features gauge
          features{features="mail",worker="one"} 1.0
          features{features="pay",worker="one"} 0.0
          features{features="ship",worker="one"} 1.0
          """,
          Scrapes.ofApplication(registry).replaceAll("# HELP .*\n", ""));
    }
  }

  @Test
  void keepsTheSumsOfWhatIsGone() throws Exception {
    AtomicInteger hits = new AtomicInteger(5);
    try (Worker two = worker("two");
        MergedPrometheusRegistry second = MergedPrometheusRegistry.of(two)) {
      try (Worker one = worker("one");
          MergedPrometheusRegistry first = MergedPrometheusRegistry.of(one)) {
        CounterWithCallback counter =
            CounterWithCallback.builder()
                .name("hits")
                .callback(callback -> callback.call(hits.get()))
                .register(first);
        one.sampler().sampleNow(LONG);
        hits.set(7);
        one.sampler().sampleNow(LONG);
        first.unregister(counter);
      }
      assertTrue(Scrapes.ofApplication(second).contains("hits_total 7.0\n"));
    }
  }

  @Test
  void leavesOutAFamilyWithANameThatTheClientRefuses() throws Exception {
    try (Worker worker = worker("one");
        MergedPrometheusRegistry registry = MergedPrometheusRegistry.of(worker)) {
      Counter.build("calls", "Calls.").worker(worker).create().inc();
      // Two families that are one to prometheus-metrics, or a name that it refuses.
      Gauge.build("size_total", "A gauge.").mode(GaugeMode.MAX).worker(worker).create().set(1);
      Info.build("size", "An info.").worker(worker).create().info("a", "b");
      String text = Scrapes.of(registry);
      assertTrue(text.contains("calls_total 1.0\n"), text);
      assertTrue(text.contains("size_info{a=\"b\"} 1\n"), text);
    }
  }

  @Test
  void showsWhatIsAskedFor() throws Exception {
    try (Worker worker = worker("one");
        MergedPrometheusRegistry registry = MergedPrometheusRegistry.of(worker)) {
      count(worker, 1);
      String byFamily = Scrapes.of(registry, "?name[]=latency_seconds");
      assertTrue(byFamily.contains("latency_seconds_count 1\n"), byFamily);
      assertFalse(byFamily.contains("calls"), byFamily);
      String bySample = Scrapes.of(registry, "?name[]=calls_total");
      assertTrue(bySample.contains("calls_total{"), bySample);
      assertFalse(bySample.contains("latency"), bySample);
    }
  }

  @Test
  void showsTheNumbersOfTheJvmOfEachWorker() throws Exception {
    try (Worker one = worker("one");
        Worker two = worker("two");
        MergedPrometheusRegistry first = MergedPrometheusRegistry.of(one);
        MergedPrometheusRegistry second = MergedPrometheusRegistry.of(two)) {
      JvmMetrics.builder().register(first);
      JvmMetrics.builder().register(second);
      one.sampler().sampleNow(LONG);
      two.sampler().sampleNow(LONG);
      String text = Scrapes.of(first);
      assertTrue(text.contains("jvm_threads_current{worker=\"one\"}"), text);
      assertTrue(text.contains("jvm_threads_current{worker=\"two\"}"), text);
      assertTrue(text.contains("# TYPE process_cpu_seconds_total counter"), text);
      assertEquals(1, text.lines().filter(line -> line.startsWith("jvm_runtime_info{")).count());
    }
  }

  @Test
  void isARegistryAsAnyOtherWithoutADirectory() throws Exception {
    try (Worker memory = Worker.builder().name("memory").open();
        MergedPrometheusRegistry registry = MergedPrometheusRegistry.of(memory)) {
      io.prometheus.metrics.core.metrics.Counter.builder().name("calls").register(registry).inc(2);
      assertEquals("# TYPE calls_total counter\ncalls_total 2.0\n", Scrapes.of(registry));
      assertThrows(IllegalArgumentException.class, () -> MergedCollector.of(memory));
    }
  }
}
