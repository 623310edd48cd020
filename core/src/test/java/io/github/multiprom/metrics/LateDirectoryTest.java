package io.github.multiprom.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.multiprom.internal.worker.Children;
import io.github.multiprom.merge.MultiprocessCollector;
import io.prometheus.client.CollectorRegistry;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A worker with a directory that is opened after families were made without one. */
class LateDirectoryTest {
  @TempDir Path directory;

  private static Counter counter(CollectorRegistry registry, String... labelNames) {
    return Counter.build("c", "Help.").labelNames(labelNames).register(registry);
  }

  /** Of a test before this one. */
  @BeforeEach
  void closeDefaultWorker() {
    Worker.closeDefault();
  }

  private static void move(Worker worker) {
    worker.tick();
    worker.tick();
  }

  @Test
  void takesOverWhatWasCounted() throws Exception {
    CollectorRegistry registry = new CollectorRegistry();
    try (Worker memory = Workers.inMemory()) {
      Counter counter = counter(registry, "a");
      Gauge gauge = Gauge.build("g", "Help.").mode(GaugeMode.MAX).register(registry);
      Gauge unset = Gauge.build("unset", "Help.").mode(GaugeMode.MIN).register(registry);
      Histogram histogram = Histogram.build("h", "Help.").buckets(1).register(registry);
      Summary summary = Summary.build("s", "Help.").register(registry);
      Counter.Child child = counter.labels("x");
      child.inc(2);
      counter.labels("y").inc(3);
      gauge.set(-4);
      histogram.observe(0.5);
      histogram.observe(2);
      summary.observe(7);
      summary.observe(Double.NaN);
      try (Worker worker = Workers.in(directory)) {
        assertSame(worker, Worker.defaultWorker());
        child.inc();
        gauge.inc();
        move(worker);
        child.inc();
        counter.labels("z").inc();
        histogram.observe(3);
        assertEquals(
            """
            c_total{a="x",} 4.0
            c_total{a="y",} 3.0
            c_total{a="z",} 1.0\
            """,
            Expositions.samples(registry, "c_"));
        assertEquals("g -3.0", Expositions.samples(registry, "g"));
        assertEquals(3, registry.getSampleValue("h_count"));
        assertEquals(5.5, registry.getSampleValue("h_sum"));
        assertEquals(2, registry.getSampleValue("s_count"));
        assertEquals(0, registry.getSampleValue("s_sum"));
        assertEquals(0, unset.get());
        assertEquals(4, Workers.sums(directory).get("c[x]"));
        assertSame(counter, Counter.build("c", "Help.").labelNames("a").create());
      }
    }
  }

  @Test
  void joinsFamiliesOfOneNameAndShape() throws Exception {
    CollectorRegistry one = new CollectorRegistry();
    CollectorRegistry two = new CollectorRegistry();
    try (Worker memory = Workers.inMemory()) {
      Counter first = counter(one, "a");
      Counter second = counter(two, "a");
      Counter.Child held = second.labels("x");
      first.labels("x").inc(3);
      held.inc(5);
      second.labels("only").inc(1);
      Counter plain = Counter.build("plain", "Help.").register(one);
      Counter alsoPlain = Counter.build("plain", "Help.").register(two);
      plain.inc(1);
      alsoPlain.inc(2);
      Gauge gauge = Gauge.build("g", "Help.").mode(GaugeMode.MOSTRECENT).register(one);
      Gauge later = Gauge.build("g", "Help.").mode(GaugeMode.MOSTRECENT).register(two);
      later.set(1);
      Await.until("the next microsecond", () -> gaugeIsLater(gauge, later));
      try (Worker worker = Workers.in(directory)) {
        held.inc();
        move(worker);
        held.inc();
        first.labels("x").inc();
        alsoPlain.inc();
        assertEquals(11, first.labels("x").get());
        assertEquals(11, held.get());
        assertSame(first.labels("x"), second.labels("x"));
        assertEquals(11, Workers.sums(directory).get("c[x]"));
        assertEquals(1, Workers.sums(directory).get("c[only]"));
        assertEquals(4, Workers.sums(directory).get("plain[]"));
        assertEquals(2, Workers.sums(directory).get("g[]"));
        assertEquals("plain_total 4.0", Expositions.samples(two, "plain"));

        plain.clear();
        alsoPlain.inc();
        assertEquals(1, plain.get());
        second.remove("x");
        second.labels("x").inc();
        assertEquals(1, first.labels("x").get());
      }
    }
  }

  private static boolean gaugeIsLater(Gauge gauge, Gauge other) {
    gauge.set(2);
    return other.get() == 1;
  }

