package io.github.multiprom.merge;

import static io.github.multiprom.merge.WorkerDirectory.counter;
import static io.github.multiprom.merge.WorkerDirectory.gauge;
import static io.github.multiprom.merge.WorkerDirectory.histogram;
import static io.github.multiprom.merge.WorkerDirectory.liveGauge;
import static io.github.multiprom.merge.WorkerDirectory.summary;
import static io.github.multiprom.model.EpochClock.NANOS_PER_MILLISECOND;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.multiprom.model.DirectorySnapshot;
import io.github.multiprom.model.FamilyDescriptor;
import io.github.multiprom.model.GaugeFold;
import io.github.multiprom.model.MetricType;
import io.github.multiprom.model.Snapshot;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The laws of merging, over random workers; seeds are the parameters. */
class MergePropertyTest {
  private static final int ROUNDS = 200;
  private static final double[] UNUSUAL = {
    0, -0.0, Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY, Double.MIN_VALUE
  };

  private static final List<FamilyDescriptor> FAMILIES =
      List.of(
          counter("c", "l"),
          summary("s"),
          histogram("h", List.of(0.1, 1.0), "l"),
          gauge("g_all", GaugeFold.ALL, "l"),
          gauge("g_sum", GaugeFold.SUM),
          gauge("g_min", GaugeFold.MIN, "l"),
          gauge("g_max", GaugeFold.MAX),
          gauge("g_most", GaugeFold.MOSTRECENT, "l"),
          liveGauge("l_all", GaugeFold.ALL),
          liveGauge("l_sum", GaugeFold.SUM, "l"),
          liveGauge("l_min", GaugeFold.MIN),
          liveGauge("l_max", GaugeFold.MAX),
          liveGauge("l_most", GaugeFold.MOSTRECENT));

  /** The same families, as another release of the application defines them. */
  private static final List<FamilyDescriptor> OTHERS =
      List.of(
          counter("c", "other"),
          counter("c", "other", "l"),
          gauge("c_created", GaugeFold.MAX),
          gauge("s", GaugeFold.SUM),
          gauge("s_count", GaugeFold.SUM, "l"),
          histogram("h", List.of(0.5, 1.0, 2.0), "l"),
          histogram("h", List.of(-1.0, 0.1), "m", "l"),
          gauge("g_all", GaugeFold.MAX, "l"),
          gauge("g_all", GaugeFold.ALL, "worker"),
          gauge("g_sum", GaugeFold.MIN),
          liveGauge("g_max", GaugeFold.MAX),
          gauge("l_sum", GaugeFold.SUM, "l"));

  private static List<MadeWorker> workers(Random random, boolean twoReleases) {
    List<MadeWorker> workers = new ArrayList<>();
    int count = 2 + random.nextInt(6);
    for (int number = 1; number <= count; number++) {
      MadeWorker worker =
          new MadeWorker(number, (1000L + random.nextInt(5)) * NANOS_PER_MILLISECOND);
      for (FamilyDescriptor family : FAMILIES) {
        int other = random.nextInt(2 * OTHERS.size());
        if (random.nextInt(4) != 0) {
          addSeries(random, worker, family);
        } else if (twoReleases && other < OTHERS.size()) {
          addSeries(random, worker, OTHERS.get(other));
        }
      }
      if (random.nextBoolean()) {
        worker.die(5000 * NANOS_PER_MILLISECOND);
      }
      workers.add(worker);
    }
    return workers;
  }

  private static void addSeries(Random random, MadeWorker worker, FamilyDescriptor family) {
    List<String> values = new ArrayList<>(List.of("a", "b", ""));
    Collections.shuffle(values, random);
    int count = family.labelNames().isEmpty() ? 1 : random.nextInt(values.size() + 1);
    for (int i = 0; i < count; i++) {
      List<String> labels = new ArrayList<>();
      for (int label = 0; label < family.labelNames().size(); label++) {
        labels.add(label == 0 ? values.get(i) : random.nextBoolean() ? "" : "more");
      }
      worker.add(
          family,
          worker.createdNanos + random.nextInt(100) * NANOS_PER_MILLISECOND,
          labels,
          cells(random, family));
    }
  }

