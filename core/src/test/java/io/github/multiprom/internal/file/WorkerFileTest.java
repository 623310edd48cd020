package io.github.multiprom.internal.file;

import static io.github.multiprom.internal.worker.Fixtures.CREATED_MS;
import static io.github.multiprom.internal.worker.Fixtures.OPTIONS;
import static io.github.multiprom.internal.worker.Fixtures.addCounter;
import static io.github.multiprom.internal.worker.Fixtures.addSingle;
import static io.github.multiprom.internal.worker.Fixtures.counter;
import static io.github.multiprom.internal.worker.Fixtures.gauge;
import static io.github.multiprom.internal.worker.Fixtures.histogram;
import static io.github.multiprom.internal.worker.Fixtures.read;
import static io.github.multiprom.internal.worker.Fixtures.sumOf;
import static io.github.multiprom.internal.worker.Fixtures.summary;
import static io.github.multiprom.internal.worker.Fixtures.valuesOf;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.multiprom.internal.cell.CounterCell;
import io.github.multiprom.internal.cell.DistributionCells;
import io.github.multiprom.internal.cell.GaugeCell;
import io.github.multiprom.internal.directory.DirectoryReader;
import io.github.multiprom.internal.lease.LockList;
import io.github.multiprom.internal.os.ProcessIdentity;
import io.github.multiprom.internal.ownership.StoreFiles;
import io.github.multiprom.internal.worker.MappedIncarnation;
import io.github.multiprom.internal.worker.StoreKind;
import io.github.multiprom.internal.worker.StoreOptions;
import io.github.multiprom.internal.worker.StoreUnderTest;
import io.github.multiprom.model.DirectorySnapshot;
import io.github.multiprom.model.FamilyDescriptor;
import io.github.multiprom.model.GaugeFold;
import io.github.multiprom.model.Incarnation;
import io.github.multiprom.model.MetricType;
import io.github.multiprom.model.Snapshot;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag(StoreUnderTest.TAG)
class WorkerFileTest {
  @TempDir Path directory;

  @Test
  void keepsEveryType() throws IOException {
    try (MappedIncarnation worker = MappedIncarnation.inDirectory(directory, OPTIONS)) {
      worker.counter(addSingle(worker, counter("c"))).add(2.5);
      GaugeCell gauge = worker.gauge(addSingle(worker, gauge("g", GaugeFold.MOSTRECENT)));
      gauge.set(-7);
      addSingle(worker, gauge("unset", GaugeFold.SUM));
      DistributionCells histogram =
          worker.distribution(addSingle(worker, histogram("h", List.of(0.1, 1.0))));
      histogram.observe(0, 0.05);
      histogram.observe(2, 5);
      histogram.observe(2, 6);
      DistributionCells summary = worker.distribution(addSingle(worker, summary("s")));
      summary.observe(0, 3);

      Snapshot snapshot = read(directory).workers().get(0);

      Map<String, List<Double>> expected = new TreeMap<>();
      expected.put("c[]", List.of(2.5));
      expected.put("g[]", List.of(-7.0, gauge.setTimeMicros()));
      expected.put("unset[]", List.of(0.0, 0.0));
      expected.put("h[]", List.of(11.05, 1.0, 0.0, 2.0));
      expected.put("s[]", List.of(3.0, 1.0));
      assertEquals(expected, valuesOf(snapshot));
      assertArrayEquals(new double[] {11.05, 1, 0, 2}, histogram.read());
      assertTrue(gauge.setTimeMicros() > 1.6e15, "microseconds since the epoch");
    }
  }

  @Test
  void keepsWhatDescribesAFamilyAndASeries() throws IOException {
    List<FamilyDescriptor> families =
        List.of(
            new FamilyDescriptor(
                "size_bytes",
                MetricType.GAUGE,
                "Grüße, 世界 \uD83D\uDE00\n",
                "bytes",
                List.of("a", "b"),
                GaugeFold.MIN,
                true,
                List.of()),
            histogram("h", List.of(-1.0, -0.0, Double.MIN_VALUE, Double.MAX_VALUE)));
    try (MappedIncarnation worker = MappedIncarnation.inDirectory(directory, OPTIONS)) {
      for (FamilyDescriptor family : families) {
        worker.addFamily(family);
      }
      int series = worker.addSeries(0, List.of("", "ü\u0000\uD83D\uDE00\""), CREATED_MS);
      worker.addSeries(1, List.of(), CREATED_MS + 1);
      worker.remove(series, CREATED_MS + 2);

      Snapshot snapshot = read(directory).workers().get(0);

      assertEquals(families, snapshot.catalog().families());
      assertEquals(
          List.of("", "ü\u0000\uD83D\uDE00\""), snapshot.catalog().series().get(0).labelValues());
      assertEquals(CREATED_MS, snapshot.catalog().series().get(0).createdNanos());
      assertEquals(CREATED_MS + 1, snapshot.catalog().series().get(1).createdNanos());
      assertArrayEquals(new long[] {CREATED_MS + 2, 0}, snapshot.catalog().removedNanos());
      assertEquals(worker.info(), snapshot.worker());
      assertEquals("worker-1", snapshot.worker().workerName());
    }
  }

