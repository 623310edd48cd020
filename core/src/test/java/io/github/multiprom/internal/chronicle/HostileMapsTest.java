package io.github.multiprom.internal.chronicle;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.multiprom.internal.cell.CounterCell;
import io.github.multiprom.internal.directory.DirectoryReader;
import io.github.multiprom.internal.ownership.StoreFiles;
import io.github.multiprom.internal.worker.Fixtures;
import io.github.multiprom.internal.worker.MappedIncarnation;
import io.github.multiprom.internal.worker.StoreKind;
import io.github.multiprom.internal.worker.StoreUnderTest;
import io.github.multiprom.model.DirectorySnapshot;
import io.github.multiprom.model.Incarnation;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Damaged Chronicle Maps: nothing escapes or hangs; other workers are exact. */
@Tag(StoreUnderTest.TAG)
class HostileMapsTest {
  private static final int MUTATIONS = 500;
  private static final int IMAGE_LENGTH = 256 << 10;
  private static final long MAX_NANOS = TimeUnit.SECONDS.toNanos(30);

  @TempDir Path directory;
  private Incarnation incarnation;
  private Path map;

  @BeforeEach
  void makeADeadWorkerWithAMap() throws IOException {
    assumeTrue(StoreUnderTest.KIND == StoreKind.CHRONICLE, "no maps in this run");
    try (MappedIncarnation worker = MappedIncarnation.inDirectory(directory, Fixtures.OPTIONS)) {
      incarnation = worker.info().incarnation();
      Fixtures.addCounter(worker, "c").add(5);
      worker
          .distribution(Fixtures.addSingle(worker, Fixtures.histogram("h", List.of(1.0, 2.0, 3.0))))
          .observe(1, 0.5);
    }
    map = StoreFiles.map(directory, incarnation);
  }

  @Test
  void leaveTheOtherWorkersExact() throws IOException {
    long seed = System.nanoTime();
    System.out.println("seed " + seed);
    byte[] image;
    try (InputStream bytes = Files.newInputStream(map)) {
      image = bytes.readNBytes(IMAGE_LENGTH);
    }
    Random random = new Random(seed);
    int skipped = 0;
    try (MappedIncarnation other = MappedIncarnation.inDirectory(directory, Fixtures.OPTIONS);
        DirectoryReader reader = new DirectoryReader(directory)) {
      CounterCell counter = Fixtures.addCounter(other, "other");
      for (int i = 1; i <= MUTATIONS; i++) {
        counter.add(1);
        if (i % 3 == 0) {
          Files.delete(map);
        }
        Files.write(map, mutation(image, random));
        long start = System.nanoTime();
        DirectorySnapshot known = reader.read();
        DirectorySnapshot fresh = Fixtures.read(directory);
        assertTrue(System.nanoTime() - start < MAX_NANOS, "seed " + seed + ", mutation " + i);
        for (DirectorySnapshot snapshot : List.of(known, fresh)) {
          assertEquals(
              i, Fixtures.sumOf(Fixtures.find(snapshot, other.info().incarnation()), "other"));
        }
        skipped += fresh.skipped().size();
      }
    }
    System.out.println(skipped + " skipped of " + MUTATIONS);
    assertTrue(skipped > 0);
  }

  private static byte[] mutation(byte[] image, Random random) {
    int length = random.nextBoolean() ? image.length : random.nextInt(image.length);
    byte[] bytes = Arrays.copyOf(image, length);
    int from = random.nextInt(bytes.length + 1);
    byte[] noise = new byte[random.nextInt(bytes.length - from + 1)];
    random.nextBytes(noise);
    System.arraycopy(noise, 0, bytes, from, noise.length);
    return bytes;
  }

  @Test
  void thatAreGoneAreDamageOfTheirWorkersOnly() throws IOException {
    try (DirectoryReader reader = new DirectoryReader(directory)) {
      reader.read();
      Files.delete(map);
      // The file is open already.
      assertEquals(5, Fixtures.sumOf(reader.read().workers().get(0), "c"));
    }
    assertEquals(Map.of("truncated", 1), Fixtures.read(directory).skipped());
    Files.createDirectory(map);
    assertEquals(Map.of("not_regular", 1), Fixtures.read(directory).skipped());
    Files.delete(map);
    Files.createSymbolicLink(map, StoreFiles.worker(directory, incarnation));
    assertEquals(Map.of("not_regular", 1), Fixtures.read(directory).skipped());
  }
}
