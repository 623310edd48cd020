package io.github.multiprom.merge;

import static io.github.multiprom.merge.WorkerDirectory.counter;
import static io.github.multiprom.merge.WorkerDirectory.gauge;
import static io.github.multiprom.merge.WorkerDirectory.histogram;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.multiprom.model.DirectorySnapshot;
import io.github.multiprom.model.FamilyDescriptor;
import io.github.multiprom.model.GaugeFold;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * What a plan keeps when it follows: the objects of the series that stay, by which their text is
 * kept. That it shows the right thing is for {@link FollowingPlanPropertyTest}.
 */
class MergePlanTest {
  private static final FamilyDescriptor COUNTER = counter("c", "l");
  private static final FamilyDescriptor HISTOGRAM = histogram("h", List.of(1.0), "l");
  private static final FamilyDescriptor GAUGE = gauge("g", GaugeFold.SUM, "l");
  private static final FamilyDescriptor PER_WORKER = gauge("p", GaugeFold.ALL, "l");
  private static final List<FamilyDescriptor> FAMILIES =
      List.of(COUNTER, HISTOGRAM, GAUGE, PER_WORKER);

  private final MergePlan plan = new MergePlan("worker", Set.of());
  private final List<MadeWorker> workers = new ArrayList<>();
  private DirectorySnapshot retained = new DirectorySnapshot(List.of(), List.of(), Map.of(), 0);
  private long nowNanos = 1;

  @BeforeEach
  void twoWorkersHaveTheSameSeries() {
    workers.add(worker(1, "a", "c"));
    workers.add(worker(2, "a", "c"));
  }

  private MadeWorker worker(int number, String... labels) {
    MadeWorker worker = new MadeWorker(number, number);
    for (FamilyDescriptor family : FAMILIES) {
      for (String label : labels) {
        add(worker, family, label);
      }
    }
    return worker;
  }

  private int add(MadeWorker worker, FamilyDescriptor family, String label) {
    return worker.add(family, nowNanos, List.of(label), new double[family.cellCount()]);
  }

  /** The series of each family. */
  private Map<String, List<MergedSeries>> follow() {
    nowNanos += 10_000_000_000L;
    DirectorySnapshot directory =
        new DirectorySnapshot(
            MadeWorker.directory(workers).workers(), retained.retained(), Map.of(), 0);
    if (!plan.fits(directory)) {
      plan.follow(directory, nowNanos);
    }
    Map<String, List<MergedSeries>> series = new HashMap<>();
    for (MergedFamily family : plan.merge(directory, family -> true)) {
      series.put(family.descriptor().name(), family.series());
    }
    return series;
  }

  private static void assertKept(List<MergedSeries> before, List<MergedSeries> now) {
    for (MergedSeries one : before) {
      for (MergedSeries other : now) {
        if (one.equals(other)) {
          assertSame(one, other);
        }
      }
    }
  }

  @Test
  void keepsAllListsWhereNothingIsPublished() {
    Map<String, List<MergedSeries>> before = follow();
    follow().forEach((name, series) -> assertSame(before.get(name), series));
  }

  @Test
  void keepsOtherFamiliesWhenOneGetsSeries() {
    Map<String, List<MergedSeries>> before = follow();
    add(workers.get(0), COUNTER, "b");
    Map<String, List<MergedSeries>> after = follow();
    assertEquals(3, after.get("c").size());
    assertNotSame(before.get("c"), after.get("c"));
    for (FamilyDescriptor family : List.of(HISTOGRAM, GAUGE, PER_WORKER)) {
      assertSame(before.get(family.name()), after.get(family.name()));
    }
  }

  @Test
  void keepsTheOtherSeriesWhenOneComesInTheMiddle() {
    Map<String, List<MergedSeries>> before = follow();
    for (FamilyDescriptor family : FAMILIES) {
      add(workers.get(1), family, "b");
    }
    Map<String, List<MergedSeries>> after = follow();
    before.forEach(
        (name, series) -> {
          assertEquals(series.size() + 1, after.get(name).size());
          assertKept(series, after.get(name));
        });
  }

  @Test
  void keepsAllListsWhenAWorkerWithTheSameSeriesStartsAndIsRetired() {
    Map<String, List<MergedSeries>> before = follow();
    workers.add(worker(3, "a", "c"));
    Map<String, List<MergedSeries>> started = follow();
    MadeWorker dead = workers.remove(2);
    dead.die(nowNanos);
    workers.add(dead);
    follow();
    DirectorySnapshot directory = MadeWorker.directory(workers);
    retained = MadeWorker.retire(directory, Set.of(directory.workers().get(2)));
    workers.remove(2);
    Map<String, List<MergedSeries>> after = follow();
    for (FamilyDescriptor family : List.of(COUNTER, HISTOGRAM, GAUGE)) {
      assertSame(before.get(family.name()), started.get(family.name()));
      assertSame(before.get(family.name()), after.get(family.name()));
    }
    assertKept(before.get("p"), started.get("p"));
    assertKept(before.get("p"), after.get("p"));
  }

  @Test
  void keepsTheOtherSeriesWhenSomeAreRemoved() {
    List<Integer> removed = new ArrayList<>();
    for (MadeWorker worker : workers) {
      removed.add(add(worker, COUNTER, "b"));
    }
    List<MergedSeries> before = follow().get("c");
    for (int i = 0; i < 2; i++) {
      workers.get(i).remove(removed.get(i), nowNanos);
    }
    List<MergedSeries> after = follow().get("c");
    assertEquals(2, after.size());
    assertKept(before, after);
  }

  @Test
  void findsTheTotalsInTheOrderOfTheWorkers() {
    List<String> labels = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      labels.add("label " + (i * 37) % 100);
    }
    MadeWorker dead = worker(3, labels.toArray(String[]::new));
    dead.die(nowNanos);
    DirectorySnapshot directory = MadeWorker.directory(List.of(dead));
    retained = MadeWorker.retire(directory, Set.copyOf(directory.workers()));
    List<String> kept =
        retained.retained().get(0).catalog().series().stream()
            .filter(series -> series.family() == 0)
            .map(series -> series.labelValues().get(0))
            .toList();
    assertEquals(labels, kept);
  }

  /** A worker that goes on in other files, as one does whose label sets come and go. */
  @Test
  void doesNotGrowWithWhatIsGone() {
    follow();
    for (int life = 0; life < 200; life++) {
      MadeWorker worker = workers.get(1);
      MadeWorker next = worker.successor(10 + life, nowNanos);
      for (FamilyDescriptor family : FAMILIES) {
        for (int i = 0; i < 5; i++) {
          add(next, family, "label " + life + " " + i);
        }
      }
      workers.set(1, next);
      follow();
      int shown = plan.seriesCount();
      assertTrue(plan.knownCount() <= 2 * shown, "life " + life + ": " + plan.knownCount());
    }
  }
}
