package io.github.multiprom.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.multiprom.store.LockFiles.State;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LockFilesTest {
  @TempDir Path directory;

  @Test
  void lockOnceInAJvm() throws IOException {
    Path path = directory.resolve("lock");
    assertEquals(State.MISSING, LockFiles.probe(path));
    assertThrows(NoSuchFileException.class, () -> LockFiles.tryLock(path));
    Files.createFile(path);
    LockFiles.Held held = LockFiles.tryLock(path);
    assertNotNull(held);
    assertNull(LockFiles.tryLock(path));
    assertEquals(State.HELD, LockFiles.probe(path));
    held.release();
    assertEquals(State.FREE, LockFiles.probe(path));
    LockFiles.Held again = LockFiles.tryLock(path);
    assertNotNull(again);
    again.release();
  }

  @Test
  void knowALockedFileByAnotherName() throws IOException {
    Path path = Files.createFile(directory.resolve("lock"));
    LockFiles.Held held = LockFiles.tryLock(path);
    Path renamed = Files.move(path, directory.resolve("renamed"));
    Path linked = Files.createLink(directory.resolve("linked"), renamed);
    assertEquals(State.HELD, LockFiles.probe(renamed));
    assertEquals(State.HELD, LockFiles.probe(linked));
    assertNull(LockFiles.tryLock(linked));
    held.release();
  }

  @Test
  void releaseNobodyElsesLockWhenReleasedTwice() throws IOException {
    Path path = Files.createFile(directory.resolve("lock"));
    LockFiles.Held first = LockFiles.tryLock(path);
    first.release();
    LockFiles.Held second = LockFiles.tryLock(path);
    first.release();
    assertTrue(System.getProperty(LockFiles.PROPERTY).contains("ino="));
    assertEquals(State.HELD, LockFiles.probe(path));
    second.release();
    assertEquals(State.FREE, LockFiles.probe(path));
  }

  @Test
  void listTheirFilesAgainAfterThePropertiesWereLost() throws IOException {
    Path path = Files.createFile(directory.resolve("lock"));
    LockFiles.Held held = LockFiles.tryLock(path);
    String listed = System.clearProperty(LockFiles.PROPERTY);
    assertEquals(State.HELD, LockFiles.probe(path));
    assertEquals(listed, System.getProperty(LockFiles.PROPERTY));
    held.release();
    assertEquals(State.FREE, LockFiles.probe(path));
  }

  @Test
  void openRegularFilesOnly() throws Exception {
    Path fifo = directory.resolve("fifo");
    assertEquals(0, new ProcessBuilder("mkfifo", fifo.toString()).start().waitFor());
    assertEquals(State.UNKNOWN, LockFiles.probe(fifo));
    assertThrows(IOException.class, () -> LockFiles.tryLock(fifo));
    Path link = Files.createSymbolicLink(directory.resolve("link"), directory.resolve("target"));
    assertEquals(State.UNKNOWN, LockFiles.probe(link));
    assertThrows(IOException.class, () -> LockFiles.tryLock(link));
    assertTrue(Files.notExists(directory.resolve("target")));
  }

  @Test
  void surviveAnInterrupt() throws IOException {
    Path path = Files.createFile(directory.resolve("lock"));
    Thread.currentThread().interrupt();
    LockFiles.Held held = LockFiles.tryLock(path);
    assertTrue(Thread.interrupted());
    Thread.currentThread().interrupt();
    assertEquals(State.HELD, LockFiles.probe(path));
    held.release();
    assertEquals(State.FREE, LockFiles.probe(path));
    assertTrue(Thread.interrupted());
  }
}
