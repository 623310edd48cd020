package io.github.multiprom.merge;

import static io.github.multiprom.merge.WorkerDirectory.counter;
import static io.github.multiprom.merge.WorkerDirectory.gauge;
import static io.github.multiprom.merge.WorkerDirectory.histogram;
import static io.github.multiprom.merge.WorkerDirectory.liveGauge;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

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
import org.junit.jupiter.params.provider.ValueSource;

/** What retired workers counted, read back from the retained file. */
@Tag(StoreUnderTest.TAG)
class RetainedMergeTest {
  private static final FamilyDescriptor C = counter("c", "l");

  @TempDir Path path;
  private WorkerDirectory directory;

  @BeforeEach
  void open() {
    directory = new WorkerDirectory(path);
  }

  @AfterEach
  void close() {
    directory.close();
  }

  @Test
  void isShownAsIfTheWorkersHadFiles() throws IOException {
    FamilyDescriptor h = histogram("h", List.of(1.0));
    for (int i = 1; i <= 3; i++) {
      Worker worker = directory.worker("w" + i);
      worker.counter(C, "a").add(i * 0.1);
      worker.distribution(h).observe(i % 2, i * 0.1);
      for (GaugeFold fold : GaugeFold.values()) {
        worker.gauge(gauge("g_" + fold, fold)).set(i * 0.1);
        worker.gauge(liveGauge("live_" + fold, fold)).set(i * 0.1);
      }
      if (i < 3) {
        worker.close();
      }
    }
    String before = directory.exposition();
    directory.retire();
    assertEquals(before, directory.exposition());
    assertEquals(0, directory.value("multiprom_workers", "dead"));
    directory.retire();
    assertEquals(before, directory.exposition());
  }

  @Test
  void isLeftOutWhereANewerWorkerHasTheName() throws IOException {
    FamilyDescriptor g = gauge("g", GaugeFold.ALL);
    Worker dead = directory.worker("1");
    dead.gauge(g).set(1);
    dead.close();
    directory.retire();
    assertEquals("g{worker=\"1\",} 1.0\n", directory.samples());

    Worker live = directory.worker("1");
    live.gauge(g).set(2);
    assertEquals("g{worker=\"1\",} 2.0\n", directory.samples());
  }

  @Test
  void isNotMixedWithAnOlderWorkerOfTheNameThatEndedLater() throws IOException {
    FamilyDescriptor g = gauge("g", GaugeFold.ALL, "job");
    Worker older = directory.worker("slot");
    older.gauge(g, "a").set(1);
    older.gauge(g, "b").set(1);
    Worker newer = directory.worker("slot");
    newer.gauge(g, "a").set(2);
    newer.close();
    directory.retire();
    older.close();
    assertEquals("g{job=\"a\",worker=\"slot\",} 2.0\n", directory.samples());
    directory.retire();
    assertEquals("g{job=\"a\",worker=\"slot\",} 2.0\n", directory.samples());
  }

  @Test
  void hasOfWorkersOfOneNameTheNewest() throws IOException {
    FamilyDescriptor g = gauge("g", GaugeFold.ALL, "job");
    for (int i = 1; i <= 3; i++) {
      Worker slot = directory.worker("slot");
      slot.gauge(g, "job " + i).set(i);
      slot.close();
      if (i == 1) {
        directory.retire();
      }
    }
    assertEquals("g{job=\"job 3\",worker=\"slot\",} 3.0\n", directory.samples());
    directory.retire();
    assertEquals("g{job=\"job 3\",worker=\"slot\",} 3.0\n", directory.samples());

    Worker without = directory.worker("slot");
    without.counter(C, "a").add(1);
    without.close();
    assertEquals("c_total{l=\"a\",} 1.0\n", directory.samples());
    directory.retire();
    assertEquals("c_total{l=\"a\",} 1.0\n", directory.samples());
  }

  @Test
  void isHiddenWithARemovedSeries() throws IOException {
    Worker dead = directory.worker("1");
    dead.counter(C, "a").add(1);
    dead.counter(C, "b").add(2);
    dead.close();
    directory.retire();
    Worker live = directory.worker("2");
    live.counter(C, "a").add(4);
    assertEquals("c_total{l=\"a\",} 5.0\nc_total{l=\"b\",} 2.0\n", directory.samples());

    live.remove(C, "a");
    assertEquals("c_total{l=\"b\",} 2.0\n", directory.samples());

    live.counter(C, "a").add(8);
    assertEquals("c_total{l=\"a\",} 8.0\nc_total{l=\"b\",} 2.0\n", directory.samples());
  }

