package io.github.multiprom.merge;

import static io.github.multiprom.merge.WorkerDirectory.counter;
import static io.github.multiprom.merge.WorkerDirectory.gauge;
import static io.github.multiprom.merge.WorkerDirectory.histogram;
import static io.github.multiprom.merge.WorkerDirectory.liveGauge;
import static io.github.multiprom.merge.WorkerDirectory.summary;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.multiprom.model.DirectorySnapshot;
import io.github.multiprom.model.FamilyDescriptor;
import io.github.multiprom.model.GaugeFold;
import io.github.multiprom.model.MetricType;
import io.github.multiprom.model.Snapshot;
import io.prometheus.client.Collector.MetricFamilySamples;
import io.prometheus.client.exporter.common.TextFormat;
import java.io.IOException;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * A plan that follows a directory shows the same as a new plan of it, whatever happened: workers
 * start, count, remove and add series again, die, live on, move to other files and are retired;
 * they disagree about types, label names, bounds, modes, help and units, and clocks are ahead.
 */
class FollowingPlanPropertyTest {
  private static final int ROUNDS = Boolean.getBoolean("multiprom.test.long") ? 5000 : 150;
  private static final int STEPS = 60;
  private static final long STEP_NANOS = 1_000_000_000L;
  private static final Set<String> RESERVED = Set.of("reserved");

  private static final List<FamilyDescriptor> FAMILIES =
      List.of(
          counter("c", "l"),
          counter("c", "l"),
          counter("c", "l"),
          counter("c", "m", "l"),
          counter("d"),
          withWords(counter("c", "l"), "Other help.", ""),
          withWords(counter("c_seconds", "l"), "", "seconds"),
          withWords(counter("c_seconds", "l"), "", ""),
          summary("s", "l"),
          summary("s", "l", "m"),
          histogram("h", List.of(0.1, 1.0), "l"),
          histogram("h", List.of(0.1, 1.0), "l"),
          histogram("h", List.of(0.5, 1.0, 2.0), "l"),
          histogram("k", List.of(1.0), "l"),
          gauge("c", GaugeFold.SUM, "l"),
          gauge("c_created", GaugeFold.MAX),
          gauge("s_count", GaugeFold.SUM, "l"),
          gauge("all", GaugeFold.ALL, "l"),
          gauge("all", GaugeFold.ALL, "l"),
          gauge("all", GaugeFold.ALL, "worker"),
          liveGauge("all", GaugeFold.ALL, "l"),
          gauge("sum", GaugeFold.SUM, "l"),
          gauge("sum", GaugeFold.MIN, "l"),
          gauge("min", GaugeFold.MIN, "l"),
          gauge("max", GaugeFold.MAX, "l"),
          gauge("most", GaugeFold.MOSTRECENT, "l"),
          liveGauge("live_most", GaugeFold.MOSTRECENT, "l"),
          liveGauge("live_all", GaugeFold.ALL, "l"),
          states("states", GaugeFold.ALL, "on", "off"),
          states("states", GaugeFold.ALL, "off", "broken"),
          states("mode", GaugeFold.MOSTRECENT, "on", "off"),
          info("c"),
          info("about"),
          info("about"),
          counter("reserved", "l"));

  /** One series that a worker has, and perhaps removed. */
  private record Had(MadeWorker file, int index, FamilyDescriptor family, List<String> labels) {}

  private final List<MadeWorker> files = new ArrayList<>();
  private final List<Had> series = new ArrayList<>();
  private Random random;
  private List<Snapshot> retained;
  private long nowNanos;
  private int numbers;
  private StringBuilder history;

  private static FamilyDescriptor states(String name, GaugeFold fold, String... states) {
    return new FamilyDescriptor(
        name,
        MetricType.STATESET,
        "",
        "",
        List.of("l"),
        fold,
        false,
        List.of(),
        false,
        List.of(states),
        null,
        null);
  }

  private static FamilyDescriptor info(String name) {
    return new FamilyDescriptor(
        name, MetricType.INFO, "", "", List.of("l"), GaugeFold.MAX, false, List.of());
  }

  private static FamilyDescriptor withWords(FamilyDescriptor family, String help, String unit) {
    return new FamilyDescriptor(
        family.name(),
        family.type(),
        help,
        unit,
        family.labelNames(),
        family.fold(),
        family.liveOnly(),
        family.upperBounds(),
        false,
        family.states(),
        family.nativeShape(),
        family.window());
  }

  @Test
  void showsWhatANewPlanShows() {
    long seed = Long.getLong("multiprom.test.seed", System.nanoTime());
    System.out.println("seed " + seed);
    for (int round = 0; round < ROUNDS; round++) {
      random = new Random(seed + round);
      files.clear();
      series.clear();
      retained = List.of();
      nowNanos = STEP_NANOS;
      numbers = 0;
      history = new StringBuilder("seed " + seed + ", round " + round);
      // Few families, so that they are often met; in every third round all.
      List<FamilyDescriptor> families = new ArrayList<>(FAMILIES);
      Collections.shuffle(families, random);
      run(families.subList(0, round % 3 == 0 ? families.size() : 1 + random.nextInt(4)));
    }
  }

