package io.github.multiprom.merge;

import static io.github.multiprom.merge.WorkerDirectory.counter;
import static io.github.multiprom.merge.WorkerDirectory.gauge;
import static io.github.multiprom.merge.WorkerDirectory.histogram;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.multiprom.internal.directory.CollectorFactory;
import io.github.multiprom.internal.directory.DirectoryIdentity;
import io.github.multiprom.internal.directory.DirectoryReader;
import io.github.multiprom.internal.worker.StoreUnderTest;
import io.github.multiprom.merge.WorkerDirectory.Worker;
import io.github.multiprom.model.CreatedSeries;
import io.github.multiprom.model.FamilyDescriptor;
import io.github.multiprom.model.GaugeFold;
import io.prometheus.client.Collector.MetricFamilySamples;
import io.prometheus.client.CollectorRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.ServiceLoader;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag(StoreUnderTest.TAG)
class MultiprocessCollectorTest {
  private static final FamilyDescriptor C = counter("c", "l");

  @TempDir Path path;
  private WorkerDirectory directory;

  @BeforeEach
  void open() {
    directory = new WorkerDirectory(path);
  }

  @AfterEach
  void close() {
    directory.close();
  }

  private static List<String> names(List<MetricFamilySamples> families) {
    return families.stream().map(family -> family.name).toList();
  }

  private List<MergedSeries> series(String name) {
    return directory.collector.merge(
        family -> family.name().equals(name), families -> families.get(0).series());
  }

  @Test
  void showsItsOwnStateOfAMissingDirectory() {
    try (MultiprocessCollector collector = new MultiprocessCollector(path.resolve("missing"))) {
      assertEquals(
          List.of(
              "multiprom_conflicts",
              "multiprom_files_skipped",
              "multiprom_merge_duration_seconds",
              "multiprom_series",
              "multiprom_store_bytes",
              "multiprom_workers"),
          names(collector.collect()));
    }
  }

  @Test
  void countsADirectoryThatIsAFile() throws IOException {
    Path file = Files.createFile(path.resolve("file"));
    try (WorkerDirectory broken = new WorkerDirectory(file)) {
      assertEquals(1, broken.value("multiprom_files_skipped", "directory"));
    }
  }

  @Test
  void showsItsOwnState() throws IOException {
    Worker dead = directory.worker("1");
    dead.counter(C, "a").add(1);
    dead.close();
    directory.worker("2").counter(C, "b").add(1);
    Files.createFile(path.resolve("foreign.db"));
    assertEquals(1, directory.value("multiprom_workers", "live"));
    assertEquals(1, directory.value("multiprom_workers", "dead"));
    assertEquals(1, directory.value("multiprom_files_skipped", "foreign"));
    assertEquals(2, directory.value("multiprom_series"));
    assertTrue(directory.value("multiprom_store_bytes") > 0);
    assertTrue(directory.value("multiprom_merge_duration_seconds") > 0);
  }

  @Test
  void showsWhichDirectoryItIs() throws IOException {
    Path link = Files.createSymbolicLink(path.resolveSibling(path.getFileName() + "-link"), path);
    try (MultiprocessCollector collector = new MultiprocessCollector(link)) {
      List<MetricFamilySamples> info = collector.collect("multiprom_directory_info"::equals);
      assertEquals(List.of("multiprom_directory"), names(info));
      assertEquals(
          List.of(DirectoryIdentity.of(path).orElseThrow()),
          info.get(0).samples.get(0).labelValues);
    } finally {
      Files.delete(link);
    }
  }

  @Test
  void letsNoWorkerTakeTheNamesOfItsOwnState() throws IOException {
    Worker worker = directory.worker("1");
    worker.gauge(gauge("multiprom_series", GaugeFold.SUM)).set(77);
    worker.gauge(gauge("multiprom_directory_info", GaugeFold.SUM)).set(77);
    assertEquals(0, directory.value("multiprom_series"));
    assertEquals(2, directory.value("multiprom_conflicts", "type"));
  }

  @Test
  void describesNothing() throws IOException {
    directory.worker("1").counter(C, "a").add(1);
    assertEquals(List.of(), directory.collector.describe());
    CollectorRegistry registry = new CollectorRegistry();
    registry.register(directory.collector);
    assertEquals(1, registry.getSampleValue("c_total", new String[] {"l"}, new String[] {"a"}));
  }

  @Test
  void collectsOnlyTheSamplesThatAreAskedFor() throws IOException {
    Worker worker = directory.worker("1");
    worker.counter(C, "a").add(1);
    worker.distribution(histogram("h", List.of(1.0))).observe(0, 1);
    CollectorRegistry registry = new CollectorRegistry();
    registry.register(directory.collector);
    List<MetricFamilySamples> families =
        Collections.list(registry.filteredMetricFamilySamples(Set.of("h_sum")));
    assertEquals(List.of("h"), names(families));
    assertEquals(List.of("h_sum"), families.get(0).samples.stream().map(s -> s.name).toList());
  }

  @Test
  void mergesOnlyTheFamiliesThatAreAskedFor() throws IOException {
    Worker worker = directory.worker("1");
    worker.counter(C, "a").add(1);
    worker.counter(counter("d")).add(1);
    assertEquals(
        List.of("d"),
        directory.collector.merge(
            family -> family.name().equals("d"),
            families -> families.stream().map(family -> family.descriptor().name()).toList()));
  }

  @Test
  void keepsTheLabelValuesWhileNoSeriesComesOrGoes() throws IOException {
    Worker worker = directory.worker("1");
    Worker other = directory.worker("2");
    worker.counter(C, "a").add(1);
    List<MergedSeries> before = series("c");
    worker.counter(C, "a").add(1);
    assertSame(before, series("c"));

    other.counter(C, "a").add(1);
    other.counter(counter("d")).add(1);
    assertSame(before, series("c"));

    worker.close();
    assertSame(before, series("c"));

    other.counter(C, "b").add(1);
    assertNotSame(before, series("c"));
    assertEquals(
        List.of(List.of("a"), List.of("b")),
        series("c").stream().map(MergedSeries::labelValues).toList());
  }

  @Test
  void isEmptyWhenClosed() throws IOException {
    directory.worker("1").counter(C, "a").add(1);
    directory.collector.close();
    assertEquals(List.of(), directory.collector.collect());
  }

  @Test
  void demandsALabelName() {
    assertThrows(
        IllegalArgumentException.class,
        () -> new MultiprocessCollector(new DirectoryReader(path), "not-a-name"));
  }

  @Test
  void isFoundByTheServiceLoader() {
    assertTrue(
        ServiceLoader.load(CollectorFactory.class).stream()
            .anyMatch(factory -> factory.type() == MergingCollectorFactory.class));
  }

  @Test
  void readsTheSwitchForCreatedSamplesAsSimpleclientDoes() {
    for (String value : List.of("true", "True", "1", "t", "T")) {
      assertTrue(CreatedSeries.disables(value), value);
    }
    assertEquals(false, CreatedSeries.disables("yes"));
    assertEquals(false, CreatedSeries.disables(null));
  }

  @Test
  void leavesOutCreatedSamplesWhenTheyAreSwitchedOff() throws IOException {
    directory.worker("1").distribution(histogram("h", List.of()), new String[0]).observe(0, 1);
    List<String> samples =
        directory.collector.merge(
            family -> family.name().equals("h"),
            families ->
                SimpleclientSamples.of(families.get(0), false).samples.stream()
                    .map(sample -> sample.name)
                    .toList());
    assertEquals(List.of("h_bucket", "h_count", "h_sum"), samples);
  }
}
