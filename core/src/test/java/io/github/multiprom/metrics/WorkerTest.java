package io.github.multiprom.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.multiprom.internal.directory.CollectorFactory;
import io.github.multiprom.internal.directory.DirectoryReader;
import io.github.multiprom.internal.worker.StoreOptions;
import io.github.multiprom.merge.MultiprocessCollector;
import io.github.multiprom.model.Snapshot;
import io.prometheus.client.CollectorRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WorkerTest {
  @TempDir Path directory;

  /** Of a test before this one. */
  @BeforeEach
  void closeDefaultWorker() {
    Worker.closeDefault();
  }

  private static Worker open(Map<String, String> properties, Map<String, String> environment) {
    return Worker.builder().settings(Workers.settings(properties, environment)).open();
  }

  private static Counter counter(Worker worker, String name, CollectorRegistry registry) {
    return Counter.build(name, "Help.").worker(worker).register(registry);
  }

  @Test
  void takesTheDirectoryFromBuilderThenPropertyThenEnvironment() throws IOException {
    Path built = directory.resolve("built");
    Path property = directory.resolve("property");
    Path variable = directory.resolve("variable");
    Map<String, String> properties = Map.of("multiprom.dir", property.toString());
    Map<String, String> environment = Map.of("PROMETHEUS_MULTIPROC_DIR", variable.toString());
    Map<String, String> blank = Map.of("multiprom.dir", " ");
    Map<String, String> quoted = Map.of("PROMETHEUS_MULTIPROC_DIR", " '" + variable + "' ");
    try (Worker first =
            Worker.builder()
                .directory(built)
                .settings(Workers.settings(properties, environment))
                .open();
        Worker second = open(properties, environment);
        Worker third = open(Map.of(), quoted);
        Worker fourth = open(blank, environment);
        Worker fifth = open(Map.of(), Map.of("PROMETHEUS_MULTIPROC_DIR", ""))) {
      assertEquals(ProcessHandle.current().pid() + " in " + built.toRealPath(), first.toString());
      assertTrue(second.toString().endsWith(" in " + property.toRealPath()));
      assertTrue(third.toString().endsWith(" in " + variable.toRealPath()));
      assertTrue(fourth.toString().endsWith(" in memory"));
      assertTrue(fifth.toString().endsWith(" in memory"));
    }
  }

  @Test
  void opensWhenItsStoreHasNoSpaceForASeriesFromTheBeginning() {
    try (LogLines log = new LogLines();
        Worker worker =
            Workers.builder()
                .directory(directory)
                .directoryStore(FullStore::new)
                .withoutHousekeeping()
                .open()) {
      Counter counter = Counter.build("c", "Help.").worker(worker).create();
      counter.inc();
      worker.tick();
      assertEquals(1, counter.get());
      assertEquals(1, log.containing("No space").size());
    }
  }

  @Test
  void takesNamesAndNumbersFromProperties() {
    WorkerSettings settings =
        Workers.settings(
            Map.of(
                "multiprom.worker", "web-1",
                "multiprom.workerLabel", "pid",
                "multiprom.maxLanes", "7",
                "multiprom.maxSeries", " 20 "),
            Map.of());
    assertEquals("web-1", settings.name());
    assertEquals("pid", settings.workerLabel());
    assertEquals(7, settings.maxLanes());
    assertEquals(20, settings.maxSeries());
  }

  @Test
  void takesNamesOfDirectoriesAsTheyAreMeantAndSaysSo() {
    Path home = Path.of(System.getProperty("user.home"));
    Map<String, Path> names =
        Map.of(
            "\"/a b\"", Path.of("/a b"),
            " '/a' ", Path.of("/a"),
            "/a ", Path.of("/a"),
            "file:/a/b", Path.of("/a/b"),
            "file:///a%20b", Path.of("/a b"),
            "~/metrics", home.resolve("metrics"));
    try (LogLines log = new LogLines()) {
      names.forEach(
          (name, path) -> {
            Map<String, String> properties = Map.of("multiprom.dir", name);
            WorkerSettings settings = Workers.settings(properties, Map.of());
            assertEquals(path, settings.directory(), name);
            assertEquals(1, log.containing("[" + name + "], which is taken as " + path).size());
          });
    }
  }

  @Test
  void saysOnceWhereItCounts() throws Exception {
    try (LogLines log = new LogLines();
        Worker first = Workers.builder().directory(directory).name("web-1").open();
        Worker second = Workers.in(directory)) {
      // Workers of tests before this one may say it late.
      String place = "counts in directory " + directory.toRealPath();
      Await.until("the line", () -> log.containing(place).size() > 0);
      assertEquals(List.of("INFO Worker web-1 " + place), log.containing(place));
      assertFalse(first == second);
    }
  }

  @Test
  void usesDefaultsInsteadOfWhatItCannotUseAndSaysSoOnce() {
    WorkerSettings settings =
        Workers.settings(
            Map.of(
                "multiprom.workerLabel", "not-a-label",
                "multiprom.maxLanes", "many",
                "multiprom.maxSeries", "0",
                "multiprom.samplePeriod", "0"),
            Map.of());
    int usual = StoreOptions.defaultMaxLanes();
    try (LogLines log = new LogLines()) {
      for (int i = 0; i < 2; i++) {
        assertEquals("worker", settings.workerLabel());
        assertEquals(usual, settings.maxLanes());
        assertEquals(10_000, settings.maxSeries());
        assertEquals(1, settings.samplePeriodSeconds());
      }
      assertEquals(
          List.of(
              "WARNING System property multiprom.maxLanes cannot be \"many\"; "
                  + usual
                  + " is used"),
          log.containing("maxLanes"));
    }
    assertEquals(usual, Workers.settings(Map.of("multiprom.maxLanes", "-1"), Map.of()).maxLanes());
    assertEquals(
        usual, Workers.settings(Map.of("multiprom.maxLanes", "99999999999"), Map.of()).maxLanes());
  }

  @Test
  void refusesInItsBuilderWhatCannotBe() {
    assertThrows(IllegalArgumentException.class, () -> Worker.builder().maxLanes(-1));
    assertThrows(IllegalArgumentException.class, () -> Worker.builder().maxSeries(0));
    assertThrows(IllegalArgumentException.class, () -> Worker.builder().workerLabel("a-b"));
  }

  @Test
  void movesIntoADirectoryThatCanBeUsedLater() throws IOException {
    Path file = Files.writeString(directory.resolve("file"), "not a directory");
    for (Path unusable : List.of(file, file.resolve("below"))) {
      try (LogLines log = new LogLines();
          Worker worker = Workers.in(unusable)) {
        CollectorRegistry registry = new CollectorRegistry();
        counter(worker, "c", registry).inc(3);
        worker.tick();
        assertEquals("c_total 3.0", Expositions.samples(registry, "c_"));
        assertEquals("not a directory", Files.readString(file));
        assertEquals(1, log.containing("cannot be used").size(), unusable.toString());
        assertTrue(log.containing("cannot be used").get(0).startsWith("SEVERE"));

        Files.delete(file);
        worker.tick();
        worker.tick();
        assertEquals("c_total 3.0", Expositions.samples(registry, "c_"));
        assertEquals(
            "multiprom_store_errors_total{reason=\"directory_unusable\",} 1.0",
            Expositions.samples(registry, "multiprom_store_errors_total{reason=\"dir"));
      }
      delete(file);
      Files.writeString(file, "not a directory");
    }
  }

  private static void delete(Path path) throws IOException {
    List<Path> all;
    try (Stream<Path> walk = Files.walk(path)) {
      all = walk.sorted(Comparator.reverseOrder()).toList();
    }
    for (Path one : all) {
      Files.delete(one);
    }
  }

  @Test
  void countsInMemoryWhenTheNameOfTheDirectoryCannotBeOne() throws IOException {
    try (LogLines log = new LogLines();
        Worker worker = open(Map.of("multiprom.dir", "nul\0"), Map.of())) {
      CollectorRegistry registry = new CollectorRegistry();
      counter(worker, "c", registry).inc(3);
      assertEquals("c_total 3.0", Expositions.samples(registry, "c_"));
      assertEquals(1, log.containing("cannot be used").size());
    }
  }

  @Test
  void makesTheDirectoryAndShowsWhatItCounts() throws IOException {
    Path missing = directory.resolve("a/b");
    CollectorRegistry registry = new CollectorRegistry();
    try (Worker worker = Workers.in(missing);
        Worker other = Workers.builder().directory(missing).name("other").open()) {
      counter(worker, "c", registry).inc(3);
      Counter.build("c", "Help.").worker(other).create().inc(4);
      Gauge.build("g", "Help.").worker(other).register(registry).set(1);
      assertEquals("c_total 7.0", Expositions.samples(registry, "c_"));
      assertEquals("g{worker=\"other\",} 1.0", Expositions.samples(registry, "g"));
      assertEquals(
          "multiprom_store_errors_total{reason=\"no_space\",} 0.0",
          Expositions.samples(registry, "multiprom_store_errors"));
    }
  }

  @Test
  @SuppressWarnings("try") // Closed in the middle, and twice.
  void isTheDefaultUntilItIsClosedIfItCameFirst() {
    try (Worker first = Workers.inMemory();
        Worker second = Workers.inMemory()) {
      assertSame(first, Worker.defaultWorker());
      first.close();
      first.close();
      try (Worker third = Workers.inMemory()) {
        assertSame(third, Worker.defaultWorker());
        assertNotSame(second, Worker.defaultWorker());
      }
    }
    try (Worker opened = Worker.defaultWorker()) {
      assertSame(opened, Worker.defaultWorker());
    }
  }

  @Test
  void sharesAFamilyOfOneShapeAmongRegistries() throws IOException {
    try (Worker worker = Workers.in(directory)) {
      CollectorRegistry one = new CollectorRegistry();
      CollectorRegistry two = new CollectorRegistry();
      counter(worker, "c_total", one).inc();
      counter(worker, "c", two).inc();
      assertEquals("c_total 2.0", Expositions.samples(one, "c_"));
      assertEquals("c_total 2.0", Expositions.samples(two, "c_"));
    }
  }

  @Test
  void countsAFamilyOfAnotherShapeInMemory() throws IOException {
    try (LogLines log = new LogLines();
        Worker worker = Workers.in(directory)) {
      Gauge.build("g", "Help.").worker(worker).create();
      Histogram.build("h", "Help.").worker(worker).create();
      List<FamilyBuilder<?, ?>> others =
          List.of(
              Counter.build("g", "Help."),
              Gauge.build("g", "Help.").mode(GaugeMode.SUM),
              Gauge.build("g", "Help.").labelNames("a"),
              Histogram.build("h", "Help.").buckets(1));
      Set<String> before = sumNames();
      for (FamilyBuilder<?, ?> other : others) {
        CollectorRegistry registry = new CollectorRegistry();
        MetricFamily family = other.worker(worker).register(registry);
        assertEquals(1, family.collect().size());
        assertThrows(IllegalArgumentException.class, () -> other.register(registry));
      }
      assertEquals(before, sumNames());
      assertEquals(1, log.containing("Family g counts in memory").size());
      assertEquals(1, log.containing("Family h counts in memory").size());
    }
  }

  @Test
  void publishesNothingThatARegistryRefuses() throws IOException {
    CollectorRegistry registry = new CollectorRegistry();
    io.prometheus.client.Counter.build("theirs", "Help.").register(registry);
    try (Worker worker = Workers.in(directory)) {
      assertThrows(IllegalArgumentException.class, () -> counter(worker, "theirs", registry).inc());
      assertEquals(List.of("multiprom_store_errors[no_space]"), List.copyOf(sumNames()));
      counter(worker, "ours", registry);
      assertThrows(
          IllegalArgumentException.class,
          () -> io.prometheus.client.Gauge.build("ours_total", "Help.").register(registry));
    }
  }

  private Set<String> sumNames() throws IOException {
    return Workers.sums(directory).keySet();
  }

  @Test
  void isClosedAsTheDefaultWithAnApplicationThatIsUndeployed() throws IOException {
    Worker.closeDefault();
    Workers.in(directory);
    Gauge.build("deployed", "Help.").create().set(1);
    assertTrue(sumNames().contains("deployed[]"));
    assertEquals(1, liveCount());
    Worker.closeDefault();
    assertEquals(0, liveCount());
    Worker.closeDefault();
  }

  private long liveCount() throws IOException {
    try (DirectoryReader reader = new DirectoryReader(directory)) {
      return reader.read().workers().stream().filter(Snapshot::live).count();
    }
  }

  @Test
  void showsAFamilyThatOnlyTheRegistryWasToldOf() throws IOException {
    CollectorRegistry registry = new CollectorRegistry();
    CollectorRegistry itsRegistry = new CollectorRegistry();
    try (Worker one = Workers.in(directory);
        Worker two = Workers.in(directory)) {
      Counter counter = Counter.build("c", "Help.").worker(one).create();
      Histogram histogram = Histogram.build("h", "Help.").buckets(1).worker(one).create();
      registry.register(counter);
      registry.register(histogram);
      counter.inc();
      histogram.observe(2);
      Counter.build("c", "Help.").worker(two).create().inc(2);
      assertEquals("c_total 3.0", Expositions.samples(registry, "c_"));
      assertEquals(1, registry.getSampleValue("h_count"));

      counter.register(itsRegistry);
      assertEquals("", Expositions.samples(registry, "c_"));
      assertEquals("c_total 3.0", Expositions.samples(itsRegistry, "c_"));
    }
  }

  @Test
  void isShownAgainAfterTheRegistryWasCleared() throws IOException {
    CollectorRegistry registry = new CollectorRegistry();
    try (Worker worker = Workers.in(directory)) {
      Counter counter = counter(worker, "c", registry);
      registry.clear();
      counter.register(registry);
      counter.inc();
      assertEquals("c_total 1.0", Expositions.samples(registry, "c_"));
    }
  }

  @Test
  void recordsBesideAWorkerOfAnotherDirectory() throws IOException {
    CollectorRegistry registry = new CollectorRegistry();
    CollectorRegistry otherRegistry = new CollectorRegistry();
    Path otherDirectory = directory.resolve("other");
    try (Worker worker = Workers.in(directory);
        Worker other = Workers.in(otherDirectory)) {
      counter(worker, "c", registry).inc(1);
      counter(other, "c", otherRegistry).inc(2);
      assertEquals("c_total 1.0", Expositions.samples(registry, "c_"));
      assertEquals("c_total 2.0", Expositions.samples(otherRegistry, "c_"));
      IllegalArgumentException refused =
          assertThrows(IllegalArgumentException.class, () -> counter(other, "another", registry));
      assertTrue(refused.getMessage().contains(directory.toRealPath().toString()));
      assertTrue(refused.getMessage().contains(otherDirectory.toRealPath().toString()));
    }
  }

  @Test
  void handsItsRegistryToANewWorkerWhenItWasClosed() throws IOException {
    CollectorRegistry registry = new CollectorRegistry();
    try (Worker worker = Workers.in(directory.resolve("one"))) {
      counter(worker, "c", registry).inc(1);
    }
    registry.clear();
    try (Worker worker = Workers.in(directory.resolve("two"))) {
      counter(worker, "c", registry).inc(2);
      assertEquals("c_total 2.0", Expositions.samples(registry, "c_"));
    }
  }

  @Test
  void countsUnseenOnceItIsClosed() throws IOException {
    Worker worker = Workers.in(directory);
    Counter counter = Counter.build("c", "Help.").labelNames("a").worker(worker).create();
    Gauge gauge = Gauge.build("g", "Help.").worker(worker).create();
    counter.labels("before").inc();
    worker.close();
    counter.labels("before").inc();
    counter.labels("after").inc();
    counter.remove("after");
    counter.clear();
    gauge.set(3);
    gauge.clear();
    worker.tick();
    Summary summary = Summary.build("s", "Help.").worker(worker).create();
    summary.observe(1);
    assertEquals(1, summary.get().count);
    assertFalse(Workers.sums(directory).containsKey("c[after]"));
  }

  @Test
  void countsInAnInterruptedThread() throws IOException {
    try (Worker worker = Workers.in(directory)) {
      Counter counter = Counter.build("c", "Help.").labelNames("a").worker(worker).create();
      Thread.currentThread().interrupt();
      for (int i = 0; i < 2000; i++) {
        counter.labels("" + i).inc();
      }
      assertTrue(Thread.interrupted());
      Map<String, Double> sums = Workers.sums(directory);
      for (int i = 0; i < 2000; i++) {
        assertEquals(1, sums.get("c[" + i + "]"));
      }
    }
  }

  @Test
  void findsTheCollectorByItsNameInAJarWithoutServices() {
    assertEquals(
        "io.github.multiprom.merge.MergingCollectorFactory",
        Providers.findByName(CollectorFactory.class, DirectoryBinding.FACTORY)
            .getClass()
            .getName());
  }

  @Test
  void showsNothingTwiceBesideAnotherCollectorOfItsDirectory() throws IOException {
    CollectorRegistry registry = new CollectorRegistry();
    try (Worker worker = Workers.in(directory);
        MultiprocessCollector another = new MultiprocessCollector(directory)) {
      counter(worker, "c", registry).inc();
      another.register(registry);
      assertEquals("c_total 1.0", Expositions.samples(registry, "c_"));
      counter(worker, "d", registry).inc();
      assertEquals("c_total 1.0", Expositions.samples(registry, "c_"));
      assertEquals("d_total 1.0", Expositions.samples(registry, "d_"));
      registry.clear();
      another.register(registry);
      assertEquals("c_total 1.0", Expositions.samples(registry, "c_"));
    }
  }
}
