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
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Workers that agree about nothing (types, names that clash, label names, modes, bounds), that
 * count unusual numbers, remove series, move to other files and share names: whichever dead ones of
 * them are retired, nothing that is shown changes.
 */
class RetiringPropertyTest {
  private static final int ROUNDS = 80;
  private static final int STEPS = 40;
  private static final long STEP_NANOS = 10_000_000_000L;

  /** The year 2100. */
  private static final double AHEAD_MICROS = 4.1e15;

  private static final List<FamilyDescriptor> FAMILIES =
      List.of(
          counter("x"),
          counter("x", "l"),
          counter("x", "m", "l"),
          gauge("x", GaugeFold.SUM, "l"),
          gauge("x", GaugeFold.MOSTRECENT, "l", "m"),
          liveGauge("x", GaugeFold.ALL, "l"),
          summary("x"),
          histogram("x", List.of(1.0, 4.0), "l"),
          histogram("x", List.of(2.0), "l"),
          gauge("x_total", GaugeFold.ALL, "worker"),
          liveGauge("x_total", GaugeFold.MAX),
          gauge("x_count", GaugeFold.MAX),
          gauge("x_created", GaugeFold.MIN, "l"),
          counter("c", "l"),
          counter("c", "l", "m"),
          summary("s", "l"),
          summary("s", "m"),
          histogram("h", List.of(1.0, 4.0), "l"),
          histogram("h", List.of(0.5, 1.0, 8.0), "m", "l"),
          gauge("g", GaugeFold.ALL),
          gauge("g", GaugeFold.ALL, "l"),
          gauge("g", GaugeFold.SUM, "l"),
          gauge("g", GaugeFold.MIN),
          gauge("g", GaugeFold.MAX, "m"),
          gauge("g", GaugeFold.MOSTRECENT, "l"),
          liveGauge("g", GaugeFold.SUM, "l"));

  private static final List<String> VALUES = List.of("", "p", "q", "overflow");
  private static final double[] UNUSUAL = {
    0, -0.0, Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY
  };

  private record Key(FamilyDescriptor family, List<String> labels) {}

  private static final class Worker {
    final List<FamilyDescriptor> families;
    MadeWorker file;
    MadeWorker before;
    final Map<Key, Integer> series = new LinkedHashMap<>();
    final Map<Key, Integer> unmoved = new LinkedHashMap<>();

    Worker(MadeWorker file, List<FamilyDescriptor> families) {
      this.file = file;
      this.families = families;
    }
  }

  private final List<Worker> live = new ArrayList<>();
  private List<MadeWorker> files;
  private DirectorySnapshot retained;
  private Random random;
  private int numbers;
  private long nowNanos;
  private StringBuilder history;

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void changesNothingThatIsShown(long seed) {
    random = new Random(seed);
    for (int round = 0; round < ROUNDS; round++) {
      live.clear();
      files = new ArrayList<>();
      retained = new DirectorySnapshot(List.of(), List.of(), Map.of(), 0);
      numbers = 0;
      nowNanos = 0;
      history = new StringBuilder("seed " + seed + ", round " + round);
      for (int step = 0; step < STEPS; step++) {
        nowNanos += STEP_NANOS;
        act();
      }
      live.forEach(this::die);
      live.clear();
      retire();
    }
  }

  private <T> T any(List<T> list) {
    return list.get(random.nextInt(list.size()));
  }

  private void act() {
    int action = live.isEmpty() ? 0 : random.nextInt(16);
    if (action == 0) {
      start();
      return;
    }
    if (action <= 2) {
      retire();
      return;
    }
    Worker worker = any(live);
    history.append("; ").append(worker.file.number);
    switch (action) {
      case 3, 4 -> {
        history.append(" dies");
        die(worker);
        live.remove(worker);
      }
      case 5 -> move(worker);
      case 6, 7 -> remove(worker);
      default -> update(worker);
    }
  }

