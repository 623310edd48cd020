package io.github.multiprom.exposition.webconfig;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/** A web configuration that somebody rewrites in place. */
class WebConfigFileTest {
  private static final String ONE = "$2y$10$X0h1gDsPszWURQaxFh.zoubFi6DXncSjhoQNJgRrnGs7EsimhC7zG";
  private static final String TWO = "$2y$10$mDwo.lAisC94iLAyP81MCesa29IzH37oigHC/42V2pdJlUprsJPze";

  /** After so long a file counts as written long ago. */
  private static final long SETTLED_MS = 2_000;

  @TempDir Path directory;
  private Path yaml;
  private WebConfigFile file;
  private FileTime now;

  @BeforeEach
  void read() throws IOException {
    now = FileTime.fromMillis(System.currentTimeMillis());
    yaml = directory.resolve("web.yml");
    write(users(ONE));
    file = new WebConfigFile(yaml);
  }

  /** Does it again where the thread stood still meanwhile: by then the file is settled. */
  private void soonAfterARead(Executable test) throws Throwable {
    while (true) {
      read();
      try {
        test.execute();
        return;
      } catch (AssertionError e) {
        if (System.currentTimeMillis() - now.toMillis() < SETTLED_MS) {
          throw e;
        }
      }
    }
  }

  private static String users(String hash) {
    return "basic_auth_users: {alice: " + hash + "}\n";
  }

  /** Writes, and gives the file one and the same time, as a coarse clock does. */
  private void write(String text) throws IOException {
    Files.writeString(yaml, text);
    Files.setLastModifiedTime(yaml, now);
  }

  private void writeLongAgo(String text) throws IOException {
    Files.writeString(yaml, text);
    Files.setLastModifiedTime(yaml, FileTime.fromMillis(now.toMillis() - 5_000));
  }

  @Test
  void seesAChangeWithinOneTickOfTheClock() throws Throwable {
    soonAfterARead(
        () -> {
          write(users(TWO));
          assertEquals(Map.of("alice", TWO), file.current().users());
        });
  }

  @Test
  void seesTheCorrectionOfAMistakeWithinOneTickOfTheClock() throws Throwable {
    soonAfterARead(
        () -> {
          write("basic_auth_users: {alice: ");
          assertEquals(Map.of("alice", ONE), file.current().users());
          write(users(TWO));
          assertEquals(Map.of("alice", TWO), file.current().users());
        });
  }

  @Test
  void isNotOpenToAnybodyWhileItIsRewritten() throws Throwable {
    soonAfterARead(
        () -> {
          write("");
          assertEquals(Map.of("alice", ONE), file.current().users());
          write(users(TWO));
          assertEquals(Map.of("alice", TWO), file.current().users());
        });
  }

  @Test
  void dropsThePasswordsWhenThatIsSettled() throws IOException {
    writeLongAgo("rate_limit: {interval: 1s, burst: 1}\n");
    assertEquals(Map.of(), file.current().users());
  }

  /** Rewrites the file in place. */
  @FunctionalInterface
  private interface Rewrite {
    void run(int number) throws IOException;
  }

  /** Writes the file in two steps. */
  private void writeInSteps(String first, String second) throws IOException {
    try (OutputStream out = Files.newOutputStream(yaml)) {
      out.write(first.getBytes(StandardCharsets.UTF_8));
      out.write(second.getBytes(StandardCharsets.UTF_8));
    }
  }

  /** Rewrites it again and again while requests come, none of which may find it open. */
  private void staysClosedWhileRequestsCome(int times, Rewrite rewrite) throws Exception {
    AtomicBoolean stop = new AtomicBoolean();
    AtomicBoolean open = new AtomicBoolean();
    Thread requests =
        new Thread(
            () -> {
              while (!stop.get()) {
                open.compareAndSet(false, file.current().users().isEmpty());
              }
            });
    requests.start();
    boolean stoodStill = false;
    try {
      for (int i = 1; i <= times; i++) {
        long start = System.nanoTime();
        rewrite.run(i);
        stoodStill |= System.nanoTime() - start > TimeUnit.MILLISECONDS.toNanos(SETTLED_MS);
      }
    } finally {
      stop.set(true);
      requests.join(TimeUnit.SECONDS.toMillis(60));
    }
    assertFalse(open.get() && !stoodStill);
  }

  @Test
  void holdsWhatWasWrittenLastWhileRequestsCome() throws Exception {
    staysClosedWhileRequestsCome(
        200,
        number -> {
          String hash = number % 2 == 0 ? TWO : ONE;
          writeInSteps("rate_limit: {interval: 1ns, burst: " + number + "}\n", users(hash));
          assertEquals(Map.of("alice", hash), file.current().users());
        });
  }

  /** Its time is old when a request looks at it, and its content is half there a moment later. */
  @Test
  void isNotOpenWhereARewriteBeginsBetweenTheLookAtItsTimeAndTheRead() throws Exception {
    staysClosedWhileRequestsCome(
        2_000,
        number -> {
          Files.setLastModifiedTime(yaml, FileTime.fromMillis(now.toMillis() - 10_000 - number));
          writeInSteps("rate_limit: {interval: 1ns, burst: 7}\n", users(ONE));
        });
  }

  @Test
  void dropsThePasswordsOfAFileThatStaysEmpty() throws IOException {
    writeLongAgo("");
    assertEquals(Map.of("alice", ONE), file.current().users());
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    while (!file.current().users().isEmpty()) {
      assertTrue(System.nanoTime() - end < 0, "still " + file.current());
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
    }
  }
}