  @Test
  void publishesSeriesWithTheirValue() throws IOException {
    Incarnation before = new Incarnation(1, 2);
    Incarnation longBefore = new Incarnation(3, 4);
    try (MappedIncarnation worker =
        MappedIncarnation.inDirectory(directory, OPTIONS, List.of(longBefore, before))) {
      int counters = worker.addFamily(counter("c", "i"));
      int gauges = worker.addFamily(gauge("g", GaugeFold.SUM, "i"));
      int histograms = worker.addFamily(histogram("h", List.of(1.0, 2.0), "i"));
      List<String> labels = List.of("moved");
      int c = worker.addSeries(counters, labels, CREATED_MS, new double[] {2.5});
      int g = worker.addSeries(gauges, labels, CREATED_MS, new double[] {-7, 3});
      double[] odd = {10, 1, 0, 2};
      double[] even = {5, 1, 1, 0};
      int h = worker.addSeries(histograms, labels, CREATED_MS, odd);
      worker.addSeries(histograms, List.of("even"), CREATED_MS, even);
      Snapshot snapshot = read(directory).workers().get(0);
      assertEquals(Set.of(before, longBefore), snapshot.predecessors());
      Map<String, List<Double>> values = valuesOf(snapshot);
      assertEquals(List.of(2.5), values.get("c[moved]"));
      assertEquals(List.of(-7.0, 3.0), values.get("g[moved]"));
      assertEquals(List.of(10.0, 1.0, 0.0, 2.0), values.get("h[moved]"));
      assertEquals(List.of(5.0, 1.0, 1.0, 0.0), values.get("h[even]"));

      worker.counter(c).add(1);
      worker.gauge(g).add(1);
      worker.distribution(h).observe(1, 2);
      worker.distribution(h).addAll(new double[] {1, 1, 0, 0});

      assertEquals(3.5, worker.counter(c).get());
      assertEquals(-6, worker.gauge(g).get());
      assertArrayEquals(new double[] {13, 2, 1, 2}, worker.distribution(h).read());
      values = valuesOf(read(directory).workers().get(0));
      assertEquals(List.of(3.5), values.get("c[moved]"));
      assertEquals(List.of(-6.0, 3.0), values.get("g[moved]"));
      assertEquals(List.of(13.0, 2.0, 1.0, 2.0), values.get("h[moved]"));
    }
  }

  @Test
  @Tag("field")
  void refusesMoreCellsThanAReaderAccepts() throws IOException {
    try (MappedIncarnation worker = MappedIncarnation.inDirectory(directory, OPTIONS)) {
      List<Double> bounds = IntStream.range(0, 200_000).mapToObj(i -> (double) i).toList();
      int histograms = worker.addFamily(histogram("h", bounds, "i"));
      int published = 0;
      try {
        while (published < 100) {
          worker.addSeries(histograms, List.of("" + published), CREATED_MS);
          published++;
        }
      } catch (FormatLimitException e) {
        addCounter(worker, "after").add(2);
      }
      assertEquals(83, published);
      DirectorySnapshot snapshot = read(directory);
      assertEquals(Map.of(), snapshot.skipped());
      assertEquals(2, sumOf(snapshot.workers().get(0), "after"));
    }
  }

  @Test
  void keepsLongLabelValues() throws IOException {
    try (MappedIncarnation worker = MappedIncarnation.inDirectory(directory, OPTIONS);
        DirectoryReader reader = new DirectoryReader(directory)) {
      int family = worker.addFamily(counter("c", "text"));
      List<String> texts = new ArrayList<>();
      for (int i = 0; i < 10; i++) {
        texts.add(("é" + i).repeat(166_667));
        worker.counter(worker.addSeries(family, List.of(texts.get(i)), CREATED_MS)).add(i);

        Map<String, List<Double>> values = valuesOf(reader.read().workers().get(0));

        assertEquals(i + 1, values.size());
        assertEquals(List.of((double) i), values.get("c[" + texts.get(i) + "]"));
      }
    }
  }