  @Test
  void keepsApartWhatAWorkerKeptApart() throws IOException {
    Worker dead = directory.worker("1", 12_000);
    for (int i = 0; i < 12_000; i++) {
      dead.counter(C, "/" + i).add(i);
    }
    String before = directory.samples();
    dead.close();
    directory.retire();
    assertEquals(before, directory.samples());

    Worker other = directory.worker("2", 1);
    other.counter(C, "/1").add(1);
    other.close();
    directory.retire();
    assertEquals(before.replace("/1\",} 1.0", "/1\",} 2.0"), directory.samples());
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void isBoundedByTheGreatestLimitAndWhatLives(boolean oneByOne) throws IOException {
    Worker first = directory.worker("1", 2);
    first.counter(C, "a").add(1);
    first.counter(C, "b").add(2);
    Worker second = directory.worker("2", 1);
    second.counter(C, "c").add(4);
    second.counter(C, "d").add(8);
    Worker live = directory.worker("3", 1);
    live.counter(C, "d").add(16);
    first.close();
    if (oneByOne) {
      directory.retire();
    }
    second.close();
    directory.retire();
    // Of those that no live worker has, the ones that ended first.
    assertEquals(
        """
        c_total{l="c",} 4.0
        c_total{l="d",} 24.0
        c_total{l="overflow",} 3.0
        """,
        directory.samples());

    live.close();
    directory.retire();
    assertEquals(1 + 2 + 4 + 8 + 16, sum(directory.samples()));
    assertTrue(directory.samples().lines().count() <= 3, directory::samples);
  }

  @Test
  void doesNotTakeAwayAShareOfASeriesThatStays() throws IOException {
    Worker first = directory.worker("1", 2);
    first.counter(C, "").add(1);
    first.counter(counter("c", "l", "m"), "overflow", "").add(2);
    Worker second = directory.worker("2", 2);
    second.counter(counter("c")).add(4);
    second.counter(C, "overflow").add(8);
    second.counter(C, "a").add(16);
    first.close();
    WorkerDirectory.awaitNextMillisecond();
    second.close();
    String before = directory.samples();
    directory.retire();
    assertEquals(before, directory.samples());

    Worker third = directory.worker("3", 2);
    third.counter(C, "b").add(32);
    third.counter(C, "c").add(64);
    third.close();
    directory.retire();
    assertEquals(
        """
        c_total 5.0
        c_total{l="b",} 32.0
        c_total{l="c",} 64.0
        c_total{l="overflow",} 26.0
        """,
        directory.samples());
  }

  /** After a label explosion, the series with the label go first. */
  @Test
  void isBoundedOverAllLabelListsOfAName() throws IOException {
    Worker exploded = directory.worker("1", 2);
    exploded.counter(counter("c", "l", "user"), "a", "1").add(1);
    exploded.counter(counter("c", "l", "user"), "a", "2").add(2);
    directory.worker("2", 2).counter(C, "live").add(100);
    Worker second = directory.worker("3", 2);
    second.counter(C, "a").add(4);
    second.counter(C, "b").add(8);
    second.close();
    exploded.close();
    directory.retire();
    assertEquals(
        """
        c_total{l="a",} 4.0
        c_total{l="b",} 8.0
        c_total{l="live",} 100.0
        c_total{l="overflow",user="overflow",} 3.0
        """,
        directory.samples());
  }

  @Test
  void ofABacklogKeepsApartWhatALiveWorkerHas() throws IOException {
    Worker live = directory.worker("live", 1);
    live.counter(C, "hot").add(1);
    for (int i = 0; i < 3; i++) {
      Worker dead = directory.worker("dead" + i, 1);
      dead.counter(C, "own " + i).add(1);
      dead.counter(C, "hot").add(10);
      dead.close();
    }
    directory.retire(true);
    assertEquals(31, directory.value("c_total", "hot"));
    assertEquals(34, sum(directory.samples()));
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void hasNoSumThatIsNotFinite(boolean retired) throws IOException {
    FamilyDescriptor g = gauge("g", GaugeFold.SUM);
    for (double value : new double[] {Double.NaN, Double.POSITIVE_INFINITY, 2}) {
      Worker dead = directory.worker("w" + value);
      dead.gauge(g).set(value);
      dead.close();
    }
    if (retired) {
      directory.retire();
    }
    directory.worker("live").gauge(g).set(1);
    assertEquals("g 3.0\n", directory.samples());
  }

  private static double sum(String samples) {
    return samples
        .lines()
        .mapToDouble(line -> Double.parseDouble(line.substring(line.indexOf(' '))))
        .sum();
  }

  @Test
  void isNoConflict() throws IOException {
    Worker dead = directory.worker("1");
    dead.gauge(gauge("c", GaugeFold.SUM)).set(1);
    dead.close();
    directory.retire();
    directory.worker("2").counter(C, "a").add(4);
    assertEquals("c_total{l=\"a\",} 4.0\n", directory.samples());
    assertEquals(0, directory.value("multiprom_conflicts", "type"));
  }
}