  private static double[] cells(Random random, FamilyDescriptor family) {
    double[] cells = new double[family.cellCount()];
    if (family.type() == MetricType.COUNTER) {
      cells[0] = random.nextInt(100) * 0.1;
    } else if (family.type() == MetricType.GAUGE) {
      if (random.nextInt(3) != 0) {
        boolean unusual = random.nextInt(4) == 0;
        cells[0] = unusual ? UNUSUAL[random.nextInt(UNUSUAL.length)] : random.nextGaussian();
        cells[1] = 1 + random.nextInt(1_000_000_000);
      }
    } else {
      cells[1] = random.nextGaussian();
      for (int i = 2; i < cells.length; i++) {
        cells[i] = random.nextInt(10);
      }
    }
    return cells;
  }

  /** Without what workers disagree about, which is told of those that have files. */
  private static List<String> shown(DirectorySnapshot directory) {
    List<String> lines = new ArrayList<>();
    merged(directory)
        .lines()
        .filter(line -> !line.contains("multiprom_conflicts"))
        .forEach(lines::add);
    return lines;
  }

  private static String merged(DirectorySnapshot directory) {
    List<String> families = new ArrayList<>();
    MadeWorker.collector(() -> directory)
        .collect()
        .forEach(
            family -> {
              if (!family.name.equals("multiprom_merge_duration_seconds")
                  && !family.name.equals("multiprom_workers")) {
                families.add(family.toString());
              }
            });
    return String.join("\n", families);
  }

  @ParameterizedTest
  @ValueSource(longs = {11, 12, 13})
  void theOrderOfWorkersDoesNotMatter(long seed) {
    Random random = new Random(seed);
    for (int round = 0; round < ROUNDS; round++) {
      DirectorySnapshot directory = MadeWorker.directory(workers(random, true));
      List<Snapshot> shuffled = new ArrayList<>(directory.workers());
      Collections.shuffle(shuffled, random);
      assertEquals(
          merged(directory),
          merged(new DirectorySnapshot(shuffled, List.of(), Map.of(), 0)),
          "seed " + seed + ", round " + round);
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {21, 22, 23})
  void retiringDeadWorkersChangesNothing(long seed) {
    Random random = new Random(seed);
    for (int round = 0; round < ROUNDS; round++) {
      DirectorySnapshot directory = MadeWorker.directory(workers(random, true));
      Set<Snapshot> retired = new HashSet<>();
      for (Snapshot worker : directory.workers()) {
        if (!worker.live() && random.nextBoolean()) {
          retired.add(worker);
        }
      }
      List<String> before = shown(directory);
      List<String> after = shown(MadeWorker.retire(directory, retired));
      before.removeAll(after);
      after.removeAll(shown(directory));
      assertEquals(before, after, "seed " + seed + ", round " + round);
    }
  }

  /** With plain doubles every twelfth of such folds makes the sum fall by an ulp. */
  @ParameterizedTest
  @ValueSource(longs = {31, 32, 33})
  void sumsOfFractionsNeverFallWhenTheirPartsAreRegrouped(long seed) {
    Random random = new Random(seed);
    FamilyDescriptor c = counter("c");
    List<MadeWorker> workers = new ArrayList<>();
    for (int number = 1; number <= 60; number++) {
      MadeWorker worker = new MadeWorker(number, number);
      worker.add(c, number, List.of(), random.nextInt(10_000) * 0.1);
      worker.die(5000 * NANOS_PER_MILLISECOND);
      workers.add(worker);
    }
    DirectorySnapshot directory = MadeWorker.directory(workers);
    double before = 0;
    while (!directory.workers().isEmpty()) {
      DirectorySnapshot now = directory;
      double sum =
          MadeWorker.collector(() -> now)
              .merge(family -> family.name().equals("c"), families -> families.get(0).values()[0]);
      assertTrue(sum >= before, "seed " + seed + ": " + sum + " < " + before);
      before = sum;
      List<Snapshot> left = directory.workers();
      directory = MadeWorker.retire(directory, Set.of(left.get(random.nextInt(left.size()))));
    }
  }
}
