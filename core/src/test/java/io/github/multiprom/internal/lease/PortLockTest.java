package io.github.multiprom.internal.lease;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.multiprom.internal.ownership.FileName;
import io.github.multiprom.internal.worker.Children;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PortLockTest {
  @TempDir Path directory;

  /** Takes the turn, says so, and keeps it until it is killed. */
  static final class Holder {
    private Holder() {}

    public static void main(String[] arguments) throws IOException {
      try (PortLock lock = PortLock.await(Path.of(arguments[0]), Integer.parseInt(arguments[1]))) {
        System.out.println(lock != null);
        System.in.read();
      }
    }
  }

  private Process holder(Children children) throws IOException {
    Process holder = children.start(Holder.class, directory.toString(), "9464");
    BufferedReader out =
        new BufferedReader(
            new InputStreamReader(holder.getInputStream(), StandardCharsets.US_ASCII));
    assertEquals("true", out.readLine());
    return holder;
  }

  private Path file() throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      List<Path> all = files.toList();
      assertEquals(1, all.size(), all.toString());
      return all.get(0);
    }
  }

  private static FutureTask<PortLock> inAThread(Path directory) {
    FutureTask<PortLock> task = new FutureTask<>(() -> PortLock.await(directory, 9464));
    Thread thread = new Thread(task);
    thread.setDaemon(true);
    thread.start();
    return task;
  }

  @Test
  void isOnePerPort() throws IOException {
    try (PortLock lock = PortLock.tryTake(directory, 9464);
        PortLock other = PortLock.tryTake(directory, 9465)) {
      assertNotNull(lock);
      assertNotNull(other);
      assertNull(PortLock.tryTake(directory, 9464));
      assertNull(PortLock.await(directory, 9464));
    }
    PortLock again = PortLock.await(directory, 9464);
    assertNotNull(again);
    again.close();
  }

  @Test
  void hasAFileOfOurs() throws IOException {
    PortLock.tryTake(directory, 9464).close();
    Path file = file();
    assertEquals(0, Files.size(file));
    FileName name = FileName.parse(file.getFileName().toString());
    assertEquals(new FileName(FileName.Kind.PORT, null, FileName.NO_UID, false), name);
    assertEquals(
        new FileName(FileName.Kind.PORT, null, 1001, false),
        FileName.parse(file.getFileName() + ".1001"));
  }

  @Test
  void goesToWhoWaitsWhenItsProcessIsKilled() throws Exception {
    try (Children children = new Children()) {
      Process holder = holder(children);
      assertNull(PortLock.tryTake(directory, 9464));
      String listed = System.getProperty(LockList.PROPERTY, "");
      FutureTask<PortLock> waiting = inAThread(directory);
      Children.await(
          () -> !System.getProperty(LockList.PROPERTY, "").equals(listed), "it does not wait");
      // A second one of this process would close a file on which the first one's lock depends.
      assertNull(PortLock.await(directory, 9464));
      holder.destroyForcibly();
      PortLock lock = waiting.get(60, TimeUnit.SECONDS);
      assertNotNull(lock);
      lock.close();
    }
  }

  @Test
  void isNotTakenOnAFileThatWasDeletedMeanwhile() throws Exception {
    try (Children children = new Children()) {
      Process holder = holder(children);
      String listed = System.getProperty(LockList.PROPERTY, "");
      FutureTask<PortLock> waiting = inAThread(directory);
      Children.await(
          () -> !System.getProperty(LockList.PROPERTY, "").equals(listed), "it does not wait");
      Files.delete(file());
      holder.destroyForcibly();
      PortLock lock = waiting.get(60, TimeUnit.SECONDS);
      assertEquals(LockFiles.State.HELD, LockFiles.probe(file()));
      lock.close();
      assertEquals(LockFiles.State.FREE, LockFiles.probe(file()));
    }
  }

  @Test
  void isNotWaitedForByAThreadThatIsInterrupted() throws Exception {
    try (Children children = new Children()) {
      holder(children);
      String before = System.getProperty(LockList.PROPERTY, "");
      Thread waiting =
          new Thread(() -> assertThrows(IOException.class, () -> PortLock.await(directory, 9464)));
      waiting.start();
      Children.await(
          () -> !System.getProperty(LockList.PROPERTY, "").equals(before), "it does not wait");
      waiting.interrupt();
      waiting.join(60_000);
      assertFalse(waiting.isAlive());
      assertEquals(before, System.getProperty(LockList.PROPERTY, ""));
    }
  }
}