  @Test
  void leavesInMemoryWhatHasAnotherShapeOrNoRegistry() throws Exception {
    CollectorRegistry one = new CollectorRegistry();
    CollectorRegistry two = new CollectorRegistry();
    try (LogLines log = new LogLines();
        Worker memory = Workers.inMemory()) {
      Counter first = counter(one);
      Counter other = counter(two, "a");
      Counter forgotten = Counter.build("forgotten", "Help.").register(two);
      Counter created = Counter.build("created", "Help.").create();
      two.unregister(forgotten);
      first.inc();
      other.labels("x").inc(2);
      created.inc();
      try (Worker worker = Workers.in(directory)) {
        move(worker);
        Map<String, Double> sums = Workers.sums(directory);
        assertEquals(1, sums.get("c[]"));
        assertFalse(sums.containsKey("c[x]"), sums::toString);
        assertFalse(sums.containsKey("forgotten[]"), sums::toString);
        assertFalse(sums.containsKey("created[]"), sums::toString);
        assertEquals("c_total{a=\"x\",} 2.0", Expositions.samples(two, "c_"));
        assertEquals(1, log.containing("Family c counts in memory").size());

        created.register(one);
        move(worker);
        assertEquals(1, Workers.sums(directory).get("created[]"));
      }
    }
  }

  @Test
  void losesNoIncrementOfRunningThreads() throws Exception {
    CollectorRegistry registry = new CollectorRegistry();
    try (Worker memory = Workers.inMemory()) {
      Counter counter = counter(registry, "a");
      Histogram histogram = Histogram.build("h", "Help.").buckets(1).register(registry);
      var stop = new AtomicBoolean();
      var rounds = new LongAdder();
      List<Thread> threads = new ArrayList<>();
      for (int t = 0; t < 3; t++) {
        Thread thread =
            new Thread(
                () -> {
                  for (int i = 0; !stop.get(); i++) {
                    counter.labels("" + i % 50).inc();
                    histogram.observe(2);
                    rounds.increment();
                  }
                });
        thread.start();
        threads.add(thread);
      }
      Await.until("rounds", () -> rounds.sum() > 0);
      try (Worker worker = Workers.builder().directory(directory).open()) {
        double before = rounds.sum();
        Await.until("the values", () -> merged("h_count") >= before && merged("c_total") >= before);
        stop.set(true);
        for (Thread thread : threads) {
          thread.join();
        }
        assertEquals((double) rounds.sum(), merged("c_total"));
        assertEquals((double) rounds.sum(), registry.getSampleValue("h_count"));
        assertEquals(2.0 * rounds.sum(), registry.getSampleValue("h_sum"));
        assertTrue(worker.toString().contains(directory.toString()));
      } finally {
        stop.set(true);
      }
    }
  }

  /** All samples of a name, added up. */
  private double merged(String sample) {
    try (MultiprocessCollector collector = new MultiprocessCollector(directory)) {
      return collector.collect().stream()
          .flatMap(family -> family.samples.stream())
          .filter(one -> one.name.equals(sample))
          .mapToDouble(one -> one.value)
          .sum();
    }
  }

  /** A JVM that opens the worker after its first family was made, and ends at once. */
  public static final class Late {
    static final Counter BEFORE = Counter.build("before", "Help.").register();

    private Late() {}

    public static void main(String[] arguments) {
      Worker.builder().directory(Path.of(arguments[0])).open();
      BEFORE.inc(5);
      Counter.build("after", "Help.").register().inc(7);
    }
  }

  @Test
  void movesAtTheLatestWhenTheJvmEnds() throws Exception {
    Path parent = directory;
    // An exit waits for a second at most.
    for (int tries = 1; tries <= 3 && (tries == 1 || merged("before_total") != 5); tries++) {
      directory = parent.resolve("try-" + tries);
      try (Children children = new Children()) {
        assertEquals(0, Children.await(children.start(Late.class, directory.toString())));
      }
    }
    assertEquals(5, merged("before_total"));
    assertEquals(7, merged("after_total"));
  }

  @Test
  void joinsSummariesWithQuantilesWhereThereIsNoSpaceYet() {
    try (Worker memory = Workers.inMemory()) {
      List<Summary> equal = new ArrayList<>();
      for (int i = 1; i <= 2; i++) {
        Summary one =
            Summary.build("s", "Help.").quantile(0.5, 0.01).register(new CollectorRegistry());
        one.observe(i);
        equal.add(one);
      }
      try (Worker worker =
          Workers.builder()
              .directory(directory)
              .directoryStore(FullStore::new)
              .withoutHousekeeping()
              .open()) {
        for (int i = 0; i < 4; i++) {
          move(worker);
        }
        equal.forEach(one -> one.observe(3));
        for (Summary one : equal) {
          assertEquals(4, one.get().count);
          assertEquals(9, one.get().sum);
        }
      }
    }
  }
}
