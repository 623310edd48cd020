package io.github.multiprom.merge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.multiprom.internal.directory.DirectoryReader;
import io.github.multiprom.internal.worker.Children;
import io.github.multiprom.internal.worker.Killable;
import io.github.multiprom.internal.worker.StoreUnderTest;
import io.github.multiprom.model.Snapshot;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two containers, as far as processes go, with one metrics directory. */
@Tag(StoreUnderTest.TAG)
class PidNamespaceProcessTest {
  static final List<String> UNSHARE =
      List.of("unshare", "--pid", "--fork", "--kill-child", "--mount-proc");

  @TempDir Path path;

  private static boolean isPermitted() throws InterruptedException {
    try {
      return new ProcessBuilder(
                  "unshare", "--pid", "--fork", "--kill-child", "--mount-proc", "true")
              .start()
              .waitFor()
          == 0;
    } catch (IOException e) {
      return false;
    }
  }

  static void assumePermitted() throws InterruptedException {
    boolean permitted = isPermitted();
    assertFalse(
        !permitted && Boolean.parseBoolean(System.getenv("MULTIPROM_REQUIRE_PEERS")),
        "pid namespaces cannot be made here");
    assumeTrue(permitted, "pid namespaces cannot be made here: this takes root and unshare(1)");
  }

  @Test
  void workersWithOnePidAreTwoWorkers() throws Exception {
    assumePermitted();
    try (Children children = new Children();
        WorkerDirectory directory = new WorkerDirectory(path);
        DirectoryReader reader = new DirectoryReader(path)) {
      Process first = children.start(UNSHARE, ChurnWorker.class, path.toString(), "1");
      BigDecimal one = new BigDecimal(first.inputReader().readLine());
      Process second = children.start(UNSHARE, ChurnWorker.class, path.toString(), "2");
      BigDecimal two = new BigDecimal(second.inputReader().readLine());

      List<Snapshot> workers = reader.read().workers();
      assertEquals(2, workers.size());
      assertEquals(1, workers.get(0).worker().pid());
      assertEquals(1, workers.get(1).worker().pid());
      assertNotEquals(
          workers.get(0).worker().pidNamespace(), workers.get(1).worker().pidNamespace());
      directory.retire();
      assertEquals(2, directory.value("multiprom_workers", "live"));
      double sum = one.add(two).doubleValue();
      assertEquals(sum, RetiringCollector.total(directory.collector));

      for (Snapshot worker : workers) {
        // However long the second JVM took to start.
        Killable.ageBeat(path, worker.worker().incarnation(), -1000);
      }
      // unshare takes its child with it.
      Children.signal(first, "KILL");
      Children.await(first);
      Children.await(() -> directory.value("multiprom_workers", "live") == 1, "one is dead");
      directory.retire();
      assertEquals(1, directory.value("multiprom_workers", "dead"), "it may only have no lease");
      for (Snapshot worker : workers) {
        Killable.ageBeat(path, worker.worker().incarnation(), 6);
      }
      directory.retire();
      assertEquals(1, directory.value("multiprom_retired_workers_total"));
      assertEquals(0, directory.value("multiprom_workers", "dead"));
      assertEquals(1, directory.value("multiprom_workers", "live"));
      assertEquals(sum, RetiringCollector.total(directory.collector));
      assertTrue(second.isAlive());

      second.getOutputStream().close();
      Children.await(second);
      directory.retire();
      assertEquals(2, directory.value("multiprom_retired_workers_total"));
      assertEquals(sum, RetiringCollector.total(directory.collector));
    }
  }
}
