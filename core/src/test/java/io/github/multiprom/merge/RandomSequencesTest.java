package io.github.multiprom.merge;

import static io.github.multiprom.merge.WorkerDirectory.counter;
import static io.github.multiprom.merge.WorkerDirectory.gauge;
import static io.github.multiprom.merge.WorkerDirectory.histogram;
import static io.github.multiprom.merge.WorkerDirectory.liveGauge;
import static io.github.multiprom.merge.WorkerDirectory.summary;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.multiprom.merge.WorkerDirectory.Worker;
import io.github.multiprom.model.FamilyDescriptor;
import io.github.multiprom.model.GaugeFold;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Random sequences of start, count, set, remove, kill, exit and retire over every metric type and
 * gauge mode, against a model that knows nothing of files.
 *
 * <p>Workers that remove series are never killed here: until two seconds after its last beat a
 * killed worker counts as having its series.
 */
class RandomSequencesTest {
  private static final int SEQUENCES = 1000;
  private static final int STEPS = 25;
  private static final List<GaugeFold> FOLDS = List.of(GaugeFold.values());
  private static final FamilyDescriptor C = counter("c", "l");
  private static final FamilyDescriptor R = counter("r");
  private static final FamilyDescriptor H = histogram("h", List.of(1.0));
  private static final FamilyDescriptor S = summary("s");

  @TempDir Path path;

  private static final class ModelWorker {
    final String name;
    final boolean removes;
    final Worker worker;
    boolean live = true;
    final Map<String, Double> sums = new TreeMap<>();
    final Map<String, Double> gauges = new TreeMap<>();
    final Map<String, Integer> setAt = new TreeMap<>();
    boolean hasR;
    boolean removedR;

    ModelWorker(String name, boolean removes, Worker worker) {
      this.name = name;
      this.removes = removes;
      this.worker = worker;
    }

    void add(String sample, double amount) {
      sums.merge(sample, amount, Double::sum);
    }
  }

  @Test
  void showWhatTheModelShows() throws IOException {
    long seed = System.nanoTime();
    System.out.println("seed " + seed);
    Random random = new Random(seed);
    for (int i = 0; i < SEQUENCES; i++) {
      try (WorkerDirectory directory = new WorkerDirectory(path.resolve("sequence-" + i))) {
        new Sequence(directory, random).run("seed " + seed + ", sequence " + i);
      }
    }
  }

  private static final class Sequence {
    final WorkerDirectory directory;
    final Random random;
    final List<ModelWorker> workers = new ArrayList<>();
    // What R counted since it was last removed by every live worker that had it.
    double r;
    boolean rIsShown;
    int step;

    Sequence(WorkerDirectory directory, Random random) {
      this.directory = directory;
      this.random = random;
    }

    void run(String where) throws IOException {
      StringBuilder history = new StringBuilder(where);
      start();
      for (step = 1; step <= STEPS; step++) {
        history.append("; ").append(act());
        if (random.nextInt(3) == 0 || step == STEPS) {
          assertEquals(expected(), shown(), history.toString());
        }
      }
      directory.retire();
      assertEquals(expected(), shown(), history + "; retire");
    }

    String start() throws IOException {
      String name = "w" + workers.size();
      workers.add(new ModelWorker(name, random.nextInt(3) == 0, directory.killableWorker(name)));
      return "start " + name;
    }

    String act() throws IOException {
      List<ModelWorker> live = workers.stream().filter(worker -> worker.live).toList();
      int action = random.nextInt(12);
      if (action == 0) {
        directory.retire();
        return "retire";
      }
      if (action == 1 || live.isEmpty()) {
        return start();
      }
      ModelWorker worker = live.get(random.nextInt(live.size()));
      if (action == 2) {
        worker.live = false;
        if (worker.removes || random.nextBoolean()) {
          worker.worker.close();
          forgetRemoved();
          return "exit " + worker.name;
        }
        worker.worker.kill();
        return "kill " + worker.name;
      }
      return worker.name + (worker.removes && action < 7 ? useR(worker) : use(worker));
    }

