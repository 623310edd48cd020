package io.github.multiprom.merge;

import static io.github.multiprom.merge.WorkerDirectory.counter;
import static io.github.multiprom.merge.WorkerDirectory.gauge;
import static io.github.multiprom.merge.WorkerDirectory.histogram;
import static io.github.multiprom.merge.WorkerDirectory.liveGauge;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.multiprom.merge.WorkerDirectory.Worker;
import io.github.multiprom.model.FamilyDescriptor;
import io.github.multiprom.model.GaugeFold;
import io.github.multiprom.model.MetricType;
import io.github.multiprom.store.StoreUnderTest;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Workers of two releases, which disagree about a family. */
@Tag(StoreUnderTest.TAG)
class RollingDeployTest {
  @TempDir Path path;
  private WorkerDirectory directory;
  private Worker before;
  private Worker after;

  @BeforeEach
  void startWorkers() throws IOException {
    directory = new WorkerDirectory(path);
    before = directory.worker("before");
    after = directory.worker("after");
  }

  @AfterEach
  void stopWorkers() {
    directory.close();
  }

  private void assertConflicts(String kind) {
    for (ConflictKind other : ConflictKind.values()) {
      assertEquals(
          other.label().equals(kind) ? 1 : 0,
          directory.value("multiprom_conflicts", other.label()),
          other.label());
    }
  }

  @Test
  void agreesWithoutConflict() throws IOException {
    before.counter(counter("c")).add(1);
    after.counter(counter("c")).add(1);
    assertEquals("c_total 2.0\n", directory.samples());
    assertConflicts("none");
  }

  @Test
  void showsTheNewestHelp() throws IOException {
    after.counter(withHelp("New.")).add(1);
    before.counter(withHelp("Old.")).add(2);
    assertEquals(
        "# HELP c_total New.\n# TYPE c_total counter\nc_total 3.0\n",
        directory.exposition().replaceAll("(?m)^.*c_created.*\n", ""));
    assertConflicts("help");
  }

  private static FamilyDescriptor withHelp(String help) {
    return new FamilyDescriptor(
        "c", MetricType.COUNTER, help, "", List.of(), GaugeFold.SUM, false, List.of());
  }

  @Test
  void showsTheNewestUnit() throws IOException {
    before.counter(counter("c_bytes")).add(1);
    after
        .counter(
            new FamilyDescriptor(
                "c_bytes",
                MetricType.COUNTER,
                "Help of c_bytes.",
                "bytes",
                List.of(),
                GaugeFold.SUM,
                false,
                List.of()))
        .add(2);
    assertEquals("c_bytes_total 3.0\n", directory.samples());
    assertEquals("bytes", directory.collector.collect().get(0).unit);
    assertConflicts("unit");
  }

  /** client_python shows the gauge's series inside the counter's family. */
  @Test
  void leavesOutAnotherType() throws IOException {
    before.counter(counter("ty")).add(1);
    after.gauge(gauge("ty", GaugeFold.SUM)).set(2);
    assertEquals("ty 2.0\n", directory.samples());
    assertConflicts("type");
  }

  @Test
  void leavesOutOtherLabelNames() throws IOException {
    before.counter(counter("c", "a"), "x").add(1);
    after.counter(counter("c", "a", "b"), "x", "y").add(2);
    assertEquals("c_total{a=\"x\",b=\"y\",} 2.0\n", directory.samples());
    assertConflicts("labels");
  }

  /** client_python applies the mode of whichever file it reads last. */
  @Test
  void appliesTheNewestModeToAll() throws IOException {
    before.gauge(gauge("g", GaugeFold.SUM)).set(1);
    after.gauge(gauge("g", GaugeFold.MAX)).set(5);
    assertEquals("g 5.0\n", directory.samples());
    assertConflicts("mode");

    directory.worker("newest").gauge(gauge("g", GaugeFold.SUM)).set(10);
    assertEquals("g 16.0\n", directory.samples());
  }

  @ParameterizedTest
  @CsvSource({
    "SUM, MAX",
    "MAX, SUM",
    "MIN, SUM",
    "SUM, ALL",
    "ALL, SUM",
    "MOSTRECENT, SUM",
    "SUM, MOSTRECENT"
  })
  void showsTheSameWhenThoseOfAnotherModeAreRetired(GaugeFold old, GaugeFold now)
      throws IOException {
    for (boolean oldLive : new boolean[] {false, true}) {
      for (boolean nowLive : new boolean[] {false, true}) {
        String name = "g_" + oldLive + "_" + nowLive;
        before.gauge(oldLive ? liveGauge(name, old) : gauge(name, old)).set(5);
        after.gauge(oldLive ? liveGauge(name, old) : gauge(name, old)).set(6);
      }
    }
    Worker newest = directory.worker("newest");
    for (boolean oldLive : new boolean[] {false, true}) {
      for (boolean nowLive : new boolean[] {false, true}) {
        String name = "g_" + oldLive + "_" + nowLive;
        newest.gauge(nowLive ? liveGauge(name, now) : gauge(name, now)).set(2);
      }
    }
    before.close();
    String whileOneLives = directory.samples();
    directory.retire();
    assertEquals(whileOneLives, directory.samples());
    after.close();
    String whenBothAreDead = directory.samples();
    directory.retire();
    assertEquals(whenBothAreDead, directory.samples());
    newest.close();
    String whenAllAreDead = directory.samples();
    directory.retire();
    assertEquals(whenAllAreDead, directory.samples());
  }

  /** client_python shows the union of the bounds and counts too little above a missing one. */
  @Test
  void movesCountsToTheNewestBounds() throws IOException {
    FamilyDescriptor old = histogram("h", List.of(1.0, 5.0, 10.0));
    FamilyDescriptor now = histogram("h", List.of(0.5, 5.0, 7.0));
    before.distribution(old).addAll(new double[] {100, 1, 10, 100, 1000});
    after.distribution(now).addAll(new double[] {7, 1, 1, 1, 1});
    assertEquals(
        """
        h_bucket{le="0.5",} 1.0
        h_bucket{le="5.0",} 13.0
        h_bucket{le="7.0",} 14.0
        h_bucket{le="+Inf",} 1115.0
        h_count 1115.0
        h_sum 107.0
        """,
        directory.samples());
    assertConflicts("buckets");
  }

  @Test
  void keepsTheNewerOfTwoFamiliesWithOneSampleName() throws IOException {
    before.gauge(gauge("x_total", GaugeFold.SUM)).set(1);
    after.counter(counter("x")).add(2);
    assertEquals("x_total 2.0\n", directory.samples());
    assertConflicts("type");
  }

  @Test
  void theNewestDefinesEvenWhenItIsDead() throws IOException {
    before.gauge(gauge("g", GaugeFold.SUM)).set(1);
    after.gauge(gauge("g", GaugeFold.MAX)).set(5);
    after.close();
    assertEquals("g 5.0\n", directory.samples());
  }
}
