package io.github.multiprom.internal.chronicle;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.multiprom.internal.cell.CounterCell;
import io.github.multiprom.internal.cell.DistributionCells;
import io.github.multiprom.internal.directory.DirectoryReader;
import io.github.multiprom.internal.file.CrashPoint;
import io.github.multiprom.internal.file.WorkerFileLayout;
import io.github.multiprom.internal.ownership.FileOwnership;
import io.github.multiprom.internal.ownership.StoreFiles;
import io.github.multiprom.internal.worker.Children;
import io.github.multiprom.internal.worker.Fixtures;
import io.github.multiprom.internal.worker.MappedIncarnation;
import io.github.multiprom.internal.worker.StoreKind;
import io.github.multiprom.internal.worker.StoreUnderTest;
import io.github.multiprom.model.DirectorySnapshot;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Tag(StoreUnderTest.TAG)
class MapBlocksTest {
  /** So long that a block of its cells fills an extent but for its margin. */
  private static final int BUCKETS = 8000;

  /** Each has two blocks. */
  private static final int SERIES = MapBlocks.MAX_EXTENTS / 2 + 20;

  private static final Path DESCRIPTORS = Path.of("/proc/self/fd");
  private static final Path MAPPINGS = Path.of("/proc/self/maps");

  @TempDir Path directory;

  @BeforeEach
  void needsChronicleMap() {
    assumeTrue(StoreUnderTest.KIND == StoreKind.CHRONICLE, "no maps in this run");
  }

  private static List<Double> bounds(int count) {
    return DoubleStream.iterate(1, bound -> bound + 1).limit(count).boxed().toList();
  }

  @Test
  void thatAreFullLeaveFurtherBlocksToTheWorkerFile() throws IOException {
    try (MappedIncarnation worker = MappedIncarnation.inDirectory(directory, Fixtures.OPTIONS);
        DirectoryReader reader = new DirectoryReader(directory)) {
      int family = worker.addFamily(Fixtures.histogram("h", bounds(BUCKETS), "i"));
      Map<String, Double> expected = new TreeMap<>();
      for (int i = 0; i < SERIES; i++) {
        List<String> labels = List.of("" + i);
        int series = worker.addSeries(family, labels, Fixtures.CREATED_MS);
        worker.distribution(series).observe(i, i);
        expected.put("h" + labels, (double) i);
      }
      for (DirectorySnapshot snapshot : List.of(reader.read(), Fixtures.read(directory))) {
        assertEquals(Map.of(), snapshot.skipped());
        Map<String, Double> sums = new TreeMap<>();
        Fixtures.valuesOf(snapshot.workers().get(0))
            .forEach(
                (name, cells) -> {
                  double sum = cells.get(0);
                  sums.put(name, sum);
                  assertEquals(1, cells.get(1 + (int) sum), name);
                  assertEquals(1, Collections.frequency(cells.subList(1, BUCKETS + 2), 1.0), name);
                });
        assertEquals(expected, sums);
      }
      // What is long since known changes in both files.
      for (String i : List.of("0", "" + (SERIES - 1))) {
        int again = worker.addSeries(family, List.of(i + " again"), Fixtures.CREATED_MS);
        worker.distribution(again).observe(0, 0.5);
      }
      Map<String, List<Double>> values = Fixtures.valuesOf(reader.read().workers().get(0));
      assertEquals(SERIES + 2, values.size());
      assertEquals(0.5, values.get("h[0 again]").get(0));
    }
  }

