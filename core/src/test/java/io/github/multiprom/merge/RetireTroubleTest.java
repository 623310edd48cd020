package io.github.multiprom.merge;

import static io.github.multiprom.merge.WorkerDirectory.counter;
import static io.github.multiprom.merge.WorkerDirectory.gauge;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.multiprom.internal.directory.DirectoryReader;
import io.github.multiprom.internal.directory.RetiringPass;
import io.github.multiprom.internal.worker.Killable;
import io.github.multiprom.internal.worker.MappedIncarnation;
import io.github.multiprom.internal.worker.SmallDisk;
import io.github.multiprom.internal.worker.StoreUnderTest;
import io.github.multiprom.merge.WorkerDirectory.Worker;
import io.github.multiprom.model.FamilyDescriptor;
import io.github.multiprom.model.GaugeFold;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Retiring passes that meet a full disk, an interrupt, or files that cannot be deleted. */
@Tag(StoreUnderTest.TAG)
class RetireTroubleTest {
  private static final FamilyDescriptor C = counter("c", "l");
  private static final FamilyDescriptor ALL = gauge("g", GaugeFold.ALL);
  private static final int SERIES = 300;

  @TempDir Path path;

  private static Worker dead(WorkerDirectory directory, String name) throws IOException {
    Worker worker = directory.killableWorker(name);
    for (int i = 0; i < SERIES; i++) {
      worker.counter(C, name + i).add(0.1);
    }
    worker.counter(C, "all").add(0.1);
    worker.gauge(ALL).set(0.3);
    worker.kill();
    return worker;
  }

  @Test
  void holdUpNoScrapeWhereABacklogCannotBeRetired() throws Exception {
    // Dead, but who knows whether its process has ended?
    MappedIncarnation dead = Killable.invisibleWorker(path, "w1");
    dead.counter(dead.addSeries(dead.addFamily(C), List.of("all"), 1)).add(0.1);
    Killable.kill(dead);
    Killable.ageBeat(path, dead.info().incarnation(), -1000);
    try (MultiprocessCollector collector =
        new MultiprocessCollector(Killable.backlogReader(path), "worker")) {
      String samples =
          assertTimeoutPreemptively(
              Duration.ofSeconds(30), () -> WorkerDirectory.samples(collector));
      assertTrue(samples.contains("c_total{l=\"all\",} 0.1"), samples);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void changeNothingOnAFullDisk(boolean asBacklog) throws Exception {
    try (SmallDisk disk = new SmallDisk(path, "1m");
        WorkerDirectory directory = new WorkerDirectory(disk.path)) {
      dead(directory, "w1");
      directory.retire(asBacklog);
      dead(directory, "w2");
      dead(directory, "w3");
      String before = directory.exposition();

      disk.fill();
      for (int i = 0; i < 3; i++) {
        assertThrows(IOException.class, () -> directory.retire(asBacklog));
        assertEquals(before, directory.exposition());
        assertFalse(Files.exists(disk.path.resolve("multiprom.retained.tmp")));
      }
      assertEquals(1, directory.value("multiprom_retired_workers_total"));
      assertEquals(2, directory.value("multiprom_workers", "dead"));

      disk.free();
      directory.retire(asBacklog);
      assertEquals(before, directory.exposition());
      assertEquals(3, directory.value("multiprom_retired_workers_total"));
      assertEquals(0, directory.value("multiprom_workers", "dead"));
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void retireFewerWorkersWhereTheSpareDoesNotHoldAll(boolean asBacklog) throws Exception {
    try (SmallDisk disk = new SmallDisk(path, "1m");
        WorkerDirectory directory = new WorkerDirectory(disk.path)) {
      try (Worker first = directory.worker("w0")) {
        first.counter(C, "all").add(0.1);
      }
      directory.retire(asBacklog);
      dead(directory, "w1");
      for (int i = 0; i < 3; i++) {
        try (Worker small = directory.worker("small" + i)) {
          small.counter(C, "all").add(0.1);
        }
      }
      dead(directory, "w2");
      String before = directory.exposition();
      disk.fill();
      directory.retire(asBacklog);
      assertEquals(before, directory.exposition());
      assertTrue(directory.value("multiprom_retired_workers_total") >= 4);

      disk.free();
      directory.retire(asBacklog);
      assertEquals(before, directory.exposition());
      assertEquals(6, directory.value("multiprom_retired_workers_total"));
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void endInOrderWhenTheirThreadIsInterrupted(boolean asBacklog) throws IOException {
    try (WorkerDirectory directory = new WorkerDirectory(path)) {
      dead(directory, "w1");
      dead(directory, "w2");
      String before = directory.exposition();
      // Before it begins, and after each of its steps.
      Thread.currentThread().interrupt();
      Set<String> interrupted = new HashSet<>();
      int retired = 0;
      try (DirectoryReader reader =
              asBacklog ? Killable.backlogReader(path) : new DirectoryReader(path);
          RetiringPass pass = Killable.begin(reader, step -> interruptOnce(step, interrupted))) {
        retired = Retirer.retire(pass);
      } finally {
        assertTrue(Thread.interrupted());
      }
      assertEquals(2, retired);
      assertEquals(before, directory.exposition());
      assertEquals(2, directory.value("multiprom_retired_workers_total"));
      assertEquals(0, directory.value("multiprom_workers", "dead"));
    }
  }

  /** What was interrupted in the middle is done again, and is not to be hit each time. */
  private static void interruptOnce(String step, Set<String> interrupted) {
    if (interrupted.add(step)) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void goOnAlthoughSomeFilesCannotBeDeleted() throws IOException {
    try (WorkerDirectory directory = new WorkerDirectory(path)) {
      Worker stuck = dead(directory, "w1");
      directory.retire();
      Worker next = dead(directory, "w2");
      String before = directory.exposition();
      // The pass cannot delete it: it is a directory with a file in it.
      Path file = path.resolve(stuck.writer.info().incarnation() + ".worker");
      try (DirectoryReader reader = new DirectoryReader(path);
          RetiringPass pass =
              Killable.begin(
                  reader,
                  step -> {
                    if (step.equals("retained forced")) {
                      replaceByFullDirectory(
                          path.resolve(next.writer.info().incarnation() + ".worker"));
                    }
                  })) {
        assertEquals(1, Retirer.retire(pass));
      }
      replaceByFullDirectory(file);
      dead(directory, "w3");
      String after = directory.exposition();
      directory.retire();
      assertEquals(after, directory.exposition());
      assertEquals(before.lines().count() + 2 * SERIES + 1, after.lines().count());
      assertEquals(3, directory.value("multiprom_retired_workers_total"));
      assertEquals(0, directory.value("multiprom_workers", "dead"));
    }
  }

  private static void replaceByFullDirectory(Path file) {
    try {
      Files.deleteIfExists(file);
      Files.createDirectory(file);
      Files.createFile(file.resolve("something"));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}
