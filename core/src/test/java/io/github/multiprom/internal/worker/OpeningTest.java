package io.github.multiprom.internal.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.multiprom.internal.file.CrashPoint;
import io.github.multiprom.internal.lease.LockFiles;
import io.github.multiprom.internal.ownership.FileOwnership;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A worker opens its files while somebody deletes those that have no name yet. */
@Tag(StoreUnderTest.TAG)
class OpeningTest {
  @TempDir Path directory;

  @ParameterizedTest
  @ValueSource(strings = {"lease created", "lease locked", "worker file created", "header written"})
  void beginsAnewWhenATemporaryFileIsDeleted(String step) throws IOException {
    AtomicInteger deletions = new AtomicInteger();
    CrashPoint janitor =
        passed -> {
          if (passed.equals(step) && deletions.incrementAndGet() < 3) {
            deleteTemporaryFiles();
          }
        };
    try (MappedIncarnation worker =
        MappedIncarnation.inDirectory(directory, Fixtures.OPTIONS, List.of(), janitor)) {
      assertEquals(3, deletions.get());
      assertTrue(MappedIncarnation.isIn(directory, worker.info().incarnation()));
      assertNotNull(Fixtures.find(Fixtures.read(directory), worker.info().incarnation()));
    }
  }

  @Test
  void takesALockThatWasDeleted() throws IOException {
    FileOwnership ownership = FileOwnership.of(directory);
    LockFiles.tryLock(ownership).release();
    Files.delete(ownership.lock());
    LockFiles.tryLock(ownership).release();
    assertTrue(Files.exists(ownership.lock()));
  }

  private void deleteTemporaryFiles() {
    try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, "*.tmp")) {
      for (Path file : files) {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
