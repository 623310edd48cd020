package io.github.multiprom.internal.os;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.multiprom.internal.cell.CounterCell;
import io.github.multiprom.internal.cell.DistributionCells;
import io.github.multiprom.internal.worker.Fixtures;
import io.github.multiprom.internal.worker.MappedIncarnation;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VirtualThreadsTest {
  @TempDir Path directory;

  @Test
  void countExactly() throws Exception {
    Path java = java21();
    assumeTrue(java != null, "virtual threads need JDK 21 or later, and there is none");
    Process process =
        new ProcessBuilder(
                java.toString(),
                "-Xmx256m",
                "-cp",
                System.getProperty("java.class.path"),
                Counting.class.getName(),
                directory.toString())
            .redirectErrorStream(true)
            .start();
    String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, process.waitFor(), printed);

    var values = Fixtures.valuesOf(Fixtures.read(directory).workers().get(0));
    assertEquals(List.of(100_000.0), values.get("c[]"));
    assertEquals(List.of(400_000.0, 0.0, 200_000.0), values.get("h[]"));
  }

  /** The launcher of a JDK with virtual threads: this one, or one beside it; null if none has. */
  private static Path java21() throws IOException {
    Path home = Path.of(System.getProperty("java.home"));
    if (Runtime.version().feature() >= 21) {
      return home.resolve("bin/java");
    }
    try (Stream<Path> others = Files.list(home.toRealPath().getParent())) {
      return others
          .filter(path -> path.getFileName().toString().matches(".*-(2[1-9]|[3-9]\\d)(\\D.*)?"))
          .map(path -> path.resolve("bin/java"))
          .filter(Files::isExecutable)
          .findFirst()
          .orElse(null);
    }
  }

  /** Counts in 10,000 virtual threads. */
  static final class Counting {
    private Counting() {}

    public static void main(String[] arguments) throws Exception {
      Path directory = Path.of(arguments[0]);
      try (MappedIncarnation worker = MappedIncarnation.inDirectory(directory, Fixtures.OPTIONS)) {
        CounterCell counter = Fixtures.addCounter(worker, "c");
        DistributionCells histogram =
            worker.distribution(Fixtures.addSingle(worker, Fixtures.histogram("h", List.of(1.0))));
        AtomicInteger virtual = new AtomicInteger();
        // By reflection: the tests are compiled for JDK 17.
        ExecutorService threads =
            (ExecutorService)
                Executors.class.getMethod("newVirtualThreadPerTaskExecutor").invoke(null);
        for (int i = 0; i < 10_000; i++) {
          threads.execute(
              () -> {
                virtual.addAndGet(VirtualThreads.isVirtual(Thread.currentThread()) ? 1 : 0);
                for (int j = 0; j < 20; j++) {
                  counter.add(0.5);
                  histogram.observe(1, 2);
                  if (j == 10) {
                    Thread.yield();
                  }
                }
              });
        }
        threads.shutdown();
        assertTrue(threads.awaitTermination(60, TimeUnit.SECONDS));
        assertEquals(10_000, virtual.get());
      }
    }
  }

  @Test
  void areToldFromPlatformThreads() {
    assertFalse(VirtualThreads.isVirtual(Thread.currentThread()));
  }
}
