package io.github.multiprom.internal.file;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.multiprom.internal.cell.CounterCell;
import io.github.multiprom.internal.cell.GaugeCell;
import io.github.multiprom.internal.directory.DirectoryReader;
import io.github.multiprom.internal.os.ProcessIdentity;
import io.github.multiprom.internal.ownership.FileName;
import io.github.multiprom.internal.worker.Fixtures;
import io.github.multiprom.internal.worker.MappedIncarnation;
import io.github.multiprom.internal.worker.StoreKind;
import io.github.multiprom.internal.worker.StoreUnderTest;
import io.github.multiprom.model.Catalog;
import io.github.multiprom.model.DirectorySnapshot;
import io.github.multiprom.model.GaugeFold;
import io.github.multiprom.model.Incarnation;
import io.github.multiprom.model.Snapshot;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Stops a worker after each step of its file's protocols, and looks at what is on the disk. */
@Tag(StoreUnderTest.TAG)
class WorkerFileCrashTest {
  private static final Set<Incarnation> PREDECESSORS =
      Set.of(new Incarnation(1, 2), new Incarnation(3, 4));

  @TempDir Path directory;

  /** Stops the worker: nothing of the library catches it. */
  private static final class Crash extends Error {
    private static final long serialVersionUID = 1;
  }

  /** Throws after a number of steps. */
  private static final class CrashAfter implements CrashPoint {
    private final Set<String> seen = new HashSet<>();
    private final int last;
    private int passed;

    CrashAfter(int last) {
      this.last = last;
    }

    @Override
    public void passed(String step) {
      seen.add(step);
      if (++passed == last) {
        throw new Crash();
      }
    }
  }

  /** What the worker had done when it crashed, and what it may have done besides. */
  private static final class Progress {
    private boolean opened;
    private int families;
    private int series;
    private int removed;
    private int lastRemoval = -1;
    private final Map<String, List<Double>> counted = new HashMap<>();
  }

  /** The values with which a counter, a gauge and a histogram move in. */
  private static final List<double[]> MOVED =
      List.of(new double[] {7}, new double[] {-2, 9}, new double[] {5, 0, 1, 2});

  private MappedIncarnation worker;

  @Test
  void aReaderSeesWhatWasDoneOrOneStepMoreAfterEveryCrash() throws Exception {
    CrashAfter never = new CrashAfter(Integer.MAX_VALUE);
    run(never, new Progress(), directory.resolve("whole"));
    Set<String> steps =
        new HashSet<>(
            Set.of(
                "lease created",
                "lease locked",
                "lease named",
                "worker file created",
                "first segment added",
                "header written",
                "worker file named",
                "record written",
                "value written",
                "record published",
                "segment added",
                "segment record written",
                "segment published"));
    if (StoreUnderTest.KIND == StoreKind.CHRONICLE) {
      steps.addAll(Set.of("map created", "map named", "extent added"));
    }
    assertEquals(steps, never.seen);
    worker.abandon();
    System.out.println(never.passed + " steps");

    for (int step = 1; step <= never.passed; step++) {
      int last = step;
      Path place = directory.resolve("step-" + step);
      Progress progress = new Progress();
      try (MappedIncarnation neighbour = MappedIncarnation.inDirectory(place, Fixtures.OPTIONS);
          DirectoryReader beside = new DirectoryReader(place)) {
        CounterCell counter = Fixtures.addCounter(neighbour, "neighbour");
        counter.add(1);
        beside.read();
        worker = null;

        assertThrows(Crash.class, () -> run(new CrashAfter(last), progress, place));

        counter.add(1);
        check(progress, Fixtures.read(place), neighbour, "step " + step);
        check(progress, beside.read(), neighbour, "step " + step + ", known directory");
      }
    }
  }