  private void start() {
    MadeWorker file = new MadeWorker(++numbers, nowNanos);
    file.name = any(List.of("v", "w", "w" + numbers, "w" + numbers));
    List<FamilyDescriptor> families = new ArrayList<>();
    Map<String, MetricType> types = new HashMap<>();
    for (int i = 0; i < 6; i++) {
      FamilyDescriptor family = any(FAMILIES);
      if (types.computeIfAbsent(family.name(), k -> family.type()) == family.type()
          && families.stream().noneMatch(other -> clash(other, family))) {
        families.add(family);
      }
    }
    history.append("; start ").append(numbers).append(" ").append(file.name);
    files.add(file);
    live.add(new Worker(file, families));
    families.forEach(file::addFamily);
  }

  private static boolean clash(FamilyDescriptor one, FamilyDescriptor other) {
    if (one.name().equals(other.name())) {
      return one.fold() != other.fold() || one.liveOnly() != other.liveOnly();
    }
    return names(one).stream().anyMatch(names(other)::contains);
  }

  private static Set<String> names(FamilyDescriptor family) {
    Set<String> names = new HashSet<>(SampleNames.all(family));
    names.addAll(SampleNames.claimed(family));
    return names;
  }

  private void die(Worker worker) {
    worker.file.die(nowNanos);
    if (worker.before != null) {
      worker.before.die(nowNanos);
    }
  }

  private void update(Worker worker) {
    FamilyDescriptor family = any(worker.families);
    List<String> labels = family.labelNames().stream().map(name -> any(VALUES)).toList();
    Key key = new Key(family, labels);
    Map<String, String> identity = identity(key);
    for (Key other : worker.series.keySet()) {
      if (other.family.name().equals(family.name()) && identity(other).equals(identity)) {
        key = other;
      }
    }
    MadeWorker file = worker.file;
    if (worker.unmoved.containsKey(key)) {
      file = worker.before;
    }
    history.append(" counts ").append(show(key));
    Integer index = worker.series.get(key);
    if (index == null) {
      index = file.add(key.family, nowNanos, key.labels, new double[key.family.cellCount()]);
      worker.series.put(key, index);
    }
    double value = random.nextInt(4) == 0 ? any(UNUSUAL) : random.nextInt(10);
    switch (key.family.type()) {
      case COUNTER -> file.add(index, 0, random.nextInt(5));
      case GAUGE -> {
        if (random.nextInt(4) != 0) {
          file.set(index, 0, value);
          file.set(index, 1, random.nextInt(8) == 0 ? AHEAD_MICROS : nowNanos / 1000.0);
        }
      }
      default -> {
        double finite = Double.isFinite(value) ? value : 0;
        file.add(index, 1, finite);
        List<Double> bounds = key.family.upperBounds();
        int bucket = 0;
        while (bucket < bounds.size() && bounds.get(bucket) < finite) {
          bucket++;
        }
        file.add(index, 2 + bucket, 1);
      }
    }
  }

  private double any(double[] values) {
    return values[random.nextInt(values.length)];
  }

  private static Map<String, String> identity(Key key) {
    Map<String, String> labels = new TreeMap<>();
    for (int i = 0; i < key.labels.size(); i++) {
      if (!key.labels.get(i).isEmpty()) {
        labels.put(key.family.labelNames().get(i), key.labels.get(i));
      }
    }
    return labels;
  }

  private static String show(Key key) {
    FamilyDescriptor family = key.family;
    return family.type()
        + (family.type() == MetricType.GAUGE ? "-" + family.fold() + family.liveOnly() : "")
        + family.upperBounds()
        + " "
        + family.name()
        + identity(key);
  }

  private void remove(Worker worker) {
    if (worker.series.isEmpty()) {
      return;
    }
    Key key = any(List.copyOf(worker.series.keySet()));
    history.append(" removes ").append(show(key));
    MadeWorker file = worker.unmoved.remove(key) == null ? worker.file : worker.before;
    file.remove(worker.series.remove(key), nowNanos);
  }

