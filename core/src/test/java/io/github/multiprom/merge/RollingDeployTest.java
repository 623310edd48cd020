package io.github.multiprom.merge;

import static io.github.multiprom.merge.WorkerDirectory.counter;
import static io.github.multiprom.merge.WorkerDirectory.gauge;
import static io.github.multiprom.merge.WorkerDirectory.histogram;
import static io.github.multiprom.merge.WorkerDirectory.liveGauge;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.multiprom.internal.worker.StoreUnderTest;
import io.github.multiprom.merge.WorkerDirectory.Worker;
import io.github.multiprom.model.FamilyDescriptor;
import io.github.multiprom.model.GaugeFold;
import io.github.multiprom.model.MetricType;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

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
  void leavesOutTheTypeOfFewerLiveWorkers() throws IOException {
    before.counter(counter("ty")).add(1);
    after.gauge(gauge("ty", GaugeFold.SUM)).set(2);
    assertEquals("ty_total 1.0\n", directory.samples());
    assertConflicts("type");

    Worker third = directory.killableWorker("third");
    third.gauge(gauge("ty", GaugeFold.SUM)).set(4);
    assertEquals("ty 6.0\n", directory.samples());

    third.kill();
    assertEquals("ty_total 1.0\n", directory.samples());
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aDeadCanaryHidesNothing(boolean retired) throws IOException {
    before.counter(counter("jobs")).add(1000);
    after.gauge(gauge("jobs", GaugeFold.SUM)).set(7);
    after.close();
    if (retired) {
      directory.retire();
    }
    assertEquals("jobs_total 1000.0\n", directory.samples());
  }

  @Test
  void showsWithoutLiveWorkersTheTypeOfTheOneThatLivedLast() throws IOException {
    before.counter(counter("jobs")).add(1000);
    after.gauge(gauge("jobs", GaugeFold.SUM)).set(7);
    after.close();
    WorkerDirectory.awaitNextMillisecond();
    before.close();
    assertEquals("jobs_total 1000.0\n", directory.samples());
    directory.retire();
    assertEquals("jobs_total 1000.0\n", directory.samples());

    directory.worker("canary").gauge(gauge("jobs", GaugeFold.SUM)).set(7);
    assertEquals("jobs 14.0\n", directory.samples());
  }

  @Test
  void whatADeadWorkerDoesNotShowHidesNothing() throws IOException {
    before.counter(counter("jobs")).add(1000);
    before.counter(counter("runs")).add(1000);
    before.close();
    WorkerDirectory.awaitNextMillisecond();
    after.gauge(liveGauge("jobs_total", GaugeFold.MAX)).set(7);
    after.gauge(gauge("runs", GaugeFold.SUM, "l"), "x").set(7);
    after.remove(gauge("runs", GaugeFold.SUM, "l"), "x");
    after.close();
    assertEquals("jobs_total 1000.0\nruns_total 1000.0\n", directory.samples());
    directory.retire();
    assertEquals("jobs_total 1000.0\nruns_total 1000.0\n", directory.samples());
  }

  @Test
  void showsOtherLabelNamesSideBySide() throws IOException {
    before.counter(counter("c", "a"), "x").add(1);
    after.counter(counter("c", "b", "a"), "y", "x").add(2);
    assertEquals("c_total{a=\"x\",} 1.0\nc_total{b=\"y\",a=\"x\",} 2.0\n", directory.samples());
    assertConflicts("labels");

    after.counter(counter("c", "b", "a"), "", "x").add(4);
    assertEquals("c_total{a=\"x\",} 5.0\nc_total{b=\"y\",a=\"x\",} 2.0\n", directory.samples());

    before.close();
    directory.retire();
    assertEquals("c_total{a=\"x\",} 5.0\nc_total{b=\"y\",a=\"x\",} 2.0\n", directory.samples());

    after.close();
    directory.retire();
    assertEquals(
        Set.of("c_total{a=\"x\",} 5.0", "c_total{b=\"y\",a=\"x\",} 2.0"),
        directory
            .samples()
            .lines()
            .map(line -> line.replace("a=\"x\",b=\"y\"", "b=\"y\",a=\"x\""))
            .collect(Collectors.toSet()));
  }

  @Test
  void oneWorkerMayHaveSeveralLabelListsAndBounds() throws IOException {
    for (Worker worker : List.of(before, after)) {
      worker.counter(counter("c")).add(1);
      worker.counter(counter("c", "l"), "x").add(2);
      worker.distribution(histogram("h", List.of(1.0), "l"), "x").observe(0, 0.5);
      worker.distribution(histogram("h", List.of(2.0), "l"), "y").observe(0, 0.5);
    }
    String shown =
        """
        c_total 2.0
        c_total{l="x",} 4.0
        h_bucket{l="x",le="1.0",} 2.0
        h_bucket{l="x",le="+Inf",} 2.0
        h_count{l="x",} 2.0
        h_sum{l="x",} 1.0
        h_bucket{l="y",le="2.0",} 2.0
        h_bucket{l="y",le="+Inf",} 2.0
        h_count{l="y",} 2.0
        h_sum{l="y",} 1.0
        """;
    assertEquals(shown, directory.samples());
    assertConflicts("none");

    before.close();
    after.close();
    directory.retire();
    assertEquals(shown, directory.samples());
  }

  @Test
  void removingOneOfTwoEqualSeriesOfAWorkerHidesNothing() throws IOException {
    before.counter(counter("c")).add(1);
    before.counter(counter("c", "l"), "").add(2);
    before.remove(counter("c", "l"), "");
    assertEquals("c_total 3.0\n", directory.samples());
  }

  @Test
  void aRemovedSeriesIsTheSameInEveryLabelList() throws IOException {
    Worker dead = directory.worker("dead");
    dead.counter(counter("c", "a"), "x").add(10);
    dead.close();
    directory.retire();
    before.counter(counter("c", "a"), "x").add(1);
    after.counter(counter("c", "a", "b"), "x", "").add(2);
    before.remove(counter("c", "a"), "x");
    assertEquals("c_total{a=\"x\",} 13.0\n", directory.samples());
    directory.retire();
    assertEquals("c_total{a=\"x\",} 13.0\n", directory.samples());

    after.remove(counter("c", "a", "b"), "x", "");
    assertEquals("", directory.samples());
    directory.retire();
    assertEquals("", directory.samples());
  }

  @Test
  void theWorkerLabelClashesInAllSeriesAlike() throws IOException {
    before.gauge(gauge("g", GaugeFold.ALL, "worker"), "own").set(1);
    after.gauge(gauge("g", GaugeFold.ALL)).set(2);
    assertEquals(
        "g{worker=\"after\",} 2.0\ng{exported_worker=\"own\",worker=\"before\",} 1.0\n",
        directory.samples());
  }

  /** client_python applies the mode of whichever file it reads last. */
  @Test
  void appliesTheModeOfMostLiveWorkersToAllOfThem() throws IOException {
    before.gauge(gauge("g", GaugeFold.SUM)).set(1);
    after.gauge(gauge("g", GaugeFold.MAX)).set(5);
    assertEquals("g 6.0\n", directory.samples());
    assertConflicts("mode");

    directory.worker("third").gauge(gauge("g", GaugeFold.MAX)).set(10);
    assertEquals("g 10.0\n", directory.samples());
  }

  /** A job ended; a canary of another mode lives for a moment, in which the job is retired. */
  @ParameterizedTest
  @CsvSource({"MAX, false", "ALL, false", "MAX, true", "SUM, true"})
  void theModeOfACanaryChangesNothingThatIsKept(GaugeFold fold, boolean liveOnly)
      throws IOException {
    FamilyDescriptor sum = gauge("g", GaugeFold.SUM);
    before.gauge(sum).set(5);
    before.close();
    after.gauge(liveOnly ? liveGauge("g", fold) : gauge("g", fold)).set(3);
    directory.retire();
    after.close();
    directory.retire();
    directory.worker("rolled back").gauge(sum).set(4);
    assertEquals("g 9.0\n", directory.samples());
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
  void showsTheUnionOfTheBounds() throws IOException {
    FamilyDescriptor old = histogram("h", List.of(1.0, 5.0, 10.0));
    FamilyDescriptor now = histogram("h", List.of(0.5, 5.0, 7.0));
    before.distribution(old).addAll(new double[] {100, 1, 10, 100, 1000});
    after.distribution(now).addAll(new double[] {7, 1, 1, 1, 1});
    String rest = "h_bucket{le=\"+Inf\",} 1115.0\nh_count 1115.0\nh_sum 107.0\n";
    String both =
        """
        h_bucket{le="0.5",} 1.0
        h_bucket{le="1.0",} 2.0
        h_bucket{le="5.0",} 13.0
        h_bucket{le="7.0",} 14.0
        h_bucket{le="10.0",} 114.0
        """;
    assertEquals(both + rest, directory.samples());
    assertConflicts("buckets");

    before.close();
    String newBounds =
        """
        h_bucket{le="0.5",} 1.0
        h_bucket{le="5.0",} 13.0
        h_bucket{le="7.0",} 14.0
        """;
    assertEquals(newBounds + rest, directory.samples());
    directory.retire();
    assertEquals(newBounds + rest, directory.samples());

    directory.worker("rolled back").distribution(old);
    assertEquals(both + rest, directory.samples());

    after.close();
    directory.retire();
    assertEquals(
        """
        h_bucket{le="1.0",} 2.0
        h_bucket{le="5.0",} 13.0
        h_bucket{le="10.0",} 114.0
        """
            + rest,
        directory.samples());
  }

  /** The series that no live worker has keeps the bounds with which it was counted last. */
  @Test
  void boundsBelongToTheLabelSet() throws IOException {
    before.distribution(histogram("h", List.of(1.0), "l"), "old").observe(0, 0.5);
    before.close();
    after.distribution(histogram("h", List.of(2.0), "l"), "new").observe(0, 0.5);
    String shown =
        """
        h_bucket{l="new",le="2.0",} 1.0
        h_bucket{l="new",le="+Inf",} 1.0
        h_count{l="new",} 1.0
        h_sum{l="new",} 0.5
        h_bucket{l="old",le="1.0",} 1.0
        h_bucket{l="old",le="+Inf",} 1.0
        h_count{l="old",} 1.0
        h_sum{l="old",} 0.5
        """;
    assertEquals(shown, directory.samples());
    directory.retire();
    assertEquals(shown, directory.samples());
  }

  @Test
  void ofTwoFamiliesWithOneSampleNameKeepsThatOfMostLiveWorkers() throws IOException {
    before.gauge(gauge("x_total", GaugeFold.SUM)).set(1);
    after.counter(counter("x")).add(2);
    assertEquals("x_total 1.0\n", directory.samples());
    assertConflicts("type");

    Worker third = directory.worker("third");
    third.counter(counter("x")).add(4);
    assertEquals("x_total 6.0\n", directory.samples());
  }

  @Test
  void createdSamplesGiveWayToAFamilyOfTheirName() throws IOException {
    before.counter(counter("x")).add(1);
    after.gauge(gauge("x_created", GaugeFold.SUM)).set(2);
    assertEquals(
        """
        # HELP x_total Help of x.
        # TYPE x_total counter
        x_total 1.0
        # HELP x_created Help of x_created.
        # TYPE x_created gauge
        x_created 2.0
        """,
        directory.exposition());
    assertConflicts("none");
  }

  @Test
  void aDeadWorkerDefinesNothing() throws IOException {
    before.gauge(gauge("g", GaugeFold.SUM)).set(1);
    after.gauge(gauge("g", GaugeFold.MAX)).set(5);
    after.close();
    assertEquals("g 1.0\n", directory.samples());
  }
}
