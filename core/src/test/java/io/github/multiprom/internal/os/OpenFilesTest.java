package io.github.multiprom.internal.os;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.multiprom.internal.cell.CounterCell;
import io.github.multiprom.internal.directory.DirectoryReader;
import io.github.multiprom.internal.ownership.StoreFiles;
import io.github.multiprom.internal.worker.Children;
import io.github.multiprom.internal.worker.Fixtures;
import io.github.multiprom.internal.worker.Killable;
import io.github.multiprom.internal.worker.MappedIncarnation;
import io.github.multiprom.internal.worker.StoreUnderTest;
import io.github.multiprom.model.DirectorySnapshot;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The files that a reader leaves open, closes and opens again. */
class OpenFilesTest {
  private static final long SOON_NANOS = TimeUnit.SECONDS.toNanos(60);

  @TempDir Path directory;

  private MappedIncarnation deadWorker(double count) throws IOException {
    MappedIncarnation worker = Killable.worker(directory, "w");
    Fixtures.addCounter(worker, "c").add(count);
    Killable.kill(worker);
    return worker;
  }

  /** The files of the directory that this process has open. */
  private List<String> open() {
    try (Stream<Path> all = Files.list(Path.of("/proc/self/fd"))) {
      return all.map(OpenFilesTest::target)
          .filter(file -> file.startsWith("" + directory))
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String target(Path link) {
    try {
      return Files.readSymbolicLink(link).toString();
    } catch (IOException e) {
      return "";
    }
  }

  @Test
  void areClosedSoonAfterTheirNamesAreGoneThoughNobodyReads() throws Exception {
    try (MappedIncarnation live = Killable.worker(directory, "live");
        DirectoryReader reader = new DirectoryReader(directory)) {
      Fixtures.addCounter(live, "c").add(1);
      deadWorker(2);
      assertEquals(2, reader.read().workers().size());
      assertTrue(open().stream().anyMatch(file -> file.endsWith(".worker")), open()::toString);
      try (Stream<Path> files = Files.list(directory)) {
        for (Path file : files.toList()) {
          Files.delete(file);
        }
      }
      long start = System.nanoTime();
      // Its own lease is the live worker's.
      Children.await(
          () -> open().stream().allMatch(file -> file.contains(".lease")), "closed files");
      assertTrue(System.nanoTime() - start < SOON_NANOS);
    }
  }

  @Test
  @Tag("field")
  void areClosedWhenNobodyReadsThemForAWhile() throws Exception {
    deadWorker(1);
    try (DirectoryReader reader = new DirectoryReader(directory)) {
      reader.read();
      Children.await(() -> open().isEmpty(), "closed files");
      Children.await(() -> !isTimed(), "the end of the thread");
      assertEquals(1, Fixtures.sumOf(reader.read().workers().get(0), "c"));
    }
  }

  private static boolean isTimed() {
    return Thread.getAllStackTraces().keySet().stream()
        .anyMatch(thread -> thread.getName().equals("multiprom-idle-files"));
  }

  @Test
  void areOpenedAgainForTheNextRead() throws IOException {
    try (MappedIncarnation worker = Killable.worker(directory, "live");
        DirectoryReader reader = new DirectoryReader(directory)) {
      CounterCell counter = Fixtures.addCounter(worker, "c");
      for (int i = 1; i <= 3; i++) {
        counter.add(1);
        assertEquals(i, Fixtures.sumOf(reader.read().workers().get(0), "c"));
        OpenFiles.closeIdle(0);
      }
    }
  }

  @Test
  void areReadAsNewOnesIfTheirNamesLeadElsewhere() throws Exception {
    MappedIncarnation worker = deadWorker(5);
    Path file = StoreFiles.worker(directory, worker.info().incarnation());
    Path cells = StoreUnderTest.cellsFile(directory, worker.info().incarnation());
    try (DirectoryReader reader = new DirectoryReader(directory)) {
      reader.read();
      OpenFiles.closeIdle(0);
      Path copy = Files.copy(cells, directory.resolve("copy"));
      Files.delete(file);
      OpenFilesTest.makeFifo(file);
      DirectorySnapshot served = reader.read();
      assertEquals(Map.of("foreign", 1, "not_regular", 1), served.skipped());
      assertEquals(5, Fixtures.sumOf(served.workers().get(0), "c"));
      assertTrue(reader.isDamaged(worker.info().incarnation()));
      Files.delete(file);
      if (cells.equals(file)) {
        Files.move(copy, file);
        DirectorySnapshot again = reader.read();
        assertEquals(Map.of(), again.skipped());
        assertEquals(5, Fixtures.sumOf(again.workers().get(0), "c"));
      }
    }
  }

  @Test
  void hangNobodyWhenAFifoTakesTheirPlaceInTheInstantOfAnOpen() throws Exception {
    MappedIncarnation worker = deadWorker(5);
    Path file = StoreFiles.worker(directory, worker.info().incarnation());
    Path elsewhere = Files.createTempDirectory(directory.getParent(), "swap");
    Path fifo = elsewhere.resolve("fifo");
    makeFifo(fifo);
    Path image = Files.createLink(elsewhere.resolve("image"), file);
    Thread swapper =
        new Thread(
            () -> {
              try {
                while (!Thread.interrupted()) {
                  for (Path next : List.of(fifo, image)) {
                    Path link = Files.createLink(elsewhere.resolve("link"), next);
                    Files.move(link, file, StandardCopyOption.ATOMIC_MOVE);
                  }
                }
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
            });
    try (DirectoryReader reader = new DirectoryReader(directory)) {
      reader.read();
      swapper.start();
      long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(3);
      for (long now = System.nanoTime(); now - end < 0; ) {
        OpenFiles.closeIdle(0);
        assertEquals(5, Fixtures.sumOf(reader.read().workers().get(0), "c"));
        long took = System.nanoTime() - now;
        assertTrue(took < SOON_NANOS, "took " + took + " ns");
        now += took;
      }
    } finally {
      swapper.interrupt();
      swapper.join();
      // Frees a thread that waits for a writer.
      new RandomAccessFile(fifo.toFile(), "rw").close();
    }
  }

  private static void makeFifo(Path path) throws IOException, InterruptedException {
    assertEquals(0, new ProcessBuilder("mkfifo", path.toString()).start().waitFor());
  }
}
