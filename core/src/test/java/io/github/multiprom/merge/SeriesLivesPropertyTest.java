package io.github.multiprom.merge;

import static io.github.multiprom.merge.WorkerDirectory.counter;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.multiprom.model.FamilyDescriptor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Workers that come, die, make, remove and count one series at random, against a model that sees
 * every moment: whenever some live worker has removed the series and none has it, everything
 * counted so far is forgotten for good.
 */
class SeriesLivesPropertyTest {
  /** One series, by whatever label list. */
  private static final List<FamilyDescriptor> LISTS =
      List.of(counter("c"), counter("c", "l"), counter("c", "m", "l"));

  private static final int ROUNDS = 400;
  private static final int STEPS = 30;

  /** Longer than the uncertainty about a worker's death. */
  private static final long STEP_NANOS = 10_000_000_000L;

  private static final class ModelLife {
    final MadeWorker worker;
    final int index;
    boolean removed;
    boolean forgotten;
    double count;

    ModelLife(MadeWorker worker, int index) {
      this.worker = worker;
      this.index = index;
    }

    boolean isRunning() {
      return worker.live && !removed;
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void showWhatTheModelShows(long seed) {
    Random random = new Random(seed);
    for (int round = 0; round < ROUNDS; round++) {
      runRound(random, "seed " + seed + ", round " + round);
    }
  }

  private static void runRound(Random random, String where) {
    List<MadeWorker> workers = new ArrayList<>();
    List<ModelLife> lives = new ArrayList<>();
    MultiprocessCollector collector = MadeWorker.collector(() -> MadeWorker.directory(workers));
    StringBuilder history = new StringBuilder(where);
    double shown = 0;
    for (int step = 1; step <= STEPS; step++) {
      long nowNanos = step * STEP_NANOS;
      history.append("; ").append(step).append(": ").append(act(random, nowNanos, workers, lives));
      String expected = expected(lives);
      String actual = WorkerDirectory.samples(collector).replaceAll("\\{.*\\}", "");
      assertEquals(expected, actual, history.toString());
      boolean restarted = lives.stream().allMatch(life -> life.forgotten);
      double now = actual.isEmpty() ? 0 : Double.parseDouble(actual.substring("c_total ".length()));
      assertTrue(restarted || now >= shown, history.toString());
      shown = now;
    }
  }

  private static String act(
      Random random, long nowNanos, List<MadeWorker> workers, List<ModelLife> lives) {
    List<MadeWorker> live = workers.stream().filter(worker -> worker.live).toList();
    if (live.isEmpty() || random.nextInt(6) == 0) {
      workers.add(new MadeWorker(1 + workers.size(), nowNanos));
      return "start " + workers.size();
    }
    MadeWorker worker = live.get(random.nextInt(live.size()));
    ModelLife life =
        lives.stream().filter(l -> l.worker == worker && !l.removed).findFirst().orElse(null);
    String action;
    if (random.nextInt(5) == 0) {
      worker.die(nowNanos);
      action = "die ";
    } else if (life == null) {
      FamilyDescriptor list = LISTS.get(random.nextInt(LISTS.size()));
      List<String> labels = Collections.nCopies(list.labelNames().size(), "");
      lives.add(new ModelLife(worker, worker.add(list, nowNanos, labels, 0)));
      action = "add ";
    } else if (random.nextInt(2) == 0) {
      worker.remove(life.index, nowNanos);
      life.removed = true;
      action = "remove ";
    } else {
      worker.increment(life.index);
      life.count++;
      action = "count ";
    }
    boolean removerLives = lives.stream().anyMatch(l -> l.removed && l.worker.live);
    if (removerLives && lives.stream().noneMatch(ModelLife::isRunning)) {
      lives.forEach(l -> l.forgotten = true);
    }
    return action + worker.number;
  }

  private static String expected(List<ModelLife> lives) {
    List<ModelLife> counting = lives.stream().filter(life -> !life.forgotten).toList();
    double sum = counting.stream().mapToDouble(life -> life.count).sum();
    return counting.isEmpty() ? "" : "c_total " + sum + "\n";
  }
}
