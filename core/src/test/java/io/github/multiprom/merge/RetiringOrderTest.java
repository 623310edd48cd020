package io.github.multiprom.merge;

import static io.github.multiprom.merge.WorkerDirectory.counter;
import static io.github.multiprom.merge.WorkerDirectory.gauge;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.multiprom.internal.worker.Killable;
import io.github.multiprom.internal.worker.SmallDisk;
import io.github.multiprom.internal.worker.StoreUnderTest;
import io.github.multiprom.merge.WorkerDirectory.Worker;
import io.github.multiprom.model.DirectorySnapshot;
import io.github.multiprom.model.EpochClock;
import io.github.multiprom.model.FamilyDescriptor;
import io.github.multiprom.model.GaugeFold;
import io.github.multiprom.model.Snapshot;
import io.github.multiprom.model.WorkerInfo;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a dead worker's file hides stays hidden when that file goes before others. */
@Tag(StoreUnderTest.TAG)
class RetiringOrderTest {
  private static final FamilyDescriptor C = counter("c", "l");
  private static final FamilyDescriptor ALL = gauge("g", GaugeFold.ALL);
  private static final int SERIES = 1000;
  private static final long SECOND = 1_000_000_000L;
  private static final long NOW = EpochClock.nowNanos();

  @TempDir Path path;

  /**
   * Ends a worker and lets its lease be unreadable: until it is read, the worker is not retired.
   */
  private static Path die(WorkerDirectory directory, Worker worker) throws IOException {
    worker.close();
    Path lease = Killable.lease(directory.path, worker.writer.info().incarnation());
    Files.delete(lease);
    return Files.createDirectory(lease);
  }

  private static void retireAll(WorkerDirectory directory) throws IOException {
    directory.retire();
    assertEquals(0, directory.value("multiprom_workers", "dead"));
  }

  @Test
  void keepsARemovedSeriesHiddenUntilItsOtherHolderMayBeRetired() throws IOException {
    try (WorkerDirectory directory = new WorkerDirectory(path)) {
      Worker remover = directory.worker("remover");
      remover.counter(C, "s").add(1);
      Worker holder = directory.killableWorker("holder");
      holder.counter(C, "s").add(10);
      holder.counter(C, "t").add(10);
      Path lease = die(directory, holder);
      remover.remove(C, "s");
      remover.close();

      String hidden = "c_total{l=\"t\",} 10.0\n";
      assertEquals(hidden, directory.samples());
      directory.retire();
      assertEquals(hidden, directory.samples());
      Files.delete(lease);
      retireAll(directory);
      assertEquals(hidden, directory.samples());
    }
  }

  @Test
  void keepsTheGaugesOfAnOlderWorkerOfTheNameHidden() throws IOException {
    try (WorkerDirectory directory = new WorkerDirectory(path)) {
      Worker older = directory.killableWorker("web");
      older.gauge(ALL).set(1);
      Path lease = die(directory, older);
      try (Worker newer = directory.worker("web")) {
        newer.counter(C, "s").add(1);
      }
      String hidden = "c_total{l=\"s\",} 1.0\n";
      assertEquals(hidden, directory.samples());
      directory.retire();
      assertEquals(hidden, directory.samples());
      Files.delete(lease);
      retireAll(directory);
      assertEquals(hidden, directory.samples());
    }
  }

  @Test
  void givesWayWhereOnlyALaterFileFits() throws Exception {
    try (SmallDisk disk = new SmallDisk(path, "1m");
        WorkerDirectory directory = new WorkerDirectory(disk.path)) {
      try (Worker first = directory.worker("w0")) {
        first.counter(C, "0").add(1);
      }
      directory.retire();
      try (Worker large = directory.worker("web")) {
        for (int i = 0; i < SERIES; i++) {
          large.counter(C, Integer.toString(i)).add(1);
        }
      }
      try (Worker later = directory.worker("web")) {
        later.counter(C, "0").add(1);
      }
      String before = directory.samples();
      disk.fill();
      directory.retire();
      assertEquals(2, directory.value("multiprom_retired_workers_total"));
      assertEquals(before, directory.samples());
      disk.free();
      retireAll(directory);
      assertEquals(before, directory.samples());
    }
  }

  private static List<Integer> order(List<MadeWorker> workers, List<MadeWorker> pending) {
    DirectorySnapshot directory = MadeWorker.directory(workers);
    List<Snapshot> retirable = directory.workers().stream().filter(one -> !one.live()).toList();
    List<Snapshot> waiting =
        retirable.stream()
            .filter(
                one ->
                    pending.stream()
                        .anyMatch(other -> other.incarnation().equals(one.worker().incarnation())))
            .toList();
    List<Snapshot> rest = retirable.stream().filter(one -> !waiting.contains(one)).toList();
    return RetiringOrder.of(directory, rest, waiting, NOW).stream()
        .map(WorkerInfo::incarnation)
        .map(incarnation -> (int) incarnation.low())
        .toList();
  }

  @Test
  void isThatOfDeathForAllThatHide() {
    List<MadeWorker> workers =
        IntStream.rangeClosed(1, 4)
            .mapToObj(i -> new MadeWorker(i, NOW - 100 * SECOND + i))
            .toList();
    for (int i : new int[] {0, 1}) {
      int series = workers.get(i).add(C, NOW, List.of("s"), 1);
      workers.get(i).remove(series, NOW - 60 * SECOND);
    }
    workers.get(0).die(NOW - 10 * SECOND);
    workers.get(1).die(NOW - 20 * SECOND);
    workers.get(2).die(NOW - 5 * SECOND);
    assertEquals(List.of(3, 2, 1), order(workers, List.of()));
    workers.get(3).die(NOW - 15 * SECOND);
    assertEquals(List.of(3, 2), order(workers, workers.subList(3, 4)));
  }

  @Test
  void isThatOfCreationForTheFilesOfOneWorker() {
    MadeWorker first = new MadeWorker(2, NOW - 100 * SECOND);
    MadeWorker second = first.successor(1, NOW - 50 * SECOND);
    first.die(NOW - 10 * SECOND + 1);
    second.die(NOW - 10 * SECOND);
    assertEquals(List.of(2, 1), order(List.of(first, second), List.of()));
    assertEquals(List.of(), order(List.of(first, second), List.of(first)));
  }

  @Test
  void holdsUpNoFileForLong() {
    MadeWorker holder = new MadeWorker(1, NOW - 1000 * SECOND);
    holder.die(NOW - 300 * SECOND);
    MadeWorker remover = new MadeWorker(2, NOW - 1000 * SECOND);
    remover.remove(remover.add(C, NOW, List.of("s"), 1), NOW - 400 * SECOND);
    remover.die(NOW - 125 * SECOND);
    assertEquals(List.of(2), order(List.of(holder, remover), List.of(holder)));
    remover.die(NOW - 60 * SECOND);
    assertEquals(List.of(), order(List.of(holder, remover), List.of(holder)));
  }
}