  /** The scenario: every kind of record, two pages of each kind, and several segments. */
  private void run(CrashPoint crashPoint, Progress progress, Path place) throws IOException {
    worker =
        MappedIncarnation.inDirectory(
            place,
            Fixtures.OPTIONS,
            MappedIncarnation.newInfo(Fixtures.OPTIONS, ProcessIdentity.current()),
            PREDECESSORS,
            crashPoint);
    progress.opened = true;
    worker.addFamily(Fixtures.counter("c", "i"));
    progress.families++;
    worker.addFamily(Fixtures.gauge("g", GaugeFold.MAX, "i"));
    progress.families++;
    worker.addFamily(Fixtures.histogram("h", List.of(1.0, 2.0), "i"));
    progress.families++;
    for (int i = 0; i < 40; i++) {
      List<String> labels = List.of(i + "x".repeat(100));
      int series = worker.addSeries(i % 3, labels, Fixtures.CREATED_MS);
      progress.series++;
      switch (i % 3) {
        case 0 -> {
          worker.counter(series).add(i + 0.5);
          progress.counted.put("c" + labels, List.of(i + 0.5));
        }
        case 1 -> {
          GaugeCell gauge = worker.gauge(series);
          gauge.set(i);
          progress.counted.put("g" + labels, List.of((double) i, gauge.setTimeMicros()));
        }
        default -> {
          worker.distribution(series).observe(2, i);
          progress.counted.put("h" + labels, List.of((double) i, 0.0, 0.0, 1.0));
        }
      }
      if (i % 8 == 7) {
        progress.lastRemoval = series;
        worker.remove(series, Fixtures.CREATED_MS + 1);
        progress.removed++;
      }
    }
    worker.addSeries(0, List.of("y".repeat(50_000)), Fixtures.CREATED_MS);
    progress.series++;
    for (int i = 0; i < 3; i++) {
      worker.addSeries(i, List.of("moved"), Fixtures.CREATED_MS, MOVED.get(i));
      progress.series++;
    }
    worker.markExit(5);
  }

  private void check(
      Progress done, DirectorySnapshot found, MappedIncarnation neighbour, String when) {
    assertEquals(Map.of(), found.skipped(), when);
    Snapshot beside = Fixtures.find(found, neighbour.info().incarnation());
    assertTrue(beside.live(), when);
    assertEquals(2, Fixtures.sumOf(beside, "neighbour"), when);
    List<Snapshot> others = new ArrayList<>(found.workers());
    others.remove(beside);
    if (others.isEmpty()) {
      assertTrue(!done.opened, when);
      return;
    }
    assertEquals(1, others.size(), when);
    Catalog catalog = others.get(0).catalog();
    assertEquals(PREDECESSORS, others.get(0).predecessors(), when);
    assertOneMoreAtMost(done.families, catalog.families().size(), when + ": families");
    assertOneMoreAtMost(done.series, catalog.series().size(), when + ": series");
    int removed = 0;
    for (int i = 0; i < catalog.removedNanos().length; i++) {
      removed += catalog.removedNanos()[i] == 0 ? 0 : 1;
      assertTrue(catalog.removedNanos()[i] == 0 || i <= done.lastRemoval, when + ": removed " + i);
    }
    assertOneMoreAtMost(done.removed, removed, when + ": removed");
    // All records but one stand for the same things: at most one of them is ahead.
    int ahead =
        catalog.families().size()
            - done.families
            + catalog.series().size()
            - done.series
            + removed
            - done.removed;
    assertTrue(ahead <= 1, when);
    Map<String, List<Double>> values = Fixtures.valuesOf(others.get(0));
    done.counted.forEach((key, cells) -> assertEquals(cells, values.get(key), when + ": " + key));
    for (int i = 0; i < 3; i++) {
      List<Double> moved = values.remove("cgh".charAt(i) + "[moved]");
      assertTrue(moved == null || moved.equals(boxed(MOVED.get(i))), when + ": " + moved);
    }
    values.forEach(
        (key, cells) -> {
          if (!done.counted.containsKey(key)) {
            assertTrue(isUncountedOrBegun(cells, done, catalog), when + ": " + key + cells);
          }
        });
  }

  private static List<Double> boxed(double[] values) {
    return Arrays.stream(values).boxed().toList();
  }

  /** A series without acknowledged increments: its cells are 0, or those of the last step. */
  private static boolean isUncountedOrBegun(List<Double> cells, Progress done, Catalog catalog) {
    return cells.stream().allMatch(cell -> cell == 0)
        || done.counted.size() < Math.min(done.series, catalog.series().size());
  }

  private static void assertOneMoreAtMost(int done, int found, String what) {
    assertTrue(found == done || found == done + 1, what + ": " + found + " of " + done);
  }

  @Test
  void showsNoWorkerFileBeforeItIsWhole() throws Exception {
    for (int step = 1; step <= 9; step++) {
      int last = step;
      Path place = directory.resolve("step-" + step);
      assertThrows(Crash.class, () -> run(new CrashAfter(last), new Progress(), place));
      try (var files = Files.list(place)) {
        assertTrue(files.allMatch(file -> FileName.parse(file.getFileName().toString()) != null));
      }
      assertEquals(List.of(), Fixtures.read(place).workers());
    }
  }
}
