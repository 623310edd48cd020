package io.github.multiprom.internal.directory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.multiprom.internal.cell.CounterCell;
import io.github.multiprom.internal.file.WorkerFileLayout;
import io.github.multiprom.internal.os.ForgottenLog;
import io.github.multiprom.internal.os.ProcessUser;
import io.github.multiprom.internal.ownership.StoreFiles;
import io.github.multiprom.internal.worker.Fixtures;
import io.github.multiprom.internal.worker.MappedIncarnation;
import io.github.multiprom.internal.worker.StoreUnderTest;
import io.github.multiprom.model.DirectorySnapshot;
import io.github.multiprom.model.Incarnation;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag(StoreUnderTest.TAG)
class DirectoryReaderTest {
  private static final Duration SOON = Duration.ofMinutes(1);

  @TempDir Path directory;

  /** What is logged of the directory; other tests may still log something. */
  private final class LogLines extends Handler implements AutoCloseable {
    private final Logger logger = Logger.getLogger("io.github.multiprom");
    private final List<String> lines = new ArrayList<>();

    LogLines() {
      ForgottenLog.forget();
      logger.addHandler(this);
    }

    @Override
    public synchronized void publish(LogRecord entry) {
      if (entry.getMessage().contains(directory.toString())) {
        lines.add(entry.getMessage());
      }
    }

    @Override
    public void flush() {}

    @Override
    public void close() {
      logger.removeHandler(this);
    }
  }

  @Test
  void readsBesideWhatHasTheNameOfTotalsOfAUser() throws IOException {
    try (MappedIncarnation worker = MappedIncarnation.inDirectory(directory, Fixtures.OPTIONS)) {
      Files.createDirectory(directory.resolve(StoreFiles.RETAINED_NAME + ".1001"));
      assertEquals(1, Fixtures.read(directory).workers().size());
      assertTrue(worker.isReachable());
    }
  }

  @Test
  void takesNoPredecessorOfAnotherUserWhereUsersShareTheDirectory() throws IOException {
    assumeTrue(ProcessUser.current().mayGiveFiles(), "only root can give files away");
    Path shared = Files.createDirectory(directory.resolve("shared"));
    Files.setAttribute(shared, "unix:mode", 01777);
    try (MappedIncarnation worker = MappedIncarnation.inDirectory(shared, Fixtures.OPTIONS);
        MappedIncarnation other =
            MappedIncarnation.inDirectory(
                shared, Fixtures.OPTIONS, List.of(worker.info().incarnation()))) {
      Incarnation successor = other.info().incarnation();
      Path file = StoreFiles.worker(shared, successor);
      assertEquals(1, Fixtures.find(Fixtures.read(shared), successor).predecessors().size());
      Files.setAttribute(file, "unix:uid", 3002);
      assertEquals(Set.of(), Fixtures.find(Fixtures.read(shared), successor).predecessors());
      Files.setAttribute(shared, "unix:mode", 0777);
      assertEquals(1, Fixtures.find(Fixtures.read(shared), successor).predecessors().size());
    }
  }

  @Test
  void tellsThatADirectoryIsMissing() {
    assertThrows(
        NoSuchFileException.class, () -> Fixtures.read(directory.resolve("missing")).workers());
  }

  @Test
  void tellsThatADirectoryIsAFile() throws IOException {
    Path file = Files.createFile(directory.resolve("file"));
    assertThrows(NotDirectoryException.class, () -> Fixtures.read(file));
    assertThrows(IOException.class, () -> MappedIncarnation.inDirectory(file, Fixtures.OPTIONS));
  }

  @Test
  void finishesWithoutWorkers() throws IOException {
    assertEquals(
        new DirectorySnapshot(List.of(), List.of(), Map.of(), 0), Fixtures.read(directory));
  }

