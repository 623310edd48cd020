package io.github.multiprom.merge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.multiprom.internal.worker.StoreUnderTest;
import io.github.multiprom.model.FamilyDescriptor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Quantiles of summaries over all workers, in a sliding window. */
@Tag(StoreUnderTest.TAG)
class SummaryWindowTest {
  private static final long MINUTE = 60_000;
  private static final FamilyDescriptor SUMMARY = WindowDirectory.summary(0, 0.5, 0.9, 0.99, 1);

  /** By how much a value may be off: (g - 1) / (g + 1), with 32 buckets from one to its double. */
  private static final double ERROR = 0.010831;

  @TempDir Path path;

  private WindowDirectory directory;

  @BeforeEach
  void open() {
    directory = new WindowDirectory(path);
  }

  @AfterEach
  void close() {
    directory.close();
  }

  @Test
  void hasTheSameQuantilesHoweverValuesAreSplit() throws Exception {
    long seed = System.nanoTime();
    System.out.println("seed " + seed);
    Random random = new Random(seed);
    List<WindowDirectory.Worker> workers = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      workers.add(directory.worker(SUMMARY));
    }
    for (int i = 1; i <= 1000; i++) {
      workers.get(random.nextInt(3)).observe(i / 1000.0);
    }
    assertEquals(0.001008754195366074, directory.quantile("0.0"), 1e-15);
    assertEquals(0.4945849993733132, directory.quantile("0.5"), 1e-14);
    assertEquals(0.9070728882674159, directory.quantile("0.9"), 1e-14);
    assertEquals(0.9891699987466264, directory.quantile("0.99"), 1e-14);
    assertEquals(0.9891699987466264, directory.quantile("1.0"), 1e-14);
    assertEquals(1000, directory.count());
    assertEquals(500.5, directory.samples().get("s_sum"), 1e-9);
  }

  @Test
  void hasNoQuantilesWithoutObservations() throws Exception {
    directory.worker(SUMMARY);
    assertEquals(Double.NaN, directory.quantile("0.5"));
    assertEquals(0, directory.count());
  }

  @Test
  void leavesOutWhatIsOlderThanTheWindow() throws Exception {
    WindowDirectory.Worker worker = directory.worker(SUMMARY).observe(1, 1, 1);
    for (long minute = 0; minute < 10; minute++) {
      directory.at(minute * MINUTE);
      assertEquals(1, directory.quantile("1.0"), ERROR, minute + " min");
      directory.at((minute + 1) * MINUTE - 1);
      assertEquals(1, directory.quantile("1.0"), ERROR, minute + 1 + " min, almost");
    }
    directory.at(10 * MINUTE);
    assertEquals(Double.NaN, directory.quantile("1.0"));
    assertEquals(3, directory.count());
    worker.observe(100);
    assertEquals(100, directory.quantile("0.0"), 100 * ERROR);
    assertEquals(4, directory.count());
    directory.at(100 * MINUTE);
    assertEquals(Double.NaN, directory.quantile("0.5"));
    assertEquals(4, directory.count());
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "retired", "retired as a backlog"})
  void leavesOutWhatDeadWorkersCountedAtTheSameSteps(String how) throws Exception {
    WindowDirectory.Worker killed = directory.worker(SUMMARY).observe(5);
    WindowDirectory.Worker other = directory.worker(SUMMARY).observe(1);
    for (long minute = 0; minute < 3; minute++) {
      directory.at(minute * MINUTE);
    }
    killed.observe(9);
    directory.at(3 * MINUTE);
    killed.kill();
    for (long minute = 3; minute < 15; minute++) {
      directory.at(minute * MINUTE);
      if (minute % 3 == 0 && !how.isEmpty()) {
        directory.retire(how.endsWith("backlog"));
      }
      if (minute < 12) {
        assertEquals(9, directory.quantile("1.0"), 9 * ERROR, minute + " min");
        assertEquals(minute < 10 ? 1 : 9, directory.quantile("0.0"), 9 * ERROR, minute + " min");
      } else {
        assertEquals(Double.NaN, directory.quantile("1.0"), minute + " min");
      }
      assertEquals(3, directory.count(), minute + " min");
      assertEquals(15, directory.samples().get("s_sum"), minute + " min");
    }
    assertTrue(other.isLive);
  }

  @Test
  void keepsTheLastSnapshotOfAWorkerThatStalls() throws Exception {
    WindowDirectory.Worker worker = directory.worker(SUMMARY).observe(1);
    directory.at(2 * MINUTE);
    worker.observe(5);
    worker.isStalled = true;
    directory.at(60 * MINUTE);
    assertEquals(5, directory.quantile("0.0"), 5 * ERROR);
    worker.isStalled = false;
    directory.at(62 * MINUTE);
    assertEquals(Double.NaN, directory.quantile("0.0"));
  }

  /** Otherwise all that it ever counted would be in the window. */
  @Test
  void leavesOutALiveWorkerWhoseSnapshotsCannotBeRead() throws Exception {
    directory.worker(SUMMARY).observe(1);
    directory.at(2 * MINUTE);
    WindowDirectory.Worker other = directory.worker(SUMMARY);
    other.observe(5);
    directory.at(20 * MINUTE);
    other.observe(7);
    try (MultiprocessCollector collector = directory.collectorWithoutHistory()) {
      List<Double> values =
          collector.collect().stream()
              .flatMap(family -> family.samples.stream())
              .filter(sample -> List.of("s", "s_count", "s_sum").contains(sample.name))
              .map(sample -> sample.value)
              .toList();
      double none = Double.NaN;
      assertEquals(List.of(none, none, none, none, none, 3.0, 13.0), values);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void passesOverWhatAClockThatWasAheadHasLeft(boolean retired) throws Exception {
    WindowDirectory.Worker worker = directory.worker(SUMMARY).observe(1);
    directory.at(60 * MINUTE);
    directory.at(2 * MINUTE);
    worker.observe(9);
    directory.at(4 * MINUTE);
    worker.kill();
    directory.at(6 * MINUTE);
    if (retired) {
      directory.retire(false);
    }
    assertEquals(9, directory.quantile("1.0"), 9 * ERROR);
    for (long minute : new long[] {12, 14, 20, 59}) {
      directory.at(minute * MINUTE);
      if (retired) {
        directory.retire(false);
      }
      assertEquals(Double.NaN, directory.quantile("1.0"), minute + " min");
      assertEquals(2, directory.count());
    }
  }

  @Test
  void isRightWhereOneWorkerIsTenTimesSlower() throws Exception {
    long seed = System.nanoTime();
    System.out.println("seed " + seed);
    Random random = new Random(seed);
    List<Double> all = new ArrayList<>();
    for (int w = 0; w < 4; w++) {
      WindowDirectory.Worker worker = directory.worker(SUMMARY);
      for (int i = 0; i < 2_000; i++) {
        double value = 0.05 * Math.exp(0.5 * random.nextGaussian()) * (w == 0 ? 10 : 1);
        all.add(value);
        worker.observe(value);
      }
    }
    all.sort(null);
    for (double q : new double[] {0.5, 0.9, 0.99}) {
      double exact = all.get((int) Math.ceil(q * all.size()) - 1);
      assertEquals(exact, directory.quantile(String.valueOf(q)), exact * ERROR, "" + q);
    }
  }

  @Test
  void ordersNegativeValuesAndZerosBelowPositiveOnes() throws Exception {
    directory.worker(SUMMARY).observe(-8, -2, 0, 1e-40, 3);
    assertEquals(-8, directory.quantile("0.0"), 8 * ERROR);
    assertEquals(0, directory.quantile("0.5"));
    assertEquals(3, directory.quantile("1.0"), 3 * ERROR);
    assertEquals(5, directory.count());
  }

  @Test
  void spreadsOverTheWholeRangeOfNumbers() throws Exception {
    WindowDirectory.Worker worker = directory.worker(SUMMARY);
    IntStream.range(-120, 1023).forEach(i -> worker.observe(Math.scalb(1.0, i)));
    worker.observe(Double.MAX_VALUE);
    assertEquals(1144, directory.count());
    assertEquals(1, directory.quantile("1.0") / Double.MAX_VALUE, 1);
    directory.at(20 * MINUTE);
    assertEquals(Double.NaN, directory.quantile("1.0"));
    assertEquals(1144, directory.count());
  }

  @Test
  void hasTheQuantilesAndTheWindowOfTheNewestDefinition() throws Exception {
    directory.worker(SUMMARY).observe(1, 2, 3);
    directory.worker(WindowDirectory.summary(4 * MINUTE, 2, 0.25)).observe(4);
    assertNull(directory.samples().get("0.5"));
    assertEquals(1, directory.quantile("0.25"), ERROR);
    directory.at(3 * MINUTE);
    assertEquals(1, directory.quantile("0.25"), ERROR);
    directory.at(4 * MINUTE);
    assertEquals(Double.NaN, directory.quantile("0.25"));
    assertEquals(4, directory.count());
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void addsSummariesWithoutQuantilesToCountAndSum(boolean retired) throws Exception {
    FamilyDescriptor without = WorkerDirectory.summary("s");
    WindowDirectory.Worker old = directory.worker(without).observe(100);
    directory.worker(SUMMARY).observe(1);
    WindowDirectory.Worker canary = directory.worker(without).observe(100);
    if (retired) {
      old.kill();
      canary.kill();
      directory.retire(false);
    }
    assertEquals(1, directory.quantile("1.0"), ERROR);
    assertEquals(3, directory.count());
    assertEquals(201, directory.samples().get("s_sum"));
  }

  @Test
  void showsQuantilesBeforeCountAndSumInAscendingOrder() throws Exception {
    directory.worker(WindowDirectory.summary(0.5, 0.99)).observe(1);
    assertEquals(
        """
        # HELP s Help of s.
        # TYPE s summary
        s{quantile="0.5",} 0.98917
        s{quantile="0.99",} 0.98917
        s_count 1.0
        s_sum 1.0
        """,
        WorkerDirectory.exposition(directory.collector).replace("0.9891699987466264", "0.98917"));
  }
}