  @Test
  void refusesWhatNoReaderWouldAcceptAndGoesOn() throws IOException {
    try (MappedIncarnation worker = MappedIncarnation.inDirectory(directory, OPTIONS)) {
      int family = worker.addFamily(counter("c", "text"));
      String tooLong = "x".repeat(WorkerFileLayout.MAX_RECORD_LENGTH);
      assertThrows(IOException.class, () -> worker.addSeries(family, List.of(tooLong), CREATED_MS));
      assertThrows(IOException.class, () -> worker.addFamily(named("d", tooLong)));
      worker.counter(worker.addSeries(family, List.of("fits"), CREATED_MS)).add(1);
      addCounter(worker, "after").add(2);

      DirectorySnapshot snapshot = read(directory);

      assertEquals(
          Map.of("c[fits]", List.of(1.0), "after[]", List.of(2.0)),
          valuesOf(snapshot.workers().get(0)));
      assertEquals(Map.of(), snapshot.skipped());
    }
  }

  private static FamilyDescriptor named(String name, String help) {
    return new FamilyDescriptor(
        name, MetricType.COUNTER, help, "", List.of(), GaugeFold.SUM, false, List.of());
  }

  @Test
  void growsByManySegments() throws IOException {
    try (MappedIncarnation worker = MappedIncarnation.inDirectory(directory, OPTIONS);
        DirectoryReader reader = new DirectoryReader(directory)) {
      int counters = worker.addFamily(counter("c", "i"));
      int histograms = worker.addFamily(histogram("h", List.of(1.0, 2.0, 3.0), "i"));
      int gauges = worker.addFamily(gauge("g", GaugeFold.SUM, "i"));
      Map<String, List<Double>> expected = new TreeMap<>();
      for (int i = 0; i < 10_000; i++) {
        List<String> labels = List.of("label value " + i);
        switch (i % 3) {
          case 0 -> {
            worker.counter(worker.addSeries(counters, labels, CREATED_MS)).add(i);
            expected.put("c" + labels, List.of((double) i));
          }
          case 1 -> {
            worker.distribution(worker.addSeries(histograms, labels, CREATED_MS)).observe(1, i);
            expected.put("h" + labels, List.of((double) i, 0.0, 1.0, 0.0, 0.0));
          }
          default -> {
            GaugeCell gauge = worker.gauge(worker.addSeries(gauges, labels, CREATED_MS));
            gauge.set(i);
            expected.put("g" + labels, List.of((double) i, gauge.setTimeMicros()));
          }
        }
        if (i % 1000 == 0) {
          assertEquals(expected, valuesOf(reader.read().workers().get(0)));
        }
      }

      assertEquals(expected, valuesOf(reader.read().workers().get(0)));
      assertEquals(expected, valuesOf(read(directory).workers().get(0)));
    }
  }

  @Test
  void takesNoMoreThan64KibibytesForAHundredCountersOfOneThread() throws IOException {
    try (MappedIncarnation worker = MappedIncarnation.inDirectory(directory, OPTIONS)) {
      for (int i = 0; i < 100; i++) {
        int family =
            worker.addFamily(
                named(
                    "twenty_characters_" + (10 + i % 90) + "x".repeat(i / 90),
                    "forty characters of help for the metric."));
        worker.counter(worker.addSeries(family, List.of(), CREATED_MS)).add(1);
      }

      long length = Files.size(StoreFiles.worker(directory, worker.info().incarnation()));

      assertEquals(100, valuesOf(read(directory).workers().get(0)).size());
      assertTrue(length <= 64 << 10, "length " + length);
    }
  }

