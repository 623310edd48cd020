package io.github.multiprom.merge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.multiprom.internal.worker.Children;
import io.github.multiprom.internal.worker.StoreUnderTest;
import io.github.multiprom.merge.WorkerDirectory.Worker;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Scrapes of a crowded directory while passes replace the retained totals. */
@Tag(StoreUnderTest.LONG_TAG)
class RetainedNeverMissedTest {
  /** With their leases 2,000 files. */
  private static final int LIVE = 1000;

  private static final long PASSES_NANOS = 4_000_000_000L;
  private static final int READERS = 2;

  @Test
  void inMemory() throws Exception {
    Path memory = Path.of("/dev/shm");
    assumeTrue(Files.isWritable(memory), "no " + memory);
    run(memory);
  }

  @Test
  void onDisk() throws Exception {
    run(Files.createDirectories(Path.of("target")));
  }

  private static void run(Path parent) throws Exception {
    Path path = Files.createTempDirectory(parent, "multiprom");
    try (Children children = new Children();
        WorkerDirectory directory = new WorkerDirectory(path)) {
      Process live = children.start(ChurnWorker.class, path.toString(), "1", "" + LIVE);
      double counted = Double.parseDouble(live.inputReader().readLine());
      assertEquals(counted, RetiringCollector.total(directory.collector));
      AtomicBoolean stop = new AtomicBoolean();
      List<CompletableFuture<Integer>> readers = new ArrayList<>();
      for (int i = 0; i < READERS; i++) {
        readers.add(CompletableFuture.supplyAsync(() -> scrape(path, stop)));
      }
      int passes = 0;
      for (long end = System.nanoTime() + PASSES_NANOS; System.nanoTime() - end < 0; passes++) {
        Worker worker = directory.worker("dead");
        worker.counter(RetiringCollector.COUNTER).add(0.1);
        worker.close();
        directory.retire();
      }
      stop.set(true);
      for (CompletableFuture<Integer> reader : readers) {
        System.out.println(
            reader.get(4, TimeUnit.MINUTES) + " scrapes, " + passes + " passes in " + parent);
      }
      assertEquals(passes, directory.value("multiprom_retired_workers_total"));
    } finally {
      delete(path);
    }
  }

  private static int scrape(Path path, AtomicBoolean stop) {
    int scrapes = 0;
    double last = 0;
    while (!stop.get()) {
      // Every other one by a collector that has seen nothing yet.
      try (WorkerDirectory fresh = new WorkerDirectory(path)) {
        for (int i = 0; i < 2; i++) {
          double now = RetiringCollector.total(fresh.collector);
          assertTrue(now >= last, "fell from " + last + " to " + now);
          last = now;
          scrapes++;
        }
      }
    }
    return scrapes;
  }

  private static void delete(Path path) {
    try (Stream<Path> files = Files.walk(path)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
