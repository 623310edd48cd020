package io.github.multiprom.merge;

import static io.github.multiprom.merge.WorkerDirectory.counter;
import static io.github.multiprom.merge.WorkerDirectory.gauge;
import static io.github.multiprom.merge.WorkerDirectory.histogram;
import static io.github.multiprom.merge.WorkerDirectory.liveGauge;
import static io.github.multiprom.merge.WorkerDirectory.summary;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.multiprom.internal.cell.GaugeCell;
import io.github.multiprom.internal.worker.StoreUnderTest;
import io.github.multiprom.merge.WorkerDirectory.Worker;
import io.github.multiprom.model.FamilyDescriptor;
import io.github.multiprom.model.GaugeFold;
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
import org.junit.jupiter.params.provider.EnumSource;

/** The merge rules, over worker files. Two workers: 123 is the older one. */
@Tag(StoreUnderTest.TAG)
class MergeRulesTest {
  @TempDir Path path;
  private WorkerDirectory directory;
  private Worker one;
  private Worker two;

  @BeforeEach
  void startWorkers() throws IOException {
    directory = new WorkerDirectory(path);
    one = directory.worker("123");
    two = directory.worker("456");
  }

  @AfterEach
  void stopWorkers() {
    directory.close();
  }

  @Test
  void countersAddUp() throws IOException {
    FamilyDescriptor c = counter("c");
    one.counter(c);
    two.counter(c);
    assertEquals("c_total 0.0\n", directory.samples());

    one.counter(c).add(1);
    two.counter(c).add(2);
    assertEquals("c_total 3.0\n", directory.samples());
  }

  @Test
  void countersOfDeadWorkersStayInTheSum() throws IOException {
    FamilyDescriptor c = counter("c");
    one.counter(c).add(1);
    two.counter(c).add(2);
    one.close();
    two.close();

    directory.worker("789").counter(c).add(4);

    assertEquals("c_total 7.0\n", directory.samples());
  }

  @Test
  void summariesAddUp() throws IOException {
    FamilyDescriptor s = summary("s");
    one.distribution(s).observe(0, 1);
    two.distribution(s).observe(0, 2);
    assertEquals("s_count 2.0\ns_sum 3.0\n", directory.samples());
  }

  @Test
  void histogramsAddUpAndAreCumulative() throws IOException {
    FamilyDescriptor h = histogram("h", List.of(0.75, 1.0, 2.5, 5.0), "l");
    one.distribution(h, "a").observe(1, 1);
    two.distribution(h, "a").observe(3, 5);
    assertEquals(
        """
        h_bucket{l="a",le="0.75",} 0.0
        h_bucket{l="a",le="1.0",} 1.0
        h_bucket{l="a",le="2.5",} 1.0
        h_bucket{l="a",le="5.0",} 2.0
        h_bucket{l="a",le="+Inf",} 2.0
        h_count{l="a",} 2.0
        h_sum{l="a",} 6.0
        """,
        directory.samples());
  }

  @Test
  void observationsOfNaNReachTheSumOnly() throws IOException {
    FamilyDescriptor s = summary("s");
    one.distribution(s).observe(0, 1);
    two.distribution(s)
        .observe(io.github.multiprom.internal.cell.DistributionCells.NO_BUCKET, Double.NaN);
    assertEquals("s_count 1.0\ns_sum NaN\n", directory.samples());
  }

  /** client_python, tests/test_multiprocess.py: its gauge tests, with 123 dead in the end. */
  @ParameterizedTest
  @CsvSource({
    "ALL,         false, 1, 2, 'g{worker=\"123\",} 1.0,g{worker=\"456\",} 2.0', "
        + "'g{worker=\"123\",} 1.0,g{worker=\"456\",} 2.0'",
    "ALL,         true,  1, 2, 'g{worker=\"123\",} 1.0,g{worker=\"456\",} 2.0', "
        + "'g{worker=\"456\",} 2.0'",
    "MIN,         false, 1, 2, g 1.0, g 1.0",
    "MIN,         true,  1, 2, g 1.0, g 2.0",
    "MAX,         false, 1, 2, g 2.0, g 2.0",
    "MAX,         true,  2, 1, g 2.0, g 1.0",
    "SUM,         false, 1, 2, g 3.0, g 3.0",
    "SUM,         true,  1, 2, g 3.0, g 2.0",
    "MOSTRECENT,  false, 1, 2, g 1.0, g 1.0",
    "MOSTRECENT,  true,  1, 2, g 1.0, g 2.0",
  })
  void gaugesMergeByTheirMode(
      GaugeFold fold, boolean liveOnly, double first, double second, String both, String after)
      throws IOException {
    FamilyDescriptor g = liveOnly ? liveGauge("g", fold) : gauge("g", fold);
    two.gauge(g).set(second);
    WorkerDirectory.awaitNextMillisecond();
    one.gauge(g).set(first);
    assertEquals(both.replace(",g", "\ng") + "\n", directory.samples());

    one.close();
    assertEquals(after.replace(",g", "\ng") + "\n", directory.samples());
  }

