package io.github.multiprom.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.multiprom.internal.directory.RetiringThreads;
import io.prometheus.client.CollectorRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Unit tests of applications delete the directory right after they closed its workers. */
class ClosedDirectoryTest {
  /** A little less than a close waits. */
  private static final long MAX_CLOSE_NANOS = TimeUnit.MILLISECONDS.toNanos(1_900);

  @TempDir Path parent;

  @Test
  void isLeftAloneOnceTheLastWorkerIsClosed() throws IOException {
    for (int i = 0; i < 50; i++) {
      Path directory = Files.createDirectory(parent.resolve("d" + i));
      CollectorRegistry registry = new CollectorRegistry();
      try (Worker one = Worker.builder().directory(directory).name("one").open()) {
        jobs(one).register(registry).inc(3);
        try (Worker two = Worker.builder().directory(directory).name("two").open()) {
          jobs(two).create().inc(4);
        }
        // Begins to retire the second one.
        assertEquals(7, registry.getSampleValue("jobs_total"));
        long start = System.nanoTime();
        one.close();
        if (System.nanoTime() - start > MAX_CLOSE_NANOS) {
          RetiringThreads.await(directory, TimeUnit.MINUTES.toMillis(1));
        }
      }
      List<Path> files;
      try (Stream<Path> all = Files.list(directory)) {
        files = all.toList();
      }
      for (Path file : files) {
        Files.delete(file);
      }
      Files.delete(directory);
    }
  }

  private static Counter.Builder jobs(Worker worker) {
    return Counter.build().name("jobs_total").help("Jobs done.").worker(worker);
  }
}
