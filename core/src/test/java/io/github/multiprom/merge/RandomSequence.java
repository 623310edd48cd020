package io.github.multiprom.merge;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.multiprom.model.GaugeFold;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/**
 * A random sequence of start, count, set, remove, kill, exit, scrape and retire over every metric
 * type and gauge mode, against a model that knows nothing of files.
 *
 * <p>Workers that remove series are never killed here: until two seconds after its last beat a
 * killed worker counts as having its series.
 */
final class RandomSequence {
  private static final int STEPS = 25;
  private static final List<GaugeFold> FOLDS = List.of(GaugeFold.values());

  /** Starts a worker of a name. */
  interface Starter {
    SequenceWorker start(String name) throws IOException;
  }

  private static final class ModelWorker {
    final String name;
    final boolean removes;
    final SequenceWorker worker;
    boolean live = true;
    final Map<String, Double> sums = new TreeMap<>();
    final Map<String, Double> gauges = new TreeMap<>();
    final Map<String, Integer> setAt = new TreeMap<>();
    boolean hasR;
    boolean removedR;

    ModelWorker(String name, boolean removes, SequenceWorker worker) {
      this.name = name;
      this.removes = removes;
      this.worker = worker;
    }

    void add(String sample, double amount) {
      sums.merge(sample, amount, Double::sum);
    }
  }

  private final WorkerDirectory directory;
  private final Random random;
  private final Starter starter;
  private final List<ModelWorker> workers = new ArrayList<>();
  // What R counted since it was last removed by every live worker that had it.
  private double r;
  private boolean rIsShown;
  private int step;

  RandomSequence(WorkerDirectory directory, Random random, Starter starter) {
    this.directory = directory;
    this.random = random;
    this.starter = starter;
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

  private String start() throws IOException {
    String name = "w" + workers.size();
    workers.add(new ModelWorker(name, random.nextInt(3) == 0, starter.start(name)));
    return "start " + name;
  }

  private String act() throws IOException {
    List<ModelWorker> live = workers.stream().filter(worker -> worker.live).toList();
    int action = random.nextInt(12);
    if (action == 0) {
      boolean asBacklog = random.nextBoolean();
      directory.retire(asBacklog);
      return asBacklog ? "retire a backlog" : "retire";
    }
    if (action == 1 || live.isEmpty()) {
      return start();
    }
    ModelWorker worker = live.get(random.nextInt(live.size()));
    if (action == 2) {
      worker.live = false;
      if (worker.removes || random.nextBoolean()) {
        worker.worker.exit();
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
      worker.worker.removeR();
      worker.hasR = false;
      worker.removedR = true;
      forgetRemoved();
      return " removes r";
    }
    worker.worker.addR(0.25);
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
        worker.worker.addC(label, value);
        worker.add("c_total{l=\"" + label + "\",}", value);
      }
      case 1 -> {
        worker.worker.observeH(value);
        worker.add("h_bucket{le=\"1.0\",}", value <= 1 ? 1 : 0);
        worker.add("h_bucket{le=\"+Inf\",}", 1);
        worker.add("h_count", 1);
        worker.add("h_sum", value);
      }
      case 2 -> {
        worker.worker.observeS(value);
        worker.add("s_count", 1);
        worker.add("s_sum", value);
      }
      default -> {
        GaugeFold fold = FOLDS.get(random.nextInt(FOLDS.size()));
        boolean liveOnly = random.nextBoolean();
        String name = (liveOnly ? "live_" : "any_") + fold;
        awaitNextMicrosecond();
        worker.worker.setGauge(name, value);
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
