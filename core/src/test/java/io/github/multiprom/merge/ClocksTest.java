package io.github.multiprom.merge;

import static io.github.multiprom.merge.WorkerDirectory.counter;
import static io.github.multiprom.merge.WorkerDirectory.gauge;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.multiprom.model.DirectorySnapshot;
import io.github.multiprom.model.EpochClock;
import io.github.multiprom.model.FamilyDescriptor;
import io.github.multiprom.model.GaugeFold;
import io.github.multiprom.model.Snapshot;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What workers leave behind whose clock was ahead. */
class ClocksTest {
  private static final long NOW = EpochClock.nowNanos();
  private static final long DAY = 24L * 3600 * 1_000_000_000;
  private static final FamilyDescriptor RECENT = gauge("recent", GaugeFold.MOSTRECENT);
  private static final FamilyDescriptor ALL = gauge("all", GaugeFold.ALL);
  private static final FamilyDescriptor C = counter("c");

  private final MadeWorker ahead = worker(1, NOW + 10 * DAY);
  private final MadeWorker right = worker(2, NOW - DAY);

  private static MadeWorker worker(int number, long createdNanos) {
    MadeWorker worker = new MadeWorker(number, createdNanos);
    worker.name = "web-1";
    return worker;
  }

  private static void set(MadeWorker worker, long atNanos, double value) {
    for (FamilyDescriptor family : List.of(RECENT, ALL)) {
      worker.add(family, atNanos, List.of(), value, atNanos / 1000.0);
    }
  }

  private static String both(double value) {
    return "all{worker=\"web-1\",} " + value + "\nrecent " + value + "\n";
  }

  private static DirectorySnapshot retireDead(DirectorySnapshot directory) {
    List<Snapshot> dead = new ArrayList<>(directory.workers());
    dead.removeIf(Snapshot::live);
    return MadeWorker.retire(directory, Set.copyOf(dead));
  }

  @Test
  void doNotLetADeadWorkerBeatALiveOne() {
    set(ahead, NOW + 10 * DAY, 111);
    ahead.die(NOW + 10 * DAY);
    set(right, NOW - DAY, 222);
    DirectorySnapshot directory = MadeWorker.directory(List.of(ahead, right));
    assertEquals(both(222), MadeWorker.samples(directory));
    assertEquals(both(222), MadeWorker.samples(retireDead(directory)));
  }

  @Test
  void doNotLetADeadWorkerBeatOneThatDiedLater() {
    set(ahead, NOW + 10 * DAY, 111);
    ahead.die(NOW + 10 * DAY);
    set(right, NOW - DAY, 222);
    right.die(NOW - DAY);
    DirectorySnapshot directory = MadeWorker.directory(List.of(ahead, right));
    assertEquals(both(222), MadeWorker.samples(directory));
    assertEquals(both(222), MadeWorker.samples(retireDead(directory)));
  }

  @Test
  void doNotLetAWorkerThatWasRetiredBeforeBeatOneThatDiesNow() {
    set(ahead, NOW + 10 * DAY, 111);
    ahead.die(NOW + 10 * DAY);
    set(right, NOW - DAY, 222);
    DirectorySnapshot retired = retireDead(MadeWorker.directory(List.of(ahead, right)));
    right.die(NOW);
    DirectorySnapshot directory =
        new DirectorySnapshot(
            MadeWorker.directory(List.of(right)).workers(),
            retired.retained(),
            retired.skipped(),
            0);
    assertEquals(both(222), MadeWorker.samples(directory));
    assertEquals(both(222), MadeWorker.samples(retireDead(directory)));
  }

  @Test
  void doNotLetARetiredWorkerBeatOneThatWasRetiredLater() {
    set(ahead, NOW + 10 * DAY, 111);
    ahead.die(NOW + 10 * DAY);
    DirectorySnapshot retired = retireDead(MadeWorker.directory(List.of(ahead)));
    assertEquals(both(111), MadeWorker.samples(retired));

    long later = EpochClock.nowNanos();
    MadeWorker third = worker(3, later);
    set(third, later, 333);
    third.die(later);
    DirectorySnapshot directory =
        new DirectorySnapshot(
            MadeWorker.directory(List.of(third)).workers(),
            retired.retained(),
            retired.skipped(),
            0);
    assertEquals(both(333), MadeWorker.samples(directory));
    assertEquals(both(333), MadeWorker.samples(retireDead(directory)));
  }

  @Test
  void countTheLeastOfTimesThatAreAllAhead() {
    ahead.add(RECENT, NOW, List.of(), 3, (NOW + 3 * DAY) / 1000.0);
    right.add(RECENT, NOW, List.of(), 2, (NOW + 2 * DAY) / 1000.0);
    assertEquals("recent 2.0\n", MadeWorker.samples(MadeWorker.directory(List.of(ahead, right))));
  }

  /** An end in the future would keep a dead worker's share from ever being hidden. */
  @Test
  void doNotKeepARemovedSeriesAlive() {
    MadeWorker dead = new MadeWorker(3, NOW - 10 * DAY);
    dead.add(C, NOW - 10 * DAY, List.of(), 100);
    dead.die(NOW + 10 * DAY);
    int series = right.add(C, NOW - DAY, List.of(), 1);
    right.remove(series, NOW + 5 * DAY);
    DirectorySnapshot directory = MadeWorker.directory(List.of(dead, right));
    assertEquals("", MadeWorker.samples(directory));
    assertEquals("", MadeWorker.samples(retireDead(directory)));
  }

  @Test
  void doNotClampCreatedTimes() {
    ahead.add(C, NOW + 10 * DAY, List.of(), 1);
    double created =
        MadeWorker.collector(() -> MadeWorker.directory(List.of(ahead)))
            .merge(family -> family.name().equals("c"), c -> c.get(0).createdMs()[0]);
    assertEquals(Math.floor((NOW + 10 * DAY) / 1e6), created);
  }
}