  @ParameterizedTest
  @EnumSource(GaugeFold.class)
  void aWithdrawnGaugeTakesNoPartUntilItIsSetAgain(GaugeFold fold) throws IOException {
    FamilyDescriptor g = gauge("g", fold);
    GaugeCell cell = one.gauge(g);
    cell.set(7);
    cell.withdraw();
    assertEquals("", directory.samples());
    two.gauge(g).set(5);
    String label = fold == GaugeFold.ALL ? "{worker=\"456\",}" : "";
    assertEquals("g" + label + " 5.0\n", directory.samples());
    cell.set(7);
    if (fold == GaugeFold.SUM) {
      assertEquals("g 12.0\n", directory.samples());
    }
    cell.withdraw();
    one.close();
    assertEquals("g" + label + " 5.0\n", directory.samples());
    directory.retire();
    assertEquals("g" + label + " 5.0\n", directory.samples());
  }

  /** client_ruby, spec/prometheus/client/data_stores/direct_file_store_spec.rb: aggregations. */
  @ParameterizedTest
  @CsvSource({
    "SUM, 4.0, 9.0, 3.0, 1.0",
    "MAX, 3.0, 7.0, 3.0, 1.0",
    "MIN, 1.0, 2.0, 3.0, 1.0",
  })
  void aggregatesAsClientRuby(GaugeFold fold, String bar, String baz, String yyy, String zzz)
      throws IOException {
    FamilyDescriptor g = gauge("g", fold, "foo");
    one.gauge(g, "bar").add(1);
    one.gauge(g, "baz").add(7);
    one.gauge(g, "yyy").add(3);
    two.gauge(g, "bar").add(3);
    two.gauge(g, "baz").add(2);
    two.gauge(g, "zzz").add(1);
    assertEquals(
        String.format(
            "g{foo=\"bar\",} %s%ng{foo=\"baz\",} %s%ng{foo=\"yyy\",} %s%ng{foo=\"zzz\",} %s%n",
            bar, baz, yyy, zzz),
        directory.samples());
  }

  @Test
  void showsEveryProcessAsClientRuby() throws IOException {
    FamilyDescriptor g = gauge("g", GaugeFold.ALL, "foo");
    one.gauge(g, "bar").add(1);
    one.gauge(g, "baz").add(7);
    two.gauge(g, "bar").add(3);
    two.gauge(g, "zzz").add(1);
    assertEquals(
        """
        g{foo="bar",worker="123",} 1.0
        g{foo="bar",worker="456",} 3.0
        g{foo="baz",worker="123",} 7.0
        g{foo="zzz",worker="456",} 1.0
        """,
        directory.samples());
  }

  @Test
  void takesTheMostRecentAsClientRuby() throws IOException {
    FamilyDescriptor g = gauge("g", GaugeFold.MOSTRECENT, "foo");
    one.gauge(g, "bar").set(1);
    two.gauge(g, "baz").set(2);
    two.gauge(g, "zzz").set(1);
    WorkerDirectory.awaitNextMillisecond();
    two.gauge(g, "bar").set(3);
    one.gauge(g, "baz").set(4);
    assertEquals(
        "g{foo=\"bar\",} 3.0\ng{foo=\"baz\",} 4.0\ng{foo=\"zzz\",} 1.0\n", directory.samples());
  }

  /** client_ruby's "coalesces values irrespective of the order of labels". */
  @Test
  void theOrderOfLabelsDoesNotMatter() throws IOException {
    FamilyDescriptor ab = counter("c", "a", "b");
    FamilyDescriptor ba = counter("c", "b", "a");
    one.counter(ab, "1", "2").add(1);
    two.counter(ba, "2", "1").add(20);
    one.counter(ab, "x", "y").add(7);
    two.counter(ba, "x", "y").add(3);
    assertEquals(
        """
        c_total{b="2",a="1",} 21.0
        c_total{b="x",a="y",} 3.0
        c_total{b="y",a="x",} 7.0
        """,
        directory.samples());
    assertEquals(0, directory.value("multiprom_conflicts", "labels"));
  }