    private String useR(ModelWorker worker) throws IOException {
      WorkerDirectory.awaitNextMillisecond();
      if (worker.hasR && random.nextInt(3) == 0) {
        worker.worker.remove(R);
        worker.hasR = false;
        worker.removedR = true;
        forgetRemoved();
        return " removes r";
      }
      worker.worker.counter(R).add(0.25);
      worker.hasR = true;
      rIsShown = true;
      r += 0.25;
      return " counts r";
    }

    private void forgetRemoved() {
      if (workers.stream().anyMatch(worker -> worker.live && worker.removedR)
          && workers.stream().noneMatch(worker -> worker.live && worker.hasR)) {
        r = 0;
        rIsShown = false;
      }
    }

    private String use(ModelWorker worker) throws IOException {
      double value = random.nextInt(40) * 0.25;
      switch (random.nextInt(4)) {
        case 0 -> {
          String label = random.nextBoolean() ? "a" : "b";
          worker.worker.counter(C, label).add(value);
          worker.add("c_total{l=\"" + label + "\",}", value);
        }
        case 1 -> {
          worker.worker.distribution(H).observe(value <= 1 ? 0 : 1, value);
          worker.add("h_bucket{le=\"1.0\",}", value <= 1 ? 1 : 0);
          worker.add("h_bucket{le=\"+Inf\",}", 1);
          worker.add("h_count", 1);
          worker.add("h_sum", value);
        }
        case 2 -> {
          worker.worker.distribution(S).observe(0, value);
          worker.add("s_count", 1);
          worker.add("s_sum", value);
        }
        default -> {
          GaugeFold fold = FOLDS.get(random.nextInt(FOLDS.size()));
          boolean liveOnly = random.nextBoolean();
          String name = (liveOnly ? "live_" : "any_") + fold;
          awaitNextMicrosecond();
          worker.worker.gauge(liveOnly ? liveGauge(name, fold) : gauge(name, fold)).set(value);
          worker.gauges.put(name, value);
          worker.setAt.put(name, step);
        }
      }
      return " uses " + value;
    }

    private static void awaitNextMicrosecond() {
      Instant until = Instant.now().plusNanos(2000);
      while (Instant.now().isBefore(until)) {
        Thread.onSpinWait();
      }
    }

    private Map<String, Double> expected() {
      Map<String, Double> expected = new TreeMap<>();
      if (rIsShown) {
        expected.put("r_total", r);
      }
      Map<String, Integer> latest = new TreeMap<>();
      for (ModelWorker worker : workers) {
        worker.sums.forEach((sample, value) -> expected.merge(sample, value, Double::sum));
        worker.gauges.forEach(
            (name, value) -> {
              if (worker.live || name.startsWith("any_")) {
                int setAt = worker.setAt.get(name);
                boolean isLatest = latest.merge(name, setAt, Math::max) == setAt;
                switch (GaugeFold.valueOf(name.substring(name.indexOf('_') + 1))) {
                  case ALL -> expected.put(name + "{worker=\"" + worker.name + "\",}", value);
                  case SUM -> expected.merge(name, value, Double::sum);
                  case MIN -> expected.merge(name, value, Math::min);
                  case MAX -> expected.merge(name, value, Math::max);
                  case MOSTRECENT -> {
                    if (isLatest) {
                      expected.put(name, value);
                    }
                  }
                }
              }
            });
      }
      return expected;
    }

    private Map<String, Double> shown() {
      Map<String, Double> shown = new TreeMap<>();
      directory
          .samples()
          .lines()
          .forEach(
              line -> {
                int space = line.lastIndexOf(' ');
                shown.put(line.substring(0, space), Double.valueOf(line.substring(space + 1)));
              });
      return shown;
    }
  }
}
