package io.github.multiprom.merge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.multiprom.internal.worker.Children;
import io.github.multiprom.internal.worker.StoreUnderTest;
import java.io.BufferedReader;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Retirers that are killed at random while workers come and go. */
@Tag(StoreUnderTest.TAG)
@Tag("field")
class RetirerKillProcessTest {
  private static final int KILLS = Boolean.getBoolean("multiprom.test.long") ? 150 : 20;
  private static final int MAX_DELAY_NANOS = 60_000_000;

  @TempDir Path path;

  @Test
  @Timeout(value = 1, unit = TimeUnit.HOURS)
  void losesAndDoublesNothing() throws Exception {
    long seed = System.nanoTime();
    System.out.println("seed " + seed);
    Random random = new Random(seed);
    Path stop = path.resolve("stop");
    try (Children children = new Children();
        WorkerDirectory directory = new WorkerDirectory(path.resolve("metrics"))) {
      Files.createDirectory(directory.path);
      Process churn =
          children.start(
              ChurnWorker.class,
              directory.path.toString(),
              "" + seed,
              "" + Integer.MAX_VALUE,
              stop.toString());
      double last = 0;
      for (int kill = 1; kill <= KILLS; kill++) {
        Process retirer =
            children.start(RetiringCollector.class, directory.path.toString(), stop.toString());
        assertEquals("ready", retirer.inputReader().readLine());
        long until = System.nanoTime() + random.nextInt(MAX_DELAY_NANOS);
        while (System.nanoTime() - until < 0) {
          Thread.onSpinWait();
        }
        Children.signal(retirer, "KILL");
        Children.await(retirer);
        double now = RetiringCollector.total(directory.collector);
        assertTrue(now >= last, "fell from " + last + " to " + now);
        last = now;
        if (kill % 5 == 0) {
          // A pass that is never killed, lest the dead be too many for any.
          directory.retire();
        }
      }
      Files.createFile(stop);
      BufferedReader output = churn.inputReader();
      int workers = Integer.parseInt(output.readLine());
      BigDecimal counted = new BigDecimal(output.readLine());
      assertEquals(0, Children.await(churn));

      assertEquals(counted.doubleValue(), RetiringCollector.total(directory.collector));
      directory.retire();
      assertEquals(counted.doubleValue(), RetiringCollector.total(directory.collector));
      assertEquals(workers, directory.value("multiprom_retired_workers_total"));
      assertEquals(0, directory.value("multiprom_workers", "dead"));
      System.out.println(KILLS + " kills, " + workers + " workers");
    }
  }
}
