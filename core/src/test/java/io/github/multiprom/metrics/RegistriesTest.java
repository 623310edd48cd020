package io.github.multiprom.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.multiprom.merge.MultiprocessCollector;
import io.prometheus.client.Collector;
import io.prometheus.client.CollectorRegistry;
import io.prometheus.client.Predicate;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Enumeration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/** What each registry of a JVM shows of a directory. */
class RegistriesTest {
  private static final CollectorRegistry DEFAULT = CollectorRegistry.defaultRegistry;

  @TempDir(cleanup = CleanupMode.NEVER)
  Path directory;

  private Worker worker;
  private Worker other;

  @BeforeEach
  void open() {
    Worker.closeDefault();
    DEFAULT.clear();
    worker = Workers.in(directory);
    other = Workers.in(directory);
  }

  @AfterEach
  void close() throws Exception {
    worker.close();
    other.close();
    DEFAULT.clear();
    DeletedDirectory.await(directory);
  }

  private static Counter create(Worker of, String name) {
    return Counter.build(name, "Help.").worker(of).create();
  }

  private Counter register(String name, CollectorRegistry registry) {
    return Counter.build(name, "Help.").worker(worker).register(registry);
  }

  private static String names(CollectorRegistry registry) throws IOException {
    return String.join(
        " ",
        Expositions.samples(registry, "")
            .lines()
            .filter(line -> !line.startsWith("#") && !line.startsWith("multiprom_"))
            .map(line -> line.replace("_total", ""))
            .toList());
  }

  @Test
  void twoOfTheApplicationShowWhatEachWasGivenAndNothingTwice() throws IOException {
    CollectorRegistry business = new CollectorRegistry();
    CollectorRegistry management = new CollectorRegistry();
    register("a", business).inc();
    register("b", management).inc(2);
    create(other, "a").inc(10);
    create(other, "b").inc(20);
    create(other, "c").inc();
    assertEquals("a 11.0", names(business));
    assertEquals("b 22.0", names(management));
    assertEquals("", Expositions.samples(business, "multiprom_"));
  }

  @Test
  void onlyOneOfTheApplicationShowsEverything() throws IOException {
    CollectorRegistry bean = new CollectorRegistry();
    register("a", bean).inc();
    create(other, "b").inc(2);
    assertEquals("a 1.0 b 2.0", names(bean));
    assertEquals(
        "multiprom_workers{state=\"live\",} 2.0",
        Expositions.samples(bean, "multiprom_workers{state=\"live\""));

    Counter.build("c", "Help.").worker(other).register(DEFAULT).inc(3);
    assertEquals("a 1.0 b 2.0", names(bean));
    assertEquals("c 3.0", names(DEFAULT));
    assertEquals("", Expositions.samples(bean, "multiprom_"));
  }

  @Test
  void theDefaultOneLeavesOutWhatIsOnOthersInEveryLiveWorker() throws IOException {
    CollectorRegistry own = new CollectorRegistry();
    register("a", own).inc();
    register("b", DEFAULT).inc(2);
    assertEquals("b 2.0", names(DEFAULT));
    assertEquals("a 1.0", names(own));

    Counter.build("a", "Help.").worker(other).register(DEFAULT).inc(10);
    assertEquals("a 11.0 b 2.0", names(DEFAULT));
    other.close();
    assertEquals("a 11.0", names(own));
  }

  @Test
  void theDefaultOneShowsWhatItIsGivenLater() throws IOException {
    CollectorRegistry own = new CollectorRegistry();
    Counter counter = register("a", own);
    counter.inc();
    counter.register(DEFAULT);
    assertEquals("a 1.0", names(DEFAULT));
    assertEquals("a 1.0", names(own));
    // Also where nobody is left who says so.
    worker.close();
    register("none", DEFAULT);
    Worker third = Workers.in(directory);
    try (third) {
      Counter.build("c", "Help.").worker(third).register(DEFAULT);
      assertTrue(names(DEFAULT).contains("a 1.0"), names(DEFAULT));
    }
  }

  @Test
  void showWhatOnlyTheRegistryWasToldOf() throws IOException {
    Counter counter = create(worker, "a");
    counter.inc();
    register("b", DEFAULT).inc(2);
    DEFAULT.register(counter);
    assertEquals("a 1.0 b 2.0", names(DEFAULT));
    DEFAULT.unregister(counter);
    assertEquals("b 2.0", names(DEFAULT));
    CollectorRegistry own = new CollectorRegistry();
    own.register(create(worker, "c"));
    assertEquals("c 0.0", names(own));
  }