  private void run(List<FamilyDescriptor> families) {
    MergePlan followed = new MergePlan("worker", RESERVED);
    long followedNanos = 0;
    for (int step = 0; step < STEPS; step++) {
      nowNanos += random.nextInt(3) * STEP_NANOS;
      act(families);
      if (random.nextInt(3) != 0) {
        DirectorySnapshot directory = directory();
        if (!followed.fits(directory)) {
          followedNanos = nowNanos;
          followed.follow(directory, nowNanos);
        }
        MergePlan fresh = new MergePlan("worker", RESERVED);
        fresh.follow(directory, followedNanos);
        assertEquals(shown(fresh, directory), shown(followed, directory), history.toString());
      }
    }
  }

  private static String shown(MergePlan plan, DirectorySnapshot directory) {
    List<MetricFamilySamples> samples = new ArrayList<>();
    plan.merge(directory, family -> true)
        .forEach(family -> samples.add(SimpleclientSamples.of(family, true)));
    StringWriter text = new StringWriter();
    try {
      TextFormat.writeOpenMetrics100(text, Collections.enumeration(samples));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    return text + "conflicts " + plan.conflicts() + ", series " + plan.seriesCount();
  }

  private DirectorySnapshot directory() {
    return new DirectorySnapshot(MadeWorker.directory(files).workers(), retained, Map.of(), 0);
  }

  private <T> T any(List<T> list) {
    return list.get(random.nextInt(list.size()));
  }

  /** Mostly now; sometimes by a clock that is ahead. */
  private long time() {
    return nowNanos + (random.nextInt(20) == 0 ? random.nextInt(8) * STEP_NANOS : 0);
  }

  private void act(List<FamilyDescriptor> families) {
    int action = files.isEmpty() ? 0 : random.nextInt(16);
    MadeWorker file = files.isEmpty() ? null : any(files);
    switch (action) {
      case 0 -> start();
      case 1 -> {
        history.append("; ").append(file.number).append(file.live ? " dies" : " lives on");
        if (file.live) {
          file.die(time());
        } else {
          file.live = true;
        }
      }
      case 2 -> retire();
      case 3 -> move(file);
      case 4 -> {
        history.append("; ").append(file.number).append(" has a family");
        file.addFamily(any(families));
      }
      case 5, 6 -> remove();
      case 7, 8 -> count();
      default -> {
        for (int i = random.nextInt(4); i >= 0; i--) {
          add(file, any(families));
        }
      }
    }
  }

  private void start() {
    MadeWorker worker = new MadeWorker(++numbers, time());
    if (random.nextBoolean()) {
      worker.name = "w" + random.nextInt(3);
    }
    worker.startTicks = random.nextInt(3);
    files.add(worker);
    history.append("; start ").append(numbers);
  }

  private void add(MadeWorker file, FamilyDescriptor family) {
    List<String> labels = new ArrayList<>();
    for (int i = 0; i < family.labelNames().size(); i++) {
      labels.add(any(List.of("", "a", "b", "c", "d", "e")));
    }
    history.append("; ").append(file.number).append(" adds ").append(family.name()).append(labels);
    series.add(new Had(file, file.add(family, time(), labels, cells(family)), family, labels));
  }

  private double[] cells(FamilyDescriptor family) {
    double[] cells = new double[family.cellCount()];
    if (!family.type().isSet()) {
      for (int i = 0; i < cells.length; i++) {
        cells[i] = random.nextInt(5);
      }
      // A fraction would show in which order parts are added.
      cells[family.type() == MetricType.COUNTER ? 0 : 1] = random.nextInt(1000) * 0.1;
    } else if (random.nextBoolean()) {
      cells[0] = any(List.of(0.0, -0.0, 1.0, 1.5, Double.NaN, Double.POSITIVE_INFINITY, 7.25));
      // Sometimes it is withdrawn.
      cells[1] = random.nextInt(6) == 0 ? -1 : time() / 1000.0;
    }
    return cells;
  }

  private void count() {
    if (!series.isEmpty()) {
      Had had = any(series);
      history.append("; ").append(had.file.number).append(" counts");
      double[] cells = cells(had.family);
      for (int i = 0; i < cells.length; i++) {
        had.file.set(had.index, i, cells[i]);
      }
    }
  }

  private void remove() {
    if (!series.isEmpty()) {
      Had had = any(series);
      if (had.file.live && had.file.snapshot().catalog().removedNanos()[had.index] == 0) {
        history.append("; ").append(had.file.number).append(" removes ").append(had.index);
        had.file.remove(had.index, time());
      }
    }
  }

  /** The worker goes on in another file, which has some of its series so far. */
  private void move(MadeWorker file) {
    MadeWorker next = file.successor(++numbers, time());
    history.append("; ").append(file.number).append(" moves to ").append(numbers);
    for (Had had : List.copyOf(series)) {
      if (had.file == file && random.nextBoolean()) {
        int index = next.add(had.family, time(), had.labels, file.cells(had.index, had.family));
        series.add(new Had(next, index, had.family, had.labels));
      }
    }
    files.add(next);
    if (random.nextBoolean()) {
      file.die(time());
    }
  }

  private void retire() {
    DirectorySnapshot directory = directory();
    Set<Snapshot> dead = new HashSet<>();
    Set<Integer> deadNumbers = new HashSet<>();
    for (Snapshot worker : directory.workers()) {
      if (!worker.live() && random.nextInt(3) != 0) {
        dead.add(worker);
        deadNumbers.add((int) worker.worker().incarnation().low());
      }
    }
    history.append("; retire ").append(deadNumbers);
    retained = MadeWorker.retire(directory, dead).retained();
    files.removeIf(file -> deadNumbers.contains(file.number));
    series.removeIf(had -> deadNumbers.contains(had.file.number));
  }
}
