package io.github.multiprom.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What an application's log can do to a worker that has a line for it. */
class LogTest {
  private static final Logger LOGGER = Logger.getLogger("io.github.multiprom");

  @TempDir Path directory;
  private Handler handler;
  private final AtomicInteger lines = new AtomicInteger();

  /** Has lines with a text handled so: others come from other threads, at times of their own. */
  private void handle(String text, Consumer<LogRecord> what) {
    handler =
        new Handler() {
          @Override
          public void publish(LogRecord line) {
            if (line.getMessage().contains(text)) {
              lines.incrementAndGet();
              what.accept(line);
            }
          }

          @Override
          public void flush() {}

          @Override
          public void close() {}
        };
    LOGGER.addHandler(handler);
  }

  @AfterEach
  void removeHandler() {
    LOGGER.removeHandler(handler);
  }

  @Test
  void mayThrow() {
    handle(
        "limit of 1 series",
        line -> {
          throw new IllegalStateException("appender is closed");
        });
    try (Worker worker = Workers.builder().directory(directory).maxSeries(1).open()) {
      Counter counter = Counter.build("c", "Help.").labelNames("l").worker(worker).create();
      counter.labels("a").inc();
      counter.labels("b").inc();
      assertEquals(1, counter.labels("overflow").get());
    }
    assertTrue(lines.get() > 0, "nothing was logged");
  }

  /** As an appender that counts what it appends, while another thread is in it. */
  @Test
  void mayWaitForAThreadThatOpensAWorker() {
    handle(
        "multiprom.maxLanes",
        line -> {
          Thread other = new Thread(() -> Workers.builder().directory(directory).open().close());
          other.start();
          try {
            other.join(TimeUnit.SECONDS.toMillis(60));
          } catch (InterruptedException e) {
            throw new AssertionError(e);
          }
          assertFalse(other.isAlive(), "it waits for the thread that logs");
        });
    // A text that no other line of this JVM has.
    Map<String, String> settings = Map.of("multiprom.maxLanes", "many " + System.nanoTime());
    Worker.builder().settings(Workers.settings(settings, Map.of())).open().close();
    assertEquals(1, lines.get());
  }

  /** As an appender that holds a lock which the thread that closes a worker holds. */
  @Test
  void mayWaitForAThreadThatClosesAWorker() throws Exception {
    CountDownLatch logs = new CountDownLatch(1);
    CountDownLatch closed = new CountDownLatch(1);
    AtomicBoolean wasClosed = new AtomicBoolean();
    handle(
        "was deleted",
        line -> {
          logs.countDown();
          try {
            wasClosed.set(closed.await(60, TimeUnit.SECONDS));
          } catch (InterruptedException e) {
            throw new AssertionError(e);
          }
        });
    Worker worker = Workers.in(directory);
    try (Stream<Path> files = Files.list(directory)) {
      for (Path file : files.filter(one -> one.toString().endsWith(".worker")).toList()) {
        Files.delete(file);
      }
    }
    Thread housekeeping = new Thread(worker::tick);
    housekeeping.start();
    assertTrue(logs.await(60, TimeUnit.SECONDS));
    worker.close();
    closed.countDown();
    housekeeping.join();
    assertTrue(wasClosed.get(), "close() waits for the thread that logs");
  }
}
