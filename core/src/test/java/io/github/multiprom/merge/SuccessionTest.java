package io.github.multiprom.merge;

import static io.github.multiprom.merge.WorkerDirectory.counter;
import static io.github.multiprom.merge.WorkerDirectory.gauge;
import static io.github.multiprom.merge.WorkerDirectory.liveGauge;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.multiprom.model.DirectorySnapshot;
import io.github.multiprom.model.FamilyDescriptor;
import io.github.multiprom.model.GaugeFold;
import io.github.multiprom.model.Incarnation;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** A worker that goes on in another file, its earlier one being there. */
class SuccessionTest {
  private static final FamilyDescriptor C = counter("c", "l");
  private static final long SECOND = 1_000_000_000L;

  private final MadeWorker old = new MadeWorker(1, SECOND);
  private final int oldA = old.add(C, 2 * SECOND, List.of("a"), 10);

  private static String samples(MadeWorker... workers) {
    return MadeWorker.samples(MadeWorker.directory(List.of(workers)));
  }

  @Test
  void countsASeriesInTheOldFileUntilItIsPublishedInTheNewOne() {
    old.die(10 * SECOND);
    MadeWorker now = old.successor(2, 9 * SECOND);
    assertEquals("c_total{l=\"a\",} 10.0\n", samples(old, now));

    now.add(counter("c", "l", "m"), 2 * SECOND, List.of("a", ""), 12);
    assertEquals("c_total{l=\"a\",m=\"\",} 12.0\n", samples(old, now));
  }

  @Test
  void countsInTheLastOfAChain() {
    MadeWorker second = old.successor(2, 9 * SECOND);
    second.add(C, 2 * SECOND, List.of("a"), 12);
    MadeWorker third = second.successor(3, 11 * SECOND);
    assertEquals("c_total{l=\"a\",} 12.0\n", samples(old, second, third));

    third.add(C, 2 * SECOND, List.of("a"), 14);
    assertEquals("c_total{l=\"a\",} 14.0\n", samples(old, second, third));
    assertEquals("c_total{l=\"a\",} 14.0\n", samples(old, third));
  }

  /** Of as many workers, those that were there first say what a family is. */
  @Test
  void isAsOldAsTheWorkerIs() {
    old.startTicks = 100;
    MadeWorker younger = new MadeWorker(5, 3 * SECOND);
    younger.startTicks = 300;
    younger.add(gauge("c", GaugeFold.SUM), 3 * SECOND, List.of(), 7, 3_000_000);
    assertEquals("c_total{l=\"a\",} 10.0\n", samples(old, younger));

    MadeWorker now = old.successor(2, 9 * SECOND);
    now.add(C, 2 * SECOND, List.of("a"), 12);
    assertEquals("c_total{l=\"a\",} 12.0\n", samples(old, now, younger));
    assertEquals("c_total{l=\"a\",} 12.0\n", samples(now, younger));
  }

  @Test
  void countsRemovedSharesInTheOldFile() {
    MadeWorker other = new MadeWorker(5, SECOND);
    other.add(C, 2 * SECOND, List.of("a"), 100);
    old.remove(oldA, 5 * SECOND);
    MadeWorker now = old.successor(2, 9 * SECOND);
    now.add(C, 8 * SECOND, List.of("a"), 1);
    assertEquals("c_total{l=\"a\",} 111.0\n", samples(old, now, other));
  }

  /** The worker that removed the series lives, although not in the file where it did. */
  @Test
  void hidesWhatTheWorkerRemovedBeforeItWentOn() {
    MadeWorker dead = new MadeWorker(5, SECOND);
    dead.add(C, 2 * SECOND, List.of("a"), 100);
    dead.die(20 * SECOND);
    old.remove(oldA, 5 * SECOND);
    old.die(7 * SECOND);
    MadeWorker now = old.successor(2, 6 * SECOND);
    assertEquals("", samples(old, now, dead));
  }

  @Test
  void hidesNothingWhereTwoFilesListOneAnother() {
    MadeWorker forged = old.successor(2, 9 * SECOND);
    forged.add(C, 2 * SECOND, List.of("a"), 1);
    old.predecessors = Set.of(forged.incarnation());
    assertEquals("c_total{l=\"a\",} 11.0\n", samples(old, forged));
  }

  @Test
  void isOneWorkerForGaugesAndVotes() {
    FamilyDescriptor all = gauge("all", GaugeFold.ALL, "l");
    FamilyDescriptor live = liveGauge("live", GaugeFold.SUM);
    for (String label : List.of("x", "y")) {
      old.add(all, SECOND, List.of(label), 1, 1);
    }
    old.add(live, SECOND, List.of(), 3, 1);
    old.add(gauge("g", GaugeFold.SUM), SECOND, List.of(), 5, 1);
    old.die(10 * SECOND);
    MadeWorker now = old.successor(2, 9 * SECOND);
    now.add(all, SECOND, List.of("x"), 2, 2);
    now.add(gauge("g", GaugeFold.SUM), SECOND, List.of(), 6, 1);
    MadeWorker other = new MadeWorker(3, SECOND / 2);
    other.add(gauge("g", GaugeFold.MAX), SECOND, List.of(), 4, 1);
    assertEquals(
        """
        all{l="x",worker="w1",} 2.0
        all{l="y",worker="w1",} 1.0
        c_total{l="a",} 10.0
        g 6.0
        live 3.0
        """,
        samples(old, now, other));
  }

  /** A worker moved, both incarnations ended and were retired; then the first file comes back. */
  @Test
  void countsAFileThatComesBackOnlyWhereTheTotalsHaveNothing() {
    old.add(C, 2 * SECOND, List.of("b"), 20);
    old.die(10 * SECOND);
    MadeWorker now = old.successor(2, 9 * SECOND);
    now.add(C, 2 * SECOND, List.of("a"), 12);
    now.die(20 * SECOND);
    DirectorySnapshot directory = MadeWorker.directory(List.of(now));
    DirectorySnapshot retired = MadeWorker.retire(directory, Set.copyOf(directory.workers()));
    DirectorySnapshot back =
        new DirectorySnapshot(
            MadeWorker.directory(List.of(old)).workers(), retired.retained(), retired.skipped(), 0);
    String shown = "c_total{l=\"a\",} 12.0\nc_total{l=\"b\",} 20.0\n";
    assertEquals(shown, MadeWorker.samples(back));
    assertEquals(shown, MadeWorker.samples(MadeWorker.retire(back, Set.copyOf(back.workers()))));
    assertEquals(Set.of(new Incarnation(0, 1)), retired.retained().get(0).predecessors());
  }

  @Test
  void countsNothingOfAFileThatMayBeInTheOverflowOfTheTotals() {
    old.die(10 * SECOND);
    MadeWorker now = old.successor(2, 9 * SECOND);
    now.add(C, 2 * SECOND, List.of("overflow"), 12);
    now.die(20 * SECOND);
    DirectorySnapshot directory = MadeWorker.directory(List.of(now));
    DirectorySnapshot retired = MadeWorker.retire(directory, Set.copyOf(directory.workers()));
    assertEquals(
        "c_total{l=\"overflow\",} 12.0\n",
        MadeWorker.samples(
            new DirectorySnapshot(
                MadeWorker.directory(List.of(old)).workers(),
                retired.retained(),
                retired.skipped(),
                0)));
  }
}
