package io.github.multiprom.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.codahale.metrics.MetricRegistry;
import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.prometheus.client.Collector;
import io.prometheus.client.CollectorRegistry;
import io.prometheus.client.CounterMetricFamily;
import io.prometheus.client.GaugeMetricFamily;
import io.prometheus.client.cache.caffeine.CacheMetricsCollector;
import io.prometheus.client.dropwizard.DropwizardExports;
import io.prometheus.client.hotspot.DefaultExports;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Enumeration;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/** Collectors that know nothing of workers, on a registry that merges them. */
class MergedRegistryTest {
  private static final Duration LONG = Duration.ofSeconds(20);

  @TempDir(cleanup = CleanupMode.NEVER)
  Path directory;

  private final List<Worker> workers = new ArrayList<>();

  @BeforeEach
  void closeDefaultWorker() {
    Worker.closeDefault();
  }

  @AfterEach
  void close() throws Exception {
    workers.forEach(Worker::close);
    DeletedDirectory.await(directory);
  }

  private MergedRegistry registry(String name) {
    Worker worker = Workers.builder().directory(directory).name(name).open();
    workers.add(worker);
    return MergedRegistry.of(worker);
  }

  private void sample() {
    workers.forEach(worker -> worker.sampler().sampleNow(LONG));
  }

  private static Double value(CollectorRegistry registry, String name, String... labels) {
    String[] names = new String[labels.length / 2];
    String[] values = new String[names.length];
    for (int i = 0; i < names.length; i++) {
      names[i] = labels[2 * i];
      values[i] = labels[2 * i + 1];
    }
    return registry.getSampleValue(name, names, values);
  }

  @Test
  void showsTheJvmOfEveryWorker() throws Exception {
    MergedRegistry one = registry("w1");
    MergedRegistry two = registry("w2");
    DefaultExports.register(one);
    DefaultExports.register(two);
    CollectorRegistry alone = new CollectorRegistry();
    DefaultExports.register(alone);
    double cpuBefore = value(alone, "process_cpu_seconds_total");
    // First: a collection of the heap adds a family to all three.
    Set<String> expected = familyNames(alone);
    sample();
    for (MergedRegistry registry : List.of(one, two)) {
      Set<String> names = familyNames(registry);
      assertTrue(names.containsAll(expected), () -> expected + " " + names);
      assertNotNull(value(registry, "process_start_time_seconds", "worker", "w1"));
      assertNotNull(value(registry, "process_start_time_seconds", "worker", "w2"));
      assertNotNull(value(registry, "jvm_memory_bytes_used", "area", "heap", "worker", "w2"));
      assertEquals(1, Expositions.samples(registry, "jvm_info").lines().count());
      // Both workers are this process.
      double merged = value(registry, "process_cpu_seconds_total");
      double cpuAfter = value(alone, "process_cpu_seconds_total");
      assertTrue(
          merged >= 2 * cpuBefore && merged <= 2 * cpuAfter,
          merged + " of " + cpuBefore + " to " + cpuAfter);
    }
    assertEquals(
        Expositions.samples(one, "jvm_threads_s").lines().count(),
        Expositions.samples(two, "jvm_threads_s").lines().count());
    workers.get(0).close();
    assertNull(value(two, "process_start_time_seconds", "worker", "w1"));
    assertNotNull(value(two, "process_start_time_seconds", "worker", "w2"));
  }

  private static Set<String> familyNames(CollectorRegistry registry) {
    return Collections.list(registry.metricFamilySamples()).stream()
        .filter(family -> !family.samples.isEmpty())
        .map(family -> family.name.equals("jvm") ? "jvm_info" : family.name)
        .collect(Collectors.toSet());
  }

  @Test
  void addsUpWhatDropwizardAndCaffeineCount() throws Exception {
    for (int i = 1; i <= 2; i++) {
      MergedRegistry registry = registry("w" + i);
      MetricRegistry dropwizard = new MetricRegistry();
      dropwizard.meter("requests").mark(10L * i);
      dropwizard.timer("work").update(Duration.ofSeconds(i));
      dropwizard.counter("active").inc(i);
      new DropwizardExports(dropwizard).register(registry);
      Cache<String, String> cache = Caffeine.newBuilder().recordStats().build();
      cache.put("k", "v");
      for (int hit = 0; hit < i; hit++) {
        cache.getIfPresent("k");
      }
      CacheMetricsCollector caches = new CacheMetricsCollector();
      caches.addCache("cache", cache);
      caches.register(registry);
    }
    sample();
    MergedRegistry other = registry("w3");
    assertEquals(30, value(other, "requests_total"));
    assertEquals(2, value(other, "work_count"));
    assertNull(value(other, "work", "quantile", "0.5"));
    assertEquals(2, value(other, "active", "worker", "w2"));
    assertEquals(3, value(other, "caffeine_cache_hit_total", "cache", "cache"));
    assertTrue(value(other, "multiprom_sample_refused_total", "reason", "quantile") > 0);
  }