  @Test
  void countsWhatItLeavesOutByReasonAndServesTheRest() throws Exception {
    try (MappedIncarnation worker = MappedIncarnation.inDirectory(directory, Fixtures.OPTIONS);
        DirectoryReader reader = new DirectoryReader(directory);
        LogLines log = new LogLines()) {
      CounterCell counter = Fixtures.addCounter(worker, "c");
      byte[] image = Files.readAllBytes(workerFile(worker.info().incarnation()));
      Files.write(directory.resolve("counter_42.db"), new byte[100]);
      Files.createFile(workerFile(new Incarnation(1, 1)));
      Files.createDirectory(workerFile(new Incarnation(1, 2)));
      Files.write(workerFile(new Incarnation(1, 3)), ofVersion(image, 2));
      Files.write(workerFile(new Incarnation(1, 4)), Arrays.copyOf(image, 300));
      Files.write(workerFile(new Incarnation(1, 5)), image);
      makeFifo(workerFile(new Incarnation(1, 6)));
      Files.createSymbolicLink(
          workerFile(new Incarnation(1, 7)), workerFile(worker.info().incarnation()));
      Files.writeString(workerFile(new Incarnation(1, 8)), "# not a worker file at all");
      Files.write(directory.resolve("nobody.worker"), image);

      for (int i = 1; i <= 3; i++) {
        counter.add(1);
        DirectorySnapshot snapshot = assertTimeoutPreemptively(SOON, reader::read);
        assertEquals(
            Map.of("foreign", 4, "empty", 1, "not_regular", 3, "newer_version", 1, "truncated", 1),
            snapshot.skipped());
        assertEquals(1, snapshot.workers().size());
        assertEquals(i, Fixtures.sumOf(snapshot.workers().get(0), "c"));
      }
      assertEquals(10, log.lines.size(), log.lines::toString);
    }
  }

  @Test
  void passesOverAFifoAndALinkNamedRetained() throws Exception {
    Path retained = directory.resolve(StoreFiles.RETAINED_NAME);
    try (MappedIncarnation worker = MappedIncarnation.inDirectory(directory, Fixtures.OPTIONS)) {
      Fixtures.addCounter(worker, "c").add(1);
      makeFifo(retained);
      DirectorySnapshot snapshot = assertTimeoutPreemptively(SOON, () -> Fixtures.read(directory));
      assertEquals(Map.of("not_regular", 1), snapshot.skipped());
      Files.delete(retained);
      Files.createSymbolicLink(retained, workerFile(worker.info().incarnation()));
      snapshot = Fixtures.read(directory);
      assertEquals(Map.of("not_regular", 1), snapshot.skipped());
      assertEquals(1, Fixtures.sumOf(snapshot.workers().get(0), "c"));
    }
  }

  @Test
  void takesNoWorkersFileForTheRetainedTotals() throws IOException {
    try (MappedIncarnation worker = MappedIncarnation.inDirectory(directory, Fixtures.OPTIONS)) {
      Fixtures.addCounter(worker, "c").add(1);
      Files.copy(
          workerFile(worker.info().incarnation()), directory.resolve(StoreFiles.RETAINED_NAME));
      DirectorySnapshot snapshot = Fixtures.read(directory);
      assertEquals(Map.of("foreign", 1), snapshot.skipped());
      assertEquals(1, snapshot.workers().size());
      assertEquals(List.of(), snapshot.retained());
    }
  }

  @Test
  void servesAFileAgainThatFailedForAWhile() throws IOException {
    MappedIncarnation worker = MappedIncarnation.inDirectory(directory, Fixtures.OPTIONS);
    Fixtures.addCounter(worker, "c").add(5);
    worker.close();
    Path file = StoreUnderTest.cellsFile(directory, worker.info().incarnation());
    byte[] image = Files.readAllBytes(file);
    try (DirectoryReader reader = new DirectoryReader(directory)) {
      reader.read();
      Files.write(file, Arrays.copyOf(image, 600));
      DirectorySnapshot failing = reader.read();
      assertEquals(Map.of("truncated", 1), failing.skipped());
      assertEquals(5, Fixtures.sumOf(failing.workers().get(0), "c"));
      assertTrue(reader.isDamaged(worker.info().incarnation()));
      Files.write(file, image);
      DirectorySnapshot again = reader.read();
      assertEquals(Map.of(), again.skipped());
      assertEquals(5, Fixtures.sumOf(again.workers().get(0), "c"));
      assertFalse(reader.isDamaged(worker.info().incarnation()));
    }
  }

