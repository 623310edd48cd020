package io.github.multiprom.internal.file;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import com.sun.management.UnixOperatingSystemMXBean;
import io.github.multiprom.internal.cell.CounterCell;
import io.github.multiprom.internal.cell.DistributionCells;
import io.github.multiprom.internal.directory.DirectoryReader;
import io.github.multiprom.internal.directory.RetainedFile;
import io.github.multiprom.internal.ownership.StoreFiles;
import io.github.multiprom.internal.worker.Fixtures;
import io.github.multiprom.internal.worker.MappedIncarnation;
import io.github.multiprom.model.DirectorySnapshot;
import io.github.multiprom.model.EpochClock;
import io.github.multiprom.model.GaugeFold;
import io.github.multiprom.model.Incarnation;
import io.github.multiprom.model.RetainedFamily;
import io.github.multiprom.model.RetainedSeries;
import io.github.multiprom.model.Snapshot;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Thousands of damaged files: nothing escapes, hangs or fills the heap; other workers are exact.
 */
@Tag("timing")
class HostileFilesTest {
  private static final int IN_MEMORY = 12_000;
  private static final int IN_DIRECTORY = 1_500;
  private static final long MAX_NANOS = TimeUnit.SECONDS.toNanos(30);
  private static final long MAX_ALLOCATED_BYTES = 8 << 20;
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
  private static final UnixOperatingSystemMXBean SYSTEM =
      (UnixOperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

  @TempDir Path directory;

  private final long seed = System.nanoTime();
  private final Random random = new Random(seed);
  private byte[] workerImage;
  private byte[] retainedImage;
  private Incarnation incarnation;

  @BeforeEach
  void makeFilesOfEveryContent() throws Exception {
    System.out.println("seed " + seed);
    Path place = directory.resolve("images");
    try (MappedIncarnation worker = MappedIncarnation.inDirectory(place, Fixtures.OPTIONS)) {
      incarnation = worker.info().incarnation();
      int counters = worker.addFamily(Fixtures.counter("c", "a", "b"));
      int gauges = worker.addFamily(Fixtures.gauge("g", GaugeFold.ALL, "a"));
      int histograms = worker.addFamily(Fixtures.histogram("h", List.of(0.1, 1.0, 10.0)));
      int summaries = worker.addFamily(Fixtures.summary("s"));
      DistributionCells histogram =
          worker.distribution(worker.addSeries(histograms, List.of(), Fixtures.CREATED_MS));
      int natives = worker.addFamily(Fixtures.nativeHistogram("n", List.of(1.0)));
      DistributionCells ofNatives =
          worker.distribution(worker.addSeries(natives, List.of(), Fixtures.CREATED_MS));
      DistributionCells summary =
          worker.distribution(worker.addSeries(summaries, List.of(), Fixtures.CREATED_MS));
      int quantiles = worker.addFamily(Fixtures.summaryWithQuantiles("q", 5_000));
      DistributionCells window =
          worker.distribution(worker.addSeries(quantiles, List.of(), Fixtures.CREATED_MS));
      for (int i = 0; i < 60; i++) {
        List<String> labels = List.of("x".repeat(i), "value " + i);
        worker.counter(worker.addSeries(counters, labels, Fixtures.CREATED_MS)).add(i);
        worker.gauge(worker.addSeries(gauges, List.of("" + i), Fixtures.CREATED_MS)).set(i);
      }
      worker.remove(7, Fixtures.CREATED_MS);
      for (int i = 0; i < 3; i++) {
        Thread thread =
            new Thread(
                () -> {
                  histogram.observe(2, 5);
                  summary.observe(0, 5);
                  ofNatives.observe(0, -3);
                  ofNatives.observe(1, 1e9);
                  window.observe(0, 3);
                });
        thread.start();
        thread.join();
        worker.beat(EpochClock.nowNanos() + i * 1_000_000_000L);
      }
      histogram.addAll(new double[] {1, 1, 0, 0, 0});
      workerImage = Files.readAllBytes(StoreFiles.worker(place, incarnation));
    }
    retainedImage = retainedImage(place.resolve(StoreFiles.RETAINED_NAME));
  }

  private byte[] retainedImage(Path path) throws IOException {
    RetainedSeries series =
        new RetainedSeries(
            List.of(),
            Fixtures.CREATED_MS,
            Fixtures.CREATED_MS + 1,
            "",
            new double[] {0.1},
            new double[] {1e-18});
    RetainedFile file =
        RetainedFile.of(
            List.of(new RetainedFamily(Fixtures.counter("c"), List.of(series))),
            List.of(incarnation),
            List.of(),
            1);
    try (FileChannel channel = FileChannel.open(path, StoreFiles.NEW_FILE)) {
      file.writeTo(channel, CrashPoint.NONE);
    }
    byte[] bytes = Files.readAllBytes(path);
    Files.delete(path);
    return bytes;
  }

  @Test
  void raiseNothingButInputOutputErrorsInAReader() throws IOException {
    FileMutations worker = new FileMutations(workerImage, random);
    FileMutations retained = new FileMutations(retainedImage, random);
    int unreadable = 0;
    int damaged = 0;
    for (int i = 0; i < IN_MEMORY; i++) {
      byte[] bytes = (i % 4 == 0 ? retained : worker).next();
      boolean live = i % 2 == 0;
      long allocated = THREADS.getCurrentThreadAllocatedBytes();
      long start = System.nanoTime();
      try (WorkerFileReader reader = new WorkerFileReader(sourceOf(bytes), new LabelInterner())) {
        for (int refresh = 0; refresh < 2; refresh++) {
          reader.readWords();
          reader.refresh(live);
          Snapshot snapshot = reader.snapshot(live);
          Fixtures.valuesOf(snapshot);
          IntStream.range(0, snapshot.catalog().series().size()).forEach(snapshot::refinedCounts);
        }
        damaged += reader.damage() == null ? 0 : 1;
      } catch (IOException e) {
        unreadable++;
      }
      assertModest(start, allocated);
    }
    System.out.println(unreadable + " unreadable, " + damaged + " damaged of " + IN_MEMORY);
    assertTrue(unreadable > 0 && damaged > 0);
  }

  private static void assertModest(long startNanos, long allocatedBytes) {
    long nanos = System.nanoTime() - startNanos;
    long allocated = THREADS.getCurrentThreadAllocatedBytes() - allocatedBytes;
    assertTrue(nanos < MAX_NANOS, "took " + nanos + " ns");
    assertTrue(allocated < MAX_ALLOCATED_BYTES, "allocated " + allocated + " bytes");
  }

  private static ByteSource sourceOf(byte[] bytes) {
    return new ByteSource() {
      @Override
      public boolean read(ByteBuffer into, long position) {
        assertTrue(position >= 0, "position " + position);
        int length = (int) Math.min(into.remaining(), Math.max(0, bytes.length - position));
        if (length > 0) {
          into.put(bytes, (int) position, length);
        }
        return !into.hasRemaining();
      }

      @Override
      public long size() {
        return bytes.length;
      }

      @Override
      public void close() {}
    };
  }

  @Test
  void leaveTheOtherWorkersExact() throws IOException {
    FileMutations worker = new FileMutations(workerImage, random);
    FileMutations retained = new FileMutations(retainedImage, random);
    Path place = directory.resolve("three");
    try (MappedIncarnation one = MappedIncarnation.inDirectory(place, Fixtures.OPTIONS);
        MappedIncarnation two = MappedIncarnation.inDirectory(place, Fixtures.OPTIONS);
        DirectoryReader reader = new DirectoryReader(place)) {
      CounterCell counter = Fixtures.addCounter(one, "one");
      Fixtures.addCounter(two, "two").add(2);
      Path hostile = StoreFiles.worker(place, incarnation);
      long descriptors = SYSTEM.getOpenFileDescriptorCount();
      for (int i = 1; i <= IN_DIRECTORY; i++) {
        counter.add(1);
        // Replaced by rename or written over, before the eyes of a reader that knows the file.
        if (i % 3 == 0) {
          Files.deleteIfExists(hostile);
        }
        Files.write(hostile, worker.next());
        if (i % 5 == 0) {
          Files.write(place.resolve(StoreFiles.RETAINED_NAME), retained.next());
        }
        long allocated = THREADS.getCurrentThreadAllocatedBytes();
        long start = System.nanoTime();
        DirectorySnapshot known = reader.read();
        assertModest(start, allocated);
        DirectorySnapshot fresh = Fixtures.read(place);
        for (DirectorySnapshot snapshot : List.of(known, fresh)) {
          Snapshot first = Fixtures.find(snapshot, one.info().incarnation());
          Snapshot second = Fixtures.find(snapshot, two.info().incarnation());
          assertEquals(i, Fixtures.sumOf(first, "one"));
          assertEquals(2, Fixtures.sumOf(second, "two"));
          assertTrue(first.live() && second.live());
        }
      }
      long leaked = SYSTEM.getOpenFileDescriptorCount() - descriptors;
      assertTrue(leaked < 20, "leaked file descriptors: " + leaked);
    }
  }

  @Test
  void areServedFromTheLastSnapshotIfTheyWereReadBefore() throws IOException {
    Path place = directory.resolve("served");
    Files.createDirectories(place);
    Path file = StoreFiles.worker(place, incarnation);
    List<byte[]> damages = new ArrayList<>();
    damages.add(new byte[0]);
    damages.add(Arrays.copyOf(workerImage, 100));
    damages.add(Arrays.copyOf(workerImage, workerImage.length / 2));
    damages.add(new byte[workerImage.length]);
    for (byte[] damage : damages) {
      Files.write(file, workerImage);
      try (DirectoryReader reader = new DirectoryReader(place)) {
        var before = Fixtures.valuesOf(reader.read().workers().get(0));
        Files.write(file, damage);
        DirectorySnapshot after = reader.read();
        assertEquals(1, after.skipped().values().stream().mapToInt(Integer::intValue).sum());
        assertEquals(before, Fixtures.valuesOf(after.workers().get(0)), damage.length + " bytes");
      }
    }
  }
}