  /** A collector that counts how often it was asked. */
  private static final class Asked extends Collector {
    private double total;

    @Override
    public synchronized List<MetricFamilySamples> collect() {
      total++;
      return List.of(
          new CounterMetricFamily("asked", "Help.", total),
          new GaugeMetricFamily("asked_now", "Help.", total));
    }
  }

  @Test
  void forgetsAndRegistersAgain() throws Exception {
    MergedRegistry registry = registry("w");
    Asked asked = new Asked();
    registry.register(asked);
    sample();
    double before = value(registry, "asked_total");
    assertNotNull(value(registry, "asked_now", "worker", "w"));
    registry.unregister(asked);
    sample();
    assertTrue(value(registry, "asked_total") >= before);
    assertNull(value(registry, "asked_now", "worker", "w"));
    registry.register(asked);
    sample();
    sample();
    double least = asked.total - 2;
    double shown = value(registry, "asked_total");
    assertTrue(least <= shown && shown <= asked.total, shown + " of " + asked.total);
    registry.clear();
    sample();
    assertNull(value(registry, "asked_now", "worker", "w"));
  }

  @Test
  void takesMetricsAsAnyRegistry() throws Exception {
    MergedRegistry registry = registry("w");
    Worker worker = workers.get(0);
    Counter counter = Counter.build("c", "Help.").worker(worker).register(registry);
    Counter direct = Counter.build("d", "Help.").worker(worker).create();
    registry.register(direct);
    counter.inc(2);
    direct.inc(3);
    assertEquals("c_total 2.0", Expositions.samples(registry, "c_"));
    assertEquals("d_total 3.0", Expositions.samples(registry, "d_"));
    assertThrows(
        IllegalArgumentException.class,
        () -> Gauge.build("c_total", "Help.").worker(worker).register(registry));
    assertEquals(Set.of("c"), names(registry.filteredMetricFamilySamples(Set.of("c_total"))));
    registry.unregister(counter);
    assertEquals("", Expositions.samples(registry, "c_"));
    assertEquals("d_total 3.0", Expositions.samples(registry, "d_"));
  }

  private static Set<String> names(Enumeration<Collector.MetricFamilySamples> families) {
    return Collections.list(families).stream()
        .map(family -> family.name)
        .collect(Collectors.toSet());
  }

  @Test
  void samplesNothingThatItShows() throws Exception {
    MergedRegistry registry = registry("w");
    Counter.build("c", "Help.").worker(workers.get(0)).register(registry).inc();
    registry.register(
        new Collector() {
          @Override
          public List<MetricFamilySamples> collect() {
            List<MetricFamilySamples> all = Collections.list(registry.metricFamilySamples());
            all.add(new GaugeMetricFamily("seen", "Help.", all.size()));
            return all;
          }
        });
    for (int i = 0; i < 3; i++) {
      sample();
      assertEquals("c_total 1.0", Expositions.samples(registry, "c_"));
      assertEquals(0, value(registry, "seen", "worker", "w"));
    }
  }

  @Test
  void isAPlainRegistryUntilADirectoryIsOpened() throws Exception {
    try (Worker memory = Workers.inMemory()) {
      MergedRegistry registry = MergedRegistry.ofDefaultWorker();
      Asked asked = new Asked();
      registry.register(asked);
      Counter counter = Counter.build("c", "Help.").worker(memory).register(registry);
      counter.inc(2);
      assertEquals(1, value(registry, "asked_total"));
      assertEquals(2, value(registry, "asked_now"));
      assertEquals("c_total 2.0", Expositions.samples(registry, "c_"));

      Worker worker = Workers.builder().directory(directory).name("w").open();
      workers.add(worker);
      sample();
      worker.tick();
      worker.tick();
      assertEquals("c_total 2.0", Expositions.samples(registry, "c_"));
      assertNotNull(value(registry, "asked_now", "worker", "w"));
      Asked another = new Asked();
      registry.unregister(asked);
      registry.register(another);
      sample();
      assertNotNull(value(registry, "asked_now", "worker", "w"));
    }
  }
}