  @Test
  void leaveASeriesThatIsTooLongForAnExtentToTheWorkerFile() throws IOException {
    try (MappedIncarnation worker = MappedIncarnation.inDirectory(directory, Fixtures.OPTIONS)) {
      CounterCell before = Fixtures.addCounter(worker, "before");
      int length = MapBlocks.EXTENT_LENGTH / WorkerFileLayout.CELL_LENGTH;
      int series = Fixtures.addSingle(worker, Fixtures.histogram("long", bounds(length)));
      DistributionCells cells = worker.distribution(series);
      cells.observe(length, 3);
      cells.observe(0, 4);
      CounterCell after = Fixtures.addCounter(worker, "after");
      before.add(1);
      after.add(2);
      Map<String, List<Double>> values =
          Fixtures.valuesOf(Fixtures.read(directory).workers().get(0));
      assertEquals(List.of(1.0), values.get("before[]"));
      assertEquals(List.of(2.0), values.get("after[]"));
      List<Double> histogram = values.get("long[]");
      assertEquals(7, histogram.get(0));
      assertEquals(1, histogram.get(1));
      assertEquals(1, histogram.get(histogram.size() - 1));
      assertTrue(
          Files.size(StoreFiles.worker(directory, worker.info().incarnation()))
              > MapBlocks.EXTENT_LENGTH);
    }
  }

  @Test
  void areClosedWithTheirWorkerWhileItsThreadsCount() throws Exception {
    assumeTrue(Files.exists(DESCRIPTORS) && Files.exists(MAPPINGS), "no /proc");
    for (int i = 0; i < 3; i++) {
      countInAWorkerThatIsClosed();
    }
    try (Stream<Path> descriptors = Files.list(DESCRIPTORS)) {
      for (Path descriptor : descriptors.toList()) {
        assertFalse(fileOf(descriptor).startsWith(directory), descriptor.toString());
      }
    }
    Children.await(() -> mappings() == 0, "the end of the mappings");
  }

  private static Path fileOf(Path descriptor) throws IOException {
    try {
      return Files.readSymbolicLink(descriptor);
    } catch (NoSuchFileException e) {
      // Closed by another thread.
      return descriptor;
    }
  }

  private long mappings() {
    // Of blocks, which live as long as somebody may count in them.
    System.gc();
    try (Stream<String> mappings = Files.lines(MAPPINGS)) {
      return mappings.filter(mapping -> mapping.contains(directory.toString())).count();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void countInAWorkerThatIsClosed() throws Exception {
    AtomicBoolean stop = new AtomicBoolean();
    LongAdder counted = new LongAdder();
    MappedIncarnation worker = MappedIncarnation.inDirectory(directory, Fixtures.OPTIONS);
    CounterCell counter = Fixtures.addCounter(worker, "c");
    Thread thread =
        new Thread(
            () -> {
              while (!stop.get()) {
                counter.add(1);
                counted.increment();
              }
            });
    thread.start();
    try {
      Children.await(() -> counted.sum() > 0, "a thread that counts");
      worker.close();
      long before = counted.sum();
      Children.await(() -> counted.sum() > before + 1000, "a thread that goes on");
    } finally {
      stop.set(true);
      thread.join();
    }
    assertEquals((double) counted.sum(), counter.get());
    int late = Fixtures.addSingle(worker, Fixtures.histogram("late", bounds(BUCKETS)));
    worker.distribution(late).observe(0, 1);
    assertEquals(1, worker.distribution(late).read()[0]);
    worker.close();
  }

  @Test
  @Timeout(300)
  void areMadeAndAddedWhileTheirThreadIsInterruptedWithoutEnd() throws Exception {
    Thread maker = Thread.currentThread();
    Thread interrupter =
        new Thread(
            () -> {
              while (!Thread.currentThread().isInterrupted()) {
                maker.interrupt();
                LockSupport.parkNanos(50_000);
              }
            });
    interrupter.setDaemon(true);
    interrupter.start();
    try {
      for (int map = 0; map < 5; map++) {
        MapBlocks blocks =
            MapBlocks.create(
                directory.resolve(map + ".chronicle"),
                FileOwnership.of(directory),
                CrashPoint.NONE);
        for (int i = 0; i < 100; i++) {
          assertNotNull(blocks.add(MapBlocks.EXTENT_LENGTH / 2 + 1), "extent " + i);
        }
      }
      Children.await(maker::isInterrupted, "an interrupt that is kept");
    } finally {
      interrupter.interrupt();
      while (interrupter.isAlive()) {
        Thread.onSpinWait();
      }
      Thread.interrupted();
    }
  }
}