  private void move(Worker worker) {
    history.append(" moves to ").append(numbers + 1);
    if (!worker.unmoved.isEmpty() && worker.before != null) {
      // The rest follows.
      for (Key key : List.copyOf(worker.unmoved.keySet())) {
        moveOne(worker, key, worker.before);
      }
      worker.before.die(nowNanos);
      worker.before = null;
      return;
    }
    MadeWorker old = worker.file;
    if (worker.before != null) {
      worker.before.die(nowNanos);
    }
    worker.before = old;
    worker.file = old.successor(++numbers, nowNanos);
    files.add(worker.file);
    worker.families.forEach(worker.file::addFamily);
    worker.unmoved.putAll(worker.series);
    for (Key key : List.copyOf(worker.series.keySet())) {
      if (random.nextInt(3) != 0) {
        moveOne(worker, key, old);
      }
    }
    if (worker.unmoved.isEmpty()) {
      worker.before.die(nowNanos);
      worker.before = null;
    }
  }

  private void moveOne(Worker worker, Key key, MadeWorker old) {
    int index = worker.unmoved.remove(key);
    worker.series.put(
        key,
        worker.file.add(
            key.family,
            old.snapshot().catalog().series().get(index).createdNanos(),
            key.labels,
            old.cells(index, key.family)));
  }

  private DirectorySnapshot directory() {
    return new DirectorySnapshot(
        MadeWorker.directory(files).workers(), retained.retained(), Map.of(), 0);
  }

  private void retire() {
    DirectorySnapshot directory = directory();
    Set<Snapshot> dead = new HashSet<>();
    Set<Integer> retiredNumbers = new TreeSet<>();
    for (Snapshot worker : directory.workers()) {
      if (!worker.live() && random.nextInt(3) != 0) {
        dead.add(worker);
      }
    }
    for (Snapshot worker : directory.workers()) {
      if (!worker.live() && dead.stream().anyMatch(later -> isBefore(worker, later))) {
        dead.add(worker);
      }
    }
    if (dead.stream().anyMatch(RetiringPropertyTest::hasRemoved)) {
      directory.workers().stream().filter(worker -> !worker.live()).forEach(dead::add);
    }
    dead.forEach(worker -> retiredNumbers.add((int) worker.worker().incarnation().low()));
    history.append("; retire ").append(retiredNumbers);
    String before = shown(directory);
    retained = MadeWorker.retire(directory, dead);
    files.removeIf(file -> retiredNumbers.contains(file.number));
    String after = shown(directory());
    assertEquals(before, after, history.toString());
  }

  /** Which are retired together unless there is no space: earlier ones of a name or worker. */
  private static boolean isBefore(Snapshot worker, Snapshot later) {
    return later.predecessors().contains(worker.worker().incarnation())
        || (later.worker().workerName().equals(worker.worker().workerName())
            && worker.worker().createdNanos() < later.worker().createdNanos());
  }

  private static boolean hasRemoved(Snapshot worker) {
    return Arrays.stream(worker.catalog().removedNanos()).anyMatch(nanos -> nanos != 0);
  }

  private static String shown(DirectorySnapshot directory) {
    return MadeWorker.samples(directory)
        .lines()
        .map(line -> withSortedLabels(line).replace("{}", ""))
        .sorted()
        .map(line -> line + "\n")
        .collect(Collectors.joining());
  }

  private static String withSortedLabels(String line) {
    int open = line.indexOf('{');
    if (open < 0) {
      return line;
    }
    int close = line.indexOf('}');
    return line.substring(0, open + 1)
        + Arrays.stream(line.substring(open + 1, close).split(","))
            .filter(label -> !label.endsWith("=\"\""))
            .sorted()
            .collect(Collectors.joining(","))
        + line.substring(close);
  }
}
