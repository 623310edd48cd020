package io.github.multiprom.merge;

import static io.github.multiprom.merge.WorkerDirectory.counter;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.multiprom.internal.os.ForgottenLog;
import io.github.multiprom.internal.worker.Children;
import io.github.multiprom.internal.worker.Killable;
import io.github.multiprom.merge.WorkerDirectory.Worker;
import io.github.multiprom.model.FamilyDescriptor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A collector whose scrapes, retiring passes, log and close meet one another. */
class CollectorThreadsTest {
  private static final FamilyDescriptor C = counter("c");
  private static final Duration SOON = Duration.ofMinutes(1);

  @TempDir Path path;

  private final Thread test = Thread.currentThread();

  private static void dead(WorkerDirectory directory, String name) throws IOException {
    Worker worker = directory.killableWorker(name);
    worker.counter(C).add(1);
    worker.kill();
  }

  /** Runs a scrape that goes on until a retiring pass waits for it. */
  private static void scrapeUntilThePassWaits(MultiprocessCollector collector, Runnable then) {
    collector.merge(
        family -> true,
        families -> {
          try {
            Children.await(() -> waitingPass() != null, "the pass");
          } catch (TimeoutException e) {
            throw new AssertionError(e);
          }
          then.run();
          return null;
        });
  }

  /** Null if there is none. */
  private static Thread waitingPass() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().equals("multiprom-retirer"))
        .filter(thread -> thread.getState() == Thread.State.BLOCKED)
        .findFirst()
        .orElse(null);
  }

  @Test
  void joinsThePassThatRunsWhenAScrapeMeetsABacklog() throws Exception {
    try (WorkerDirectory directory = new WorkerDirectory(path);
        MultiprocessCollector collector =
            new MultiprocessCollector(Killable.backlogReader(path), "worker")) {
      Worker first = directory.killableWorker("first");
      first.counter(C).add(1);
      assertEquals("c_total 1.0\n", WorkerDirectory.samples(collector));
      first.kill();
      scrapeUntilThePassWaits(
          collector,
          () -> {
            try {
              for (int i = 0; i < 30; i++) {
                dead(directory, "more" + i);
              }
            } catch (IOException e) {
              throw new UncheckedIOException(e);
            }
          });
      assertEquals(
          "c_total 31.0\n",
          assertTimeoutPreemptively(SOON, () -> WorkerDirectory.samples(collector)));
      Children.await(() -> workerFiles() == 0, "the end of the worker files");
    }
  }

  private long workerFiles() {
    try (Stream<Path> files = Files.list(path)) {
      return files.filter(file -> file.toString().endsWith(".worker")).count();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void opensNothingAfterItsCloseAlthoughAPassWasRunning() throws Exception {
    try (WorkerDirectory directory = new WorkerDirectory(path)) {
      for (int i = 0; i < 5; i++) {
        dead(directory, "w" + i);
      }
      MultiprocessCollector collector = new MultiprocessCollector(path);
      Thread closer = new Thread(collector::close);
      Thread[] pass = new Thread[1];
      scrapeUntilThePassWaits(
          collector,
          () -> {
            pass[0] = waitingPass();
            assertNull(pass[0].getContextClassLoader());
            closer.start();
          });
      closer.join();
      // A close waits two seconds for the pass, which closes its files when it ends.
      Children.await(() -> openFiles().isEmpty(), "closed files");
      pass[0].join();
      assertEquals(List.of(), openFiles());
      assertEquals(List.of(), collector.collect());
    }
  }

  /** The files of the directory that this process has open. */
  private List<Path> openFiles() {
    try (Stream<Path> all = Files.list(Path.of("/proc/self/fd"))) {
      return all.map(CollectorThreadsTest::target).filter(file -> file.startsWith(path)).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Path target(Path link) {
    try {
      return Files.readSymbolicLink(link);
    } catch (IOException e) {
      return link;
    }
  }

  @Test
  void logsWhileNoOtherScrapeHasToWait() throws Exception {
    try (WorkerDirectory directory = new WorkerDirectory(path)) {
      directory.worker("w").counter(C).add(1);
      Files.createFile(path.resolve("foreign" + System.nanoTime()));
      Files.createDirectory(path.resolve("multiprom.retained"));
      ForgottenLog.forget();
      Logger logger = Logger.getLogger("io.github.multiprom");
      CompletableFuture<Boolean> scraped = new CompletableFuture<>();
      try (MultiprocessCollector collector = new MultiprocessCollector(path)) {
        Handler scraping =
            handler(
                () -> {
                  CompletableFuture<Void> other =
                      CompletableFuture.runAsync(() -> assertFalse(collector.collect().isEmpty()));
                  try {
                    other.get(SOON.toSeconds(), TimeUnit.SECONDS);
                    scraped.complete(true);
                  } catch (Exception e) {
                    scraped.complete(false);
                  }
                });
        logger.addHandler(scraping);
        try {
          collector.collect();
        } finally {
          logger.removeHandler(scraping);
        }
        assertTrue(scraped.getNow(false));
      }
    }
  }

  private Handler handler(Runnable action) {
    return new Handler() {
      @Override
      public void publish(LogRecord logged) {
        if (Thread.currentThread() == test) {
          action.run();
        }
      }

      @Override
      public void flush() {}

      @Override
      public void close() {}
    };
  }
}
