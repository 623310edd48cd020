package io.github.multiprom.internal.os;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.multiprom.internal.cell.CounterCell;
import io.github.multiprom.internal.cell.DistributionCells;
import io.github.multiprom.internal.worker.Fixtures;
import io.github.multiprom.internal.worker.MappedIncarnation;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VirtualThreadsTest {
  @TempDir Path directory;

  @Test
  void countExactly() throws Exception {
    assumeTrue(
        Runtime.version().feature() >= 21, "virtual threads need JDK 21 or later; run with one");
    try (MappedIncarnation worker = MappedIncarnation.inDirectory(directory, Fixtures.OPTIONS)) {
      CounterCell counter = Fixtures.addCounter(worker, "c");
      DistributionCells histogram =
          worker.distribution(Fixtures.addSingle(worker, Fixtures.histogram("h", List.of(1.0))));
      // By reflection: the tests are compiled for JDK 17.
      ExecutorService threads =
          (ExecutorService)
              Executors.class.getMethod("newVirtualThreadPerTaskExecutor").invoke(null);
      for (int i = 0; i < 10_000; i++) {
        threads.execute(
            () -> {
              assertTrue(VirtualThreads.isVirtual(Thread.currentThread()));
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

      var values = Fixtures.valuesOf(Fixtures.read(directory).workers().get(0));
      assertEquals(List.of(100_000.0), values.get("c[]"));
      assertEquals(List.of(400_000.0, 0.0, 200_000.0), values.get("h[]"));
    }
  }

  @Test
  void areToldFromPlatformThreads() {
    assertFalse(VirtualThreads.isVirtual(Thread.currentThread()));
  }
}