  @Test
  void isReadableByOwnerAndGroupOnly() throws IOException {
    Path made = directory.resolve("a/b");
    try (MappedIncarnation worker = MappedIncarnation.inDirectory(made, OPTIONS)) {
      Path file = StoreFiles.worker(made, worker.info().incarnation());
      assertEquals("rwxr-x---", PosixFilePermissions.toString(Files.getPosixFilePermissions(made)));
      assertEquals("rw-r-----", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
    }
  }

  @Test
  void leavesOnlyItsOwnFiles() throws IOException {
    try (MappedIncarnation worker = MappedIncarnation.inDirectory(directory, OPTIONS);
        var files = Files.list(directory)) {
      String name = worker.info().incarnation().toString();
      assertEquals(
          StoreUnderTest.KIND == StoreKind.CHRONICLE
              ? List.of(name + ".chronicle", name + ".lease", name + ".worker")
              : List.of(name + ".lease", name + ".worker"),
          files.map(file -> file.getFileName().toString()).sorted().toList());
    }
  }

  @Test
  void cutsALongWorkerNameBetweenCharacters() throws IOException {
    StoreOptions options = new StoreOptions("ä".repeat(61) + "x" + "世界", 1);
    try (MappedIncarnation worker = MappedIncarnation.inDirectory(directory, options)) {
      assertEquals(
          "ä".repeat(61) + "x",
          read(directory).workers().get(0).worker().workerName(),
          worker.info().toString());
    }
  }

  @Test
  void survivesInterruptsAndKeepsThem() throws IOException {
    Thread.currentThread().interrupt();
    try (MappedIncarnation worker = MappedIncarnation.inDirectory(directory, OPTIONS);
        DirectoryReader reader = new DirectoryReader(directory)) {
      int family = worker.addFamily(counter("c", "i"));
      for (int i = 0; i < 2000; i++) {
        worker.counter(worker.addSeries(family, List.of("" + i), CREATED_MS)).add(1);
      }
      assertEquals(2000, valuesOf(reader.read().workers().get(0)).size());
      assertTrue(reader.read().workers().get(0).live());
      assertTrue(Thread.currentThread().isInterrupted());
    } finally {
      assertTrue(Thread.interrupted());
    }
  }

  @Test
  void noticesThatItsFileIsGone() throws IOException {
    try (MappedIncarnation worker = MappedIncarnation.inDirectory(directory, OPTIONS)) {
      CounterCell counter = addCounter(worker, "c");
      assertTrue(worker.isReachable());
      Path file = StoreFiles.worker(directory, worker.info().incarnation());
      Files.delete(file);
      assertFalse(worker.isReachable());
      Files.createFile(file);
      assertFalse(worker.isReachable(), "another file of that name");
      counter.add(1);
      assertEquals(1, counter.get());
    }
  }

  @Test
  void marksAnOrderlyExitAndStillCounts() throws IOException {
    MappedIncarnation worker = MappedIncarnation.inDirectory(directory, OPTIONS);
    CounterCell counter = addCounter(worker, "c");
    worker.beat(5);
    worker.markExit(77);
    counter.add(3);

    Snapshot exiting = read(directory).workers().get(0);
    assertTrue(exiting.live(), "the lease decides");
    assertEquals(77, exiting.exitNanos());
    assertEquals(5, exiting.beatNanos());
    assertEquals(3, sumOf(exiting, "c"));

    worker.abandon();
    assertFalse(read(directory).workers().get(0).live());
  }

  @Test
  void countsOneReadAfterAnother() throws IOException {
    try (MappedIncarnation worker = MappedIncarnation.inDirectory(directory, OPTIONS);
        DirectoryReader reader = new DirectoryReader(directory)) {
      CounterCell counter = addCounter(worker, "c");
      for (int i = 1; i <= 100; i++) {
        counter.add(0.1);
        Snapshot snapshot = reader.read().workers().get(0);
        assertEquals(counter.get(), sumOf(snapshot, "c"));
      }
    }
  }

  @Test
  void keepsTheSignOfAGaugesZero() throws IOException {
    try (MappedIncarnation worker = MappedIncarnation.inDirectory(directory, OPTIONS)) {
      worker.gauge(addSingle(worker, gauge("g", GaugeFold.SUM))).set(-0.0);
      Snapshot snapshot = read(directory).workers().get(0);
      assertEquals(-0.0, snapshot.high()[snapshot.catalog().series().get(0).firstCell()]);
    }
  }

  @Test
  void leavesNoLockBehindWhenItCannotBeOpened() throws IOException {
    String before = System.getProperty(LockList.PROPERTY, "");
    for (String last : List.of("lease locked", "worker file created")) {
      Path place = directory.resolve(last);
      assertThrows(
          IOException.class,
          () ->
              MappedIncarnation.inDirectory(
                  place,
                  OPTIONS,
                  MappedIncarnation.newInfo(OPTIONS, ProcessIdentity.current()),
                  step -> {
                    if (step.equals(last)) {
                      deleteWithFiles(place);
                    }
                  }));
    }
    assertEquals(before, System.getProperty(LockList.PROPERTY, ""));
  }

  private static void deleteWithFiles(Path place) {
    try (var files = Files.list(place)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
      Files.delete(place);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
