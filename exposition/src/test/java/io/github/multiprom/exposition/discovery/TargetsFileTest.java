package io.github.multiprom.exposition.discovery;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TargetsFileTest {
  @TempDir Path directory;

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  @Test
  void isReplacedAsAWhole() throws Exception {
    Path file = directory.resolve("targets.json");
    TargetsFile.write(file, bytes("[1]"));
    TargetsFile.write(file, bytes("[2]"));
    assertEquals("[2]", Files.readString(file));
    assertFalse(Files.exists(directory.resolve("targets.json.tmp")));
    Path nowhere = directory.resolve("none").resolve("targets.json");
    assertThrows(IOException.class, () -> TargetsFile.write(nowhere, bytes("[3]")));
  }

  @Test
  void followsTheList() throws Exception {
    Path file = directory.resolve("targets.json");
    AtomicInteger list = new AtomicInteger(1);
    AtomicInteger asked = new AtomicInteger();
    try (TargetsFile kept =
        TargetsFile.keep(
            file,
            () -> {
              if (asked.incrementAndGet() == 2) {
                throw new IllegalStateException("made to fail");
              }
              return bytes("[" + list.get() + "]");
            })) {
      await(file, "[1]");
      list.set(2);
      await(file, "[2]");
      Files.delete(file);
      await(file, "[2]");
    }
  }

  private static void await(Path file, String text) throws IOException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    while (!Files.exists(file) || !Files.readString(file).equals(text)) {
      assertTrue(System.nanoTime() - end < 0, () -> text + " is not written");
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
    }
  }
}
