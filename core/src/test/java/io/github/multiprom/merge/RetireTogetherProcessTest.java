package io.github.multiprom.merge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import io.github.multiprom.internal.worker.Children;
import io.github.multiprom.internal.worker.StoreUnderTest;
import java.io.BufferedReader;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Eight collectors that retire at once, and are live workers themselves. */
@Tag(StoreUnderTest.LONG_TAG)
class RetireTogetherProcessTest {
  private static final int PROCESSES = 6;
  private static final int COLLECTORS = PROCESSES + 2;
  private static final int WORKERS = 300;

  @TempDir Path path;

  @Test
  void foldEachWorkerOnceAndLoseNoLock() throws Exception {
    Path stop = path.resolve("stop");
    try (Children children = new Children();
        WorkerDirectory directory = new WorkerDirectory(path.resolve("metrics"))) {
      Files.createDirectory(directory.path);
      List<Process> collectors = new ArrayList<>();
      String[] arguments = {directory.path.toString(), stop.toString(), "" + COLLECTORS, "worker"};
      collectors.add(children.start(TwoLoadersCollector.class, arguments));
      for (int i = 0; i < PROCESSES; i++) {
        collectors.add(children.start(RetiringCollector.class, arguments));
      }
      for (Process collector : collectors) {
        assertEquals("ready", collector.inputReader().readLine());
      }
      assertEquals("ready", collectors.get(0).inputReader().readLine());
      long seed = System.nanoTime();
      System.out.println("seed " + seed);
      Process churn =
          children.start(
              ChurnWorker.class,
              directory.path.toString(),
              "" + seed,
              "" + WORKERS,
              stop.toString());
      BufferedReader output = churn.inputReader();
      assertEquals(WORKERS, Integer.parseInt(output.readLine()));
      BigDecimal counted = new BigDecimal(output.readLine()).add(BigDecimal.valueOf(COLLECTORS));
      assertEquals(0, Children.await(churn));

      for (Process collector : collectors) {
        if (!collector.isAlive()) {
          fail(collector.inputReader().lines().toList().toString());
        }
      }
      assertEquals(COLLECTORS, directory.value("multiprom_workers", "live"));
      Files.createFile(stop);
      for (Process collector : collectors) {
        assertEquals(0, Children.await(collector));
        int reports = 0;
        for (String line : collector.inputReader().lines().toList()) {
          System.out.println(line);
          assertTrue(line.startsWith("ok"), line);
          reports++;
        }
        assertEquals(collector.equals(collectors.get(0)) ? 2 : 1, reports);
      }
      assertEquals(counted.doubleValue(), RetiringCollector.total(directory.collector));
      directory.retire();
      assertEquals(counted.doubleValue(), RetiringCollector.total(directory.collector));
      assertEquals(WORKERS + COLLECTORS, directory.value("multiprom_retired_workers_total"));
    }
  }
}
