package io.github.multiprom.merge;

import static io.github.multiprom.merge.WorkerDirectory.counter;
import static io.github.multiprom.merge.WorkerDirectory.gauge;
import static io.github.multiprom.merge.WorkerDirectory.liveGauge;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.multiprom.model.DirectorySnapshot;
import io.github.multiprom.model.FamilyDescriptor;
import io.github.multiprom.model.GaugeFold;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What one worker counted, as if it were alone in its directory. */
class SingleWorkerTest {
  private static final FamilyDescriptor C = counter("c", "l");
  private static final FamilyDescriptor ALL = gauge("all", GaugeFold.ALL);
  private static final FamilyDescriptor LIVE = liveGauge("live", GaugeFold.SUM);
  private static final long SECOND = 1_000_000_000L;

  private static Optional<Map<String, Double>> samples(
      MultiprocessCollector collector, String worker) {
    return collector.mergeWorker(worker, family -> true, SingleWorkerTest::samples);
  }

  private static Map<String, Double> samples(List<MergedFamily> families) {
    Map<String, Double> samples = new TreeMap<>();
    for (MergedFamily family : families) {
      for (int i = 0; i < family.seriesCount(); i++) {
        samples.put(
            family.descriptor().name() + family.series().get(i).labelValues(), family.values()[i]);
      }
    }
    return samples;
  }

  @Test
  void hasNeitherWorkerLabelNorTotalsNorMetricsOfTheCollector(@TempDir Path path) throws Exception {
    try (WorkerDirectory directory = new WorkerDirectory(path)) {
      WorkerDirectory.Worker gone = directory.worker("gone");
      gone.counter(C, "a").add(100);
      gone.close();
      directory.retire();
      WorkerDirectory.Worker one = directory.worker("one");
      WorkerDirectory.Worker two = directory.worker("two");
      one.counter(C, "a").add(3);
      one.gauge(ALL).set(7);
      one.gauge(LIVE).set(8);
      two.counter(C, "a").add(4);
      two.gauge(ALL).set(9);
      Map<String, Double> expected = Map.of("c[a]", 3.0, "all[]", 7.0, "live[]", 8.0);
      assertEquals(Optional.of(expected), samples(directory.collector, "one"));
      String incarnation = one.writer.info().incarnation().toString();
      assertEquals(Optional.of(expected), samples(directory.collector, incarnation));
      assertEquals(Optional.empty(), samples(directory.collector, "three"));
      assertEquals(Optional.empty(), samples(directory.collector, ""));

      one.counter(C, "b").add(5);
      one.gauge(ALL).set(6);
      assertEquals(
          Optional.of(Map.of("c[a]", 3.0, "c[b]", 5.0, "all[]", 6.0, "live[]", 8.0)),
          samples(directory.collector, "one"));
      one.close();
      assertEquals(
          Optional.of(Map.of("c[a]", 3.0, "c[b]", 5.0, "all[]", 6.0)),
          samples(directory.collector, "one"));
      directory.retire();
      assertEquals(Optional.empty(), samples(directory.collector, "one"));
      assertEquals(
          List.of("two"), directory.collector.workers().stream().map(WorkerStatus::name).toList());
    }
  }

  @Test
  void sumsToWhatAllHave(@TempDir Path path) throws Exception {
    try (WorkerDirectory directory = new WorkerDirectory(path)) {
      for (int i = 0; i < 20; i++) {
        WorkerDirectory.Worker worker = directory.worker("w" + i % 7);
        for (int label = 0; label < 3; label++) {
          worker.counter(C, "l" + label).add(100 * i + label);
        }
      }
      List<WorkerStatus> workers = directory.collector.workers();
      assertEquals(20, workers.stream().map(WorkerStatus::name).distinct().count());
      for (int label = 0; label < 3; label++) {
        String series = "c[l" + label + "]";
        double byName = 0;
        double byIncarnation = 0;
        for (WorkerStatus worker : workers) {
          assertEquals(3, worker.seriesCount());
          byName += samples(directory.collector, worker.name()).orElseThrow().get(series);
          String incarnation = worker.info().incarnation().toString();
          byIncarnation += samples(directory.collector, incarnation).orElseThrow().get(series);
        }
        assertEquals(directory.value("c_total", "l" + label), byName);
        assertEquals(byName, byIncarnation);
      }
    }
  }

  @Test
  void isTheSameWorkerInItsNextFile() {
    MadeWorker old = new MadeWorker(1, SECOND);
    MadeWorker other = new MadeWorker(9, SECOND);
    other.add(C, 2 * SECOND, List.of("a"), 1000);
    old.add(C, 2 * SECOND, List.of("a"), 10);
    old.add(C, 2 * SECOND, List.of("b"), 20);
    old.remove(old.add(C, 2 * SECOND, List.of("c"), 30), 3 * SECOND);
    old.die(10 * SECOND);
    MadeWorker now = old.successor(2, 9 * SECOND);
    now.add(C, 2 * SECOND, List.of("a"), 12);
    DirectorySnapshot directory = MadeWorker.directory(List.of(old, now, other));
    SingleWorkerPlans plans = new SingleWorkerPlans();
    for (MadeWorker file : List.of(old, now)) {
      assertEquals(
          Map.of("c[a]", 12.0, "c[b]", 20.0),
          samples(plans.merge(directory, file.incarnation().toString(), family -> true)));
    }
    assertEquals(1, plans.count());
    WorkerStatus status =
        WorkerStatus.all(directory).stream()
            .filter(worker -> worker.info().incarnation().equals(now.incarnation()))
            .findFirst()
            .orElseThrow();
    assertTrue(status.live());
    assertEquals(2, status.seriesCount());
    assertEquals(2, WorkerStatus.all(directory).size());
  }

  @Test
  void keepsPlansOfSoManySeries() {
    SingleWorkerPlans plans = new SingleWorkerPlans();
    for (int w = 1; w <= 30; w++) {
      MadeWorker worker = new MadeWorker(w, SECOND);
      for (int i = 0; i < 9_000; i++) {
        worker.add(C, SECOND, List.of("l" + i), w);
      }
      DirectorySnapshot directory = MadeWorker.directory(List.of(worker));
      String incarnation = worker.incarnation().toString();
      assertEquals(9_000, samples(plans.merge(directory, incarnation, family -> true)).size());
      assertEquals(Math.min(w, 11), plans.count());
    }
  }
}
