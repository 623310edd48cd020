package io.github.multiprom.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.prometheus.client.Collector;
import io.prometheus.client.CollectorRegistry;
import java.io.IOException;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Families without a directory: each stands alone, as in simpleclient. */
class MemoryTest {
  private final Worker worker = Workers.inMemory();

  @AfterEach
  void close() {
    worker.close();
  }

  private Counter counter(CollectorRegistry registry, String... labelNames) {
    return Counter.build("c", "Help.").worker(worker).labelNames(labelNames).register(registry);
  }

  @Test
  void startsFromNothingOnEachRegistry() {
    for (int i = 0; i < 2; i++) {
      CollectorRegistry registry = new CollectorRegistry();
      counter(registry).inc();
      assertEquals(1, registry.getSampleValue("c_total"));
    }
  }

  @Test
  void mayHaveAnotherShapeOnAnotherRegistry() throws IOException {
    CollectorRegistry one = new CollectorRegistry();
    CollectorRegistry two = new CollectorRegistry();
    CollectorRegistry three = new CollectorRegistry();
    counter(one).inc();
    counter(two, "a").labels("x").inc(2);
    Gauge.build("c", "Help.").worker(worker).register(three).set(3);
    assertEquals("c_total 1.0", Expositions.samples(one, "c"));
    assertEquals("c_total{a=\"x\",} 2.0", Expositions.samples(two, "c"));
    assertEquals("c 3.0", Expositions.samples(three, "c"));
  }

  @Test
  void isForgottenByARegistryThatForgetsIt() {
    CollectorRegistry registry = new CollectorRegistry();
    Counter first = counter(registry);
    first.inc(5);
    registry.unregister(first);
    assertNull(registry.getSampleValue("c_total"));
    counter(registry).inc();
    assertEquals(1, registry.getSampleValue("c_total"));
    registry.clear();
    counter(registry, "a").labels("x").inc(2);
    assertEquals(2, registry.getSampleValue("c_total", new String[] {"a"}, new String[] {"x"}));
    assertEquals(5, first.get());
  }

  @Test
  void isOneFamilyOnTheRegistriesThatItWasGivenTo() {
    CollectorRegistry one = new CollectorRegistry();
    CollectorRegistry two = new CollectorRegistry();
    CollectorRegistry three = new CollectorRegistry();
    Counter counter = counter(one);
    counter.register(two);
    three.register(counter);
    counter.inc();
    for (CollectorRegistry registry : List.of(one, two, three)) {
      assertEquals(1, registry.getSampleValue("c_total"));
    }
    assertThrows(IllegalArgumentException.class, () -> counter(one));
  }

  @Test
  void hasNoLimitOfSeriesOrLabelValues() throws IOException {
    try (Worker limited = Workers.builder().maxSeries(2).open()) {
      CollectorRegistry registry = new CollectorRegistry();
      Counter counter =
          Counter.build("c", "Help.").labelNames("a").worker(limited).register(registry);
      for (int i = 0; i < 1_000; i++) {
        counter.labels("x".repeat(i) + i).inc();
      }
      counter.labels("y".repeat(1_000_000)).inc();
      assertEquals(1_001, Expositions.samples(registry, "c_total").lines().count());
    }
  }

  @Test
  void collectsItsOwnSamples() {
    Counter counter = Counter.build("c", "Help.").worker(worker).create();
    counter.inc(3);
    List<Collector.MetricFamilySamples> families = counter.collect();
    assertEquals(1, families.size());
    assertEquals("c", families.get(0).name);
    assertEquals(3, families.get(0).samples.get(0).value);
    assertEquals(List.of(), counter.collect(name -> name.equals("another")));
  }

  @Test
  void isCollectedWithItsRegistry() throws Exception {
    List<WeakReference<CollectorRegistry>> registries = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      CollectorRegistry registry = new CollectorRegistry();
      counter(registry).inc();
      registries.add(new WeakReference<>(registry));
    }
    Await.until(
        "the registries",
        () -> {
          System.gc();
          return registries.stream().allMatch(registry -> registry.refersTo(null));
        });
  }

  @Test
  void losesNothingOfSeveralThreads() throws Exception {
    CollectorRegistry registry = new CollectorRegistry();
    Counter counter = counter(registry, "a");
    Gauge gauge = Gauge.build("g", "Help.").worker(worker).register(registry);
    Histogram histogram =
        Histogram.build("h", "Help.").buckets(1).worker(worker).register(registry);
    int threadCount = 4;
    int rounds = 20_000;
    ExecutorService threads = Executors.newFixedThreadPool(threadCount);
    List<Future<?>> running = new ArrayList<>();
    for (int t = 0; t < threadCount; t++) {
      running.add(
          threads.submit(
              () -> {
                for (int i = 0; i < rounds; i++) {
                  counter.labels("" + i % 100).inc();
                  gauge.inc();
                  histogram.observe(i % 2 * 2);
                }
              }));
    }
    for (Future<?> thread : running) {
      thread.get();
    }
    threads.shutdown();
    double all = threadCount * rounds;
    double sum = 0;
    for (int i = 0; i < 100; i++) {
      sum += counter.labels("" + i).get();
    }
    assertEquals(all, sum);
    assertEquals(all, gauge.get());
    assertEquals(all, registry.getSampleValue("h_count"));
    assertEquals(all, registry.getSampleValue("h_sum"));
    assertEquals(
        all / 2, registry.getSampleValue("h_bucket", new String[] {"le"}, new String[] {"1.0"}));
  }

  @Test
  void saysOnTheDefaultRegistryOnlyThatOneWorkerCounts() {
    CollectorRegistry registry = CollectorRegistry.defaultRegistry;
    // Of a test before this one.
    registry.clear();
    CollectorRegistry other = new CollectorRegistry();
    Counter counter = Counter.build("memory_test", "Help.").worker(worker).register();
    Counter again = Counter.build("memory_test_2", "Help.").worker(worker).register();
    counter(other).inc();
    try {
      String[] state = {"state"};
      String[] live = {"live"};
      assertEquals(1, registry.getSampleValue("multiprom_workers", state, live));
      assertNull(other.getSampleValue("multiprom_workers", state, live));
    } finally {
      registry.unregister(counter);
      registry.unregister(again);
      MemoryWorkers.hideFrom(registry);
    }
  }
}