  @Test
  void hideWhatIsUnregistered() throws IOException {
    Counter counter = register("a", DEFAULT);
    counter.inc();
    register("b", DEFAULT).inc(2);
    create(other, "a").inc(10);
    DEFAULT.unregister(counter);
    assertEquals("b 2.0", names(DEFAULT));
    assertSame(counter, register("a", DEFAULT));
    assertEquals("a 11.0 b 2.0", names(DEFAULT));
    DEFAULT.clear();
    assertEquals("", names(DEFAULT));
    register("c", DEFAULT).inc(3);
    assertEquals("c 3.0", names(DEFAULT));
  }

  @Test
  void showAnotherShapeThatIsRegisteredAgain() throws IOException {
    CollectorRegistry registry = new CollectorRegistry();
    Counter first = register("a", registry);
    Counter.Child held = first.labels();
    first.inc(5);
    registry.unregister(first);
    Gauge.build("a", "Help.")
        .labelNames("l")
        .mode(GaugeMode.SUM)
        .worker(worker)
        .register(registry)
        .labels("x")
        .set(3);
    assertEquals("a{l=\"x\",} 3.0", names(registry));
    first.inc();
    held.inc();
    assertEquals(7, first.get());
    assertEquals("a{l=\"x\",} 3.0", names(registry));
    worker.tick();
    worker.tick();

    registry.clear();
    register("a", registry).inc(2);
    assertEquals("a 2.0", names(registry));
    assertEquals(2, Workers.sums(directory).get("a[]"));
    assertNull(Workers.sums(directory).get("a[x]"));
  }

  @Test
  void showAnotherShapeBesideTheFirstInMemory() throws IOException {
    CollectorRegistry one = new CollectorRegistry();
    CollectorRegistry two = new CollectorRegistry();
    register("a", one).inc();
    try (LogLines log = new LogLines()) {
      Gauge.build("a", "Help.").worker(worker).register(two).set(5);
      assertEquals(1, log.containing("Family a counts in memory").size());
    }
    Gauge.build("a", "Help.").worker(worker).register(DEFAULT).set(6);
    create(other, "a").inc(10);
    Counter.build("b", "Help.").worker(other).register(DEFAULT);
    Counter.build("a", "Help.").worker(other).register(new CollectorRegistry());
    assertEquals("a 11.0", names(one));
    assertEquals("a 5.0", names(two));
    assertEquals("a 6.0 b 0.0", names(DEFAULT));
  }

  /** One that keeps its collectors elsewhere, and does not say what it holds. */
  private static final class Delegating extends CollectorRegistry {
    private final CollectorRegistry delegate = new CollectorRegistry();

    @Override
    public void register(Collector collector) {
      delegate.register(collector);
    }

    @Override
    public Enumeration<Collector.MetricFamilySamples> metricFamilySamples() {
      return delegate.metricFamilySamples();
    }
  }

  @Test
  void showAllThatTheyWereGivenIfTheyDoNotSayWhatTheyHold() throws IOException {
    CollectorRegistry delegating = new Delegating();
    register("a", delegating).inc();
    register("b", new CollectorRegistry());
    assertEquals("a 1.0", names(delegating));
  }

  @Test
  void showWhatTheyHoldBesideACollectorThatFails() throws IOException {
    AtomicInteger asked = new AtomicInteger();
    register("a", DEFAULT).inc();
    DEFAULT.register(
        new Collector() {
          @Override
          public List<MetricFamilySamples> collect(Predicate<String> filter) {
            if (asked.incrementAndGet() % 2 == 1) {
              throw new IllegalStateException("once more than it can");
            }
            return List.of();
          }

          @Override
          public List<MetricFamilySamples> collect() {
            return List.of();
          }
        });
    String shown = "";
    for (int i = 0; i < 4 && shown.isEmpty(); i++) {
      try {
        shown = names(DEFAULT);
      } catch (IllegalStateException e) {
        // As the registry's scrape without this library.
      }
    }
    assertEquals("a 1.0", shown);
  }

  @Test
  void areNotNeededForTheMergedSamplesOfAFamily() {
    Counter counter = register("a", DEFAULT);
    counter.inc();
    create(other, "a").inc(10);
    List<Collector.MetricFamilySamples> families = counter.collect();
    assertEquals(1, families.size());
    assertEquals(11, families.get(0).samples.get(0).value);
    assertEquals(List.of(), counter.collect(null));
  }

  @Test
  void leaveOutFamiliesOfMultipromItselfIfToldSo() throws IOException {
    System.setProperty("multiprom.selfMetrics", "false");
    try (MultiprocessCollector collector = new MultiprocessCollector(directory)) {
      create(worker, "a").inc();
      CollectorRegistry registry = new CollectorRegistry();
      collector.register(registry);
      assertEquals("a_total 1.0", Expositions.samples(registry, "a"));
      assertEquals("", Expositions.samples(registry, "multiprom_"));
      assertNull(registry.getSampleValue("multiprom_series"));
    } finally {
      System.clearProperty("multiprom.selfMetrics");
    }
  }
}
