package io.github.multiprom.internal.lease;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.multiprom.internal.file.LabelInterner;
import io.github.multiprom.internal.file.LifeSigns;
import io.github.multiprom.internal.file.WorkerFileReader;
import io.github.multiprom.internal.ownership.StoreFiles;
import io.github.multiprom.internal.worker.Children;
import io.github.multiprom.internal.worker.Fixtures;
import io.github.multiprom.internal.worker.MappedIncarnation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of a worker's lease at its next beat, as another process sees it. */
class LeaseMendingTest {
  @TempDir Path directory;

  private final Children children = new Children();
  private MappedIncarnation worker;
  private Path lease;
  private Process other;

  @BeforeEach
  void open() throws IOException {
    worker = MappedIncarnation.inDirectory(directory, Fixtures.OPTIONS);
    lease = StoreFiles.lease(directory, worker.info().incarnation());
    other = children.start(LockFilesTest.Prober.class, lease.toString());
    assertEquals("HELD", stateOfLease());
  }

  @AfterEach
  void close() {
    worker.close();
    children.close();
  }

  private String stateOfLease() throws IOException {
    return LockFilesTest.ask(other);
  }

  private LifeSigns lifeSigns() throws IOException {
    Path path = StoreFiles.worker(directory, worker.info().incarnation());
    try (WorkerFileReader file = WorkerFileReader.open(path, new LabelInterner())) {
      file.readWords();
      return file.lifeSigns();
    }
  }

  @Test
  void aLeaseThatIsInOrderStays() throws IOException {
    Object key = StoreFiles.key(lease);
    for (int i = 1; i <= 3; i++) {
      LifeSigns before = lifeSigns();
      worker.beat(i);
      assertNotEquals(before, lifeSigns());
      assertEquals("HELD", stateOfLease());
      assertEquals(key, StoreFiles.key(lease));
    }
  }

  @Test
  void aLeaseThatWasDeletedIsMadeAgain() throws IOException {
    for (int i = 1; i <= 3; i++) {
      Files.delete(lease);
      worker.beat(i);
      assertEquals("HELD", stateOfLease());
      assertFalse(Files.exists(StoreFiles.temporary(lease)));
    }
    worker.close();
    assertEquals("FREE", stateOfLease());
  }

  @Test
  void aCopyOfALeaseIsReplaced() throws IOException {
    Path copy = Files.createFile(directory.resolve("copy"));
    Files.move(copy, lease, StandardCopyOption.REPLACE_EXISTING);
    // As a try before left it.
    Files.createFile(StoreFiles.temporary(lease));
    worker.beat(1);
    assertEquals("HELD", stateOfLease());
  }

  @Test
  void aLockThatWasDroppedIsTakenAgain() throws IOException {
    Files.readAllBytes(lease);
    assertEquals("FREE", stateOfLease());
    Object key = StoreFiles.key(lease);
    worker.beat(1);
    assertEquals("HELD", stateOfLease());
    assertEquals(key, StoreFiles.key(lease));
  }

  @Test
  void aWorkerBeatsOnWhereItsLeaseCannotBeMended() throws IOException {
    Files.delete(lease);
    Files.createDirectories(lease.resolve("sub"));
    LifeSigns before = lifeSigns();
    worker.beat(1);
    assertNotEquals(before, lifeSigns());
    assertTrue(Files.isDirectory(lease));

    Files.delete(lease.resolve("sub"));
    Files.delete(lease);
    worker.beat(2);
    assertEquals("HELD", stateOfLease());
  }

  @Test
  void aWorkerWithoutItsFileMakesNoLease() throws IOException {
    Files.delete(StoreFiles.worker(directory, worker.info().incarnation()));
    Files.delete(lease);
    worker.beat(1);
    assertFalse(Files.exists(lease));
  }

  @Test
  void aClosedWorkerNeitherBeatsNorMakesALease() throws IOException {
    worker.close();
    Files.delete(lease);
    LifeSigns before = lifeSigns();
    worker.beat(1);
    assertEquals(before, lifeSigns());
    assertEquals("MISSING", stateOfLease());
    assertTrue(before.exitNanos() != 0);
  }
}