  @ParameterizedTest
  @CsvSource({"MIN", "MAX", "SUM", "MOSTRECENT"})
  void unsetGaugesTakeNoPart(GaugeFold fold) throws IOException {
    FamilyDescriptor g = gauge("g", fold);
    one.gauge(g);
    two.gauge(g);
    assertEquals("g 0.0\n", directory.samples());

    one.gauge(g).set(-5);
    assertEquals("g -5.0\n", directory.samples());
    one.gauge(g).set(5);
    assertEquals("g 5.0\n", directory.samples());
  }

  @Test
  void unsetGaugesShownOneByOneGiveWayToSetOnes() throws IOException {
    FamilyDescriptor g = gauge("g", GaugeFold.ALL);
    one.gauge(g);
    two.gauge(g);
    assertEquals("g{worker=\"123\",} 0.0\ng{worker=\"456\",} 0.0\n", directory.samples());

    two.gauge(g).set(2);
    assertEquals("g{worker=\"456\",} 2.0\n", directory.samples());

    one.gauge(g).set(0);
    assertEquals("g{worker=\"123\",} 0.0\ng{worker=\"456\",} 2.0\n", directory.samples());
  }

  @Test
  void liveGaugesThatNoLiveWorkerHasAreNotShown() throws IOException {
    FamilyDescriptor g = liveGauge("g", GaugeFold.SUM);
    one.gauge(g).set(1);
    one.close();
    assertEquals("", directory.exposition());
  }

  @Test
  void anUnsetLiveGaugeIsZeroWhateverADeadWorkerSet() throws IOException {
    FamilyDescriptor g = liveGauge("g", GaugeFold.MAX);
    one.gauge(g).set(9);
    two.gauge(g);
    one.close();
    assertEquals("g 0.0\n", directory.samples());
  }

  @ParameterizedTest
  @CsvSource({
    "MIN, NaN, 1.0, 1.0",
    "MIN, 1.0, NaN, 1.0",
    "MIN, NaN, NaN, NaN",
    "MAX, NaN, 1.0, 1.0",
    "MAX, 1.0, NaN, 1.0",
    "MAX, NaN, NaN, NaN",
    "SUM, NaN, 1.0, NaN",
    "SUM, 1.0, NaN, NaN",
    "MOSTRECENT, NaN, 1.0, 1.0",
    "MOSTRECENT, 1.0, NaN, NaN",
    "MIN, -0.0, 0.0, -0.0",
    "MIN, 0.0, -0.0, -0.0",
    "MAX, -0.0, 0.0, 0.0",
    "MAX, 0.0, -0.0, 0.0",
    "SUM, +Inf, -Inf, NaN",
    "SUM, +Inf, 1.0, +Inf",
  })
  void unusualValuesMergeByOneRule(GaugeFold fold, String first, String second, String merged)
      throws IOException {
    FamilyDescriptor g = gauge("g", fold);
    one.gauge(g).set(parse(first));
    WorkerDirectory.awaitNextMillisecond();
    two.gauge(g).set(parse(second));
    assertEquals("g " + merged + "\n", directory.samples());
  }

  private static double parse(String value) {
    return Double.parseDouble(value.replace("Inf", "Infinity"));
  }

  @Test
  void aLabelNamedLikeTheWorkerLabelIsExported() throws IOException {
    FamilyDescriptor g = gauge("g", GaugeFold.ALL, "worker", "x");
    one.gauge(g, "own", "y").set(1);
    assertEquals("g{exported_worker=\"own\",x=\"y\",worker=\"123\",} 1.0\n", directory.samples());
  }

  @Test
  void familiesAndSeriesAreSorted() throws IOException {
    FamilyDescriptor b = counter("b", "l");
    two.counter(b, "y").add(1);
    two.counter(counter("a")).add(1);
    one.counter(b, "z").add(1);
    one.counter(b, "").add(1);
    assertEquals(
        """
        a_total 1.0
        b_total{l="",} 1.0
        b_total{l="y",} 1.0
        b_total{l="z",} 1.0
        """,
        directory.samples());
  }

  @Test
  void helpTypeAndCreatedAreShown() throws IOException {
    FamilyDescriptor c = counter("c");
    one.family(c);
    one.writer.addSeries(0, List.of(), 2_500_000_000L);
    two.family(c);
    two.writer.addSeries(0, List.of(), 1_500_000_000L);
    assertEquals(
        """
        # HELP c_total Help of c.
        # TYPE c_total counter
        c_total 0.0
        # HELP c_created Help of c.
        # TYPE c_created gauge
        c_created 1.5
        """,
        directory.exposition());
  }

  @Test
  void aFamilyWithoutSeriesIsShownWithoutSamples() throws IOException {
    one.family(counter("c", "l"));
    assertEquals("# HELP c_total Help of c.\n# TYPE c_total counter\n", directory.exposition());
  }
}