  @Test
  void goesOnBehindAPositionThatWasWrongForAWhile() throws IOException {
    for (int bit = 0; bit < Long.SIZE; bit++) {
      try (MappedIncarnation worker = MappedIncarnation.inDirectory(directory, Fixtures.OPTIONS);
          DirectoryReader reader = new DirectoryReader(directory)) {
        CounterCell counter = Fixtures.addCounter(worker, "c");
        counter.add(1);
        reader.read();
        Path file = workerFile(worker.info().incarnation());
        flip(file, bit);
        reader.read();
        reader.read();
        flip(file, bit);
        counter.add(2);
        Fixtures.addCounter(worker, "d").add(4);
        DirectorySnapshot snapshot = reader.read();
        assertEquals(Map.of(), snapshot.skipped(), "bit " + bit);
        assertEquals(3, Fixtures.sumOf(snapshot.workers().get(0), "c"), "bit " + bit);
        assertEquals(4, Fixtures.sumOf(snapshot.workers().get(0), "d"), "bit " + bit);
        assertFalse(reader.isDamaged(worker.info().incarnation()), "bit " + bit);
        Files.delete(file);
      }
    }
  }

  /** Turns a bit of the position up to which records are published. */
  private static void flip(Path file, int bit) throws IOException {
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      ByteBuffer word = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
      channel.read(word, WorkerFileLayout.PUBLISHED_OFFSET);
      word.putLong(0, word.getLong(0) ^ 1L << bit).clear();
      channel.write(word, WorkerFileLayout.PUBLISHED_OFFSET);
    }
  }

  @Test
  void forgetsAWorkerWhoseFileIsGone() throws IOException {
    MappedIncarnation worker = MappedIncarnation.inDirectory(directory, Fixtures.OPTIONS);
    worker.close();
    try (DirectoryReader reader = new DirectoryReader(directory)) {
      assertEquals(1, reader.read().workers().size());
      Files.delete(workerFile(worker.info().incarnation()));
      assertEquals(0, reader.read().workers().size());
    }
  }

  @Test
  void writesOneLineForAFileWhoseNameHasSeveral() throws IOException {
    try (LogLines log = new LogLines()) {
      Files.createFile(directory.resolve("x\nERROR all is lost\u001b[31m"));
      assertEquals(Map.of("foreign", 1), Fixtures.read(directory).skipped());
      assertEquals(1, log.lines.size());
      assertTrue(log.lines.get(0).chars().noneMatch(Character::isISOControl), log.lines.get(0));
    }
  }

  @Test
  void writesFewLinesForManyFilesThatItSkips() throws IOException {
    try (LogLines log = new LogLines();
        DirectoryReader reader = new DirectoryReader(directory)) {
      String unique = "foreign" + System.nanoTime() + "-";
      for (int i = 0; i < 100; i++) {
        Files.createFile(directory.resolve(unique + i));
      }
      for (int i = 0; i < 3; i++) {
        assertEquals(Map.of("foreign", 100), reader.read().skipped());
      }
      assertEquals(11, log.lines.size(), log.lines::toString);
      assertTrue(log.lines.get(10).contains("90 more files"), log.lines.get(10));
      Files.createFile(directory.resolve(unique + "another"));
      reader.read();
      assertEquals(12, log.lines.size(), log.lines::toString);
    }
  }

  private Path workerFile(Incarnation incarnation) {
    return StoreFiles.worker(directory, incarnation);
  }

  private static byte[] ofVersion(byte[] image, int version) {
    byte[] bytes = image.clone();
    ByteBuffer.wrap(bytes)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putInt(WorkerFileLayout.VERSION_OFFSET, version);
    return bytes;
  }

  private static void makeFifo(Path path) throws IOException, InterruptedException {
    assertEquals(0, new ProcessBuilder("mkfifo", path.toString()).start().waitFor());
  }
}
