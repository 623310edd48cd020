package io.github.multiprom.internal.lease;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.multiprom.internal.lease.LockFiles.State;
import io.github.multiprom.internal.worker.Children;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

public class LockFilesTest {
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
    assertTrue(System.getProperty(LockList.PROPERTY).contains("ino="));
    assertEquals(State.HELD, LockFiles.probe(path));
    second.release();
    assertEquals(State.FREE, LockFiles.probe(path));
  }

  @Test
  void listTheirFilesAgainAfterThePropertiesWereLost() throws IOException {
    Path path = Files.createFile(directory.resolve("lock"));
    LockFiles.Held held = LockFiles.tryLock(path);
    String listed = System.clearProperty(LockList.PROPERTY);
    assertEquals(State.HELD, LockFiles.probe(path));
    // In any order, as tests before may have left some.
    assertEquals(
        Set.of(listed.split("\n", -1)),
        Set.of(System.getProperty(LockList.PROPERTY).split("\n", -1)));
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

  /** As a backup in the application does it: the lock is gone, without a word. */
  private static void openAndClose(Path path) throws IOException {
    Files.newInputStream(path).close();
  }

  @Test
  void takeALockAgainThatOtherCodeDropped() throws IOException {
    Path path = Files.createFile(directory.resolve("lock"));
    LockFiles.Held held = LockFiles.tryLock(path);
    try (Children children = new Children()) {
      Process other = children.start(Prober.class, path.toString());
      assertEquals("HELD", ask(other));
      assertTrue(held.regain(path));
      for (int i = 0; i < 3; i++) {
        openAndClose(path);
        assertEquals("FREE", ask(other));
        assertTrue(held.regain(path));
        assertEquals("HELD", ask(other));
      }
    }
    Path renamed = Files.move(path, directory.resolve("renamed"));
    assertTrue(held.regain(renamed));
    assertFalse(held.isLost(renamed));
    assertTrue(held.isLost(path));
    held.release();
    assertTrue(held.isLost(renamed));
    assertFalse(held.regain(renamed));
  }

  @Test
  void takeALockAgainThoughOtherCodeHadTheFileOpenWhenItWasLastSeen() throws IOException {
    Path path = Files.createFile(directory.resolve("lock"));
    InputStream before = Files.newInputStream(path);
    LockFiles.Held held = LockFiles.tryLock(path);
    InputStream after = Files.newInputStream(path);
    try (Children children = new Children()) {
      Process other = children.start(Prober.class, path.toString());
      for (InputStream open : List.of(before, after)) {
        assertTrue(held.regain(path));
        assertEquals("HELD", ask(other));
        open.close();
        assertEquals("FREE", ask(other));
        assertTrue(held.regain(path));
        assertEquals("HELD", ask(other));
      }
    }
    held.release();
  }

  @Test
  void followANameToTheFileThatIsLockedNow() throws IOException {
    Path path = Files.createFile(directory.resolve("lease"));
    LockFiles.Held first = LockFiles.tryLock(path);
    try (Children children = new Children()) {
      Process other = children.start(Prober.class, path.toString());
      assertEquals("HELD", ask(other));
      Path next = Files.createFile(directory.resolve("next"));
      LockFiles.Held second = LockFiles.tryLock(next);
      Files.move(next, path, StandardCopyOption.REPLACE_EXISTING);
      first.release();
      assertEquals("HELD", ask(other));
      Files.delete(path);
      assertEquals("HELD", ask(other), "its file is still locked");
      second.release();
      assertEquals("MISSING", ask(other));
    }
  }

  public static String ask(Process prober) throws IOException {
    prober.getOutputStream().write('\n');
    prober.getOutputStream().flush();
    return prober.inputReader().readLine();
  }

  /** Answers each line with the state of a file. */
  public static final class Prober {
    private Prober() {}

    public static void main(String[] arguments) throws IOException {
      LockProbe probe = new LockProbe(Path.of(arguments[0]));
      while (System.in.read() >= 0) {
        System.out.println(probe.state());
      }
    }
  }

  @Test
  void waitForNoOtherFileSystem() throws Exception {
    Path elsewhere = Path.of("/dev/shm");
    assumeTrue(Files.isDirectory(elsewhere) && Files.isWritable(elsewhere));
    Object hanging = LockList.fileSystemOf(elsewhere.resolve("any"));
    Path path = Files.createFile(directory.resolve("lock"));
    assumeTrue(hanging != LockList.fileSystemOf(path));
    synchronized (hanging) {
      assertEquals(
          State.FREE,
          CompletableFuture.supplyAsync(() -> LockFiles.probe(path)).get(30, TimeUnit.SECONDS));
    }
  }
}
