package io.github.multiprom.merge;

import static io.github.multiprom.merge.WorkerDirectory.counter;
import static io.github.multiprom.merge.WorkerDirectory.gauge;
import static io.github.multiprom.merge.WorkerDirectory.histogram;
import static io.github.multiprom.merge.WorkerDirectory.liveGauge;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.multiprom.model.DirectorySnapshot;
import io.github.multiprom.model.FamilyDescriptor;
import io.github.multiprom.model.GaugeFold;
import io.github.multiprom.model.Snapshot;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
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
 * Two releases that differ in label names, bucket bounds and gauge modes are rolled back and forth
 * at random, with canaries of another type, moves to other files and retiring in between, against a
 * model that adds up what was counted.
 *
 * <p>Whatever is done, counters, counts and sums are exact, each bucket is what its bound asks for
 * and never falls, and retiring changes nothing that is shown.
 */
class DeployPropertyTest {
  private static final int ROUNDS = 15;
  private static final int STEPS = 60;
  private static final long STEP_NANOS = 10_000_000_000L;

  private static final List<FamilyDescriptor> COUNTERS =
      List.of(counter("c", "l"), counter("c", "l", "code"), counter("c", "code", "l"));
  private static final List<FamilyDescriptor> HISTOGRAMS =
      List.of(
          histogram("h", List.of(1.0, 4.0), "l"),
          histogram("h", List.of(2.0, 4.0, 8.0), "l"),
          histogram("h", List.of(-1.0), "code", "l"));
  private static final List<FamilyDescriptor> GAUGES =
      List.of(
          gauge("g", GaugeFold.SUM),
          gauge("g", GaugeFold.MAX),
          liveGauge("g", GaugeFold.SUM),
          gauge("g", GaugeFold.ALL, "l"),
          gauge("g", GaugeFold.MOSTRECENT));
  private static final FamilyDescriptor CANARY = gauge("c", GaugeFold.SUM, "l");

  /** What was observed with some bounds. */
  private record Bucketed(String label, List<Double> bounds) {}

  private static final class Worker {
    final int release;
    MadeWorker file;
    final Map<List<Object>, Integer> series = new HashMap<>();

    Worker(int release, MadeWorker file) {
      this.release = release;
      this.file = file;
    }
  }

  private final List<Worker> live = new ArrayList<>();
  private final Map<String, Double> counted = new TreeMap<>();
  private final Map<Bucketed, List<Double>> observed = new HashMap<>();
  private final Map<String, Double> lastBuckets = new HashMap<>();
  private Random random;
  private DirectorySnapshot retained;
  private List<MadeWorker> files;
  private int workers;
  private long nowNanos;
  private StringBuilder history;

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void neverLosesDoublesOrDropsAnything(long seed) {
    random = new Random(seed);
    for (int round = 0; round < ROUNDS; round++) {
      live.clear();
      counted.clear();
      observed.clear();
      lastBuckets.clear();
      files = new ArrayList<>();
      retained = new DirectorySnapshot(List.of(), List.of(), Map.of(), 0);
      workers = 0;
      nowNanos = 0;
      history = new StringBuilder("seed " + seed + ", round " + round);
      for (int step = 0; step < STEPS; step++) {
        nowNanos += STEP_NANOS;
        act();
        check();
      }
    }
  }

  private void act() {
    int action = live.isEmpty() ? 0 : random.nextInt(12);
    if (action == 0) {
      Worker worker = new Worker(random.nextInt(2), new MadeWorker(++workers, nowNanos));
      live.add(worker);
      files.add(worker.file);
      history.append("; start ").append(workers).append(" of ").append(worker.release);
      return;
    }
    if (action == 1) {
      retire();
      return;
    }
    Worker worker = live.get(random.nextInt(live.size()));
    history.append("; ").append(worker.file.number);
    switch (action) {
      case 2 -> {
        history.append(" dies");
        worker.file.die(nowNanos);
        live.remove(worker);
      }
      case 3 -> {
        history.append(" moves");
        move(worker);
      }
      case 4 -> {
        history.append(" sees a canary");
        canary();
      }
      case 5, 6 -> setGauge(worker);
      case 7, 8, 9 -> count(worker);
      default -> observe(worker);
    }
  }

  private static <T> T any(Random random, List<T> list) {
    return list.get(random.nextInt(list.size()));
  }

  private int series(Worker worker, FamilyDescriptor family, List<String> labels) {
    return worker.series.computeIfAbsent(
        List.of(family, labels),
        k -> worker.file.add(family, nowNanos, labels, new double[family.cellCount()]));
  }

  private void count(Worker worker) {
    String l = any(random, List.of("a", "b"));
    String code = any(random, List.of("", "200"));
    // The later release has two of the lists, but each label set once.
    FamilyDescriptor family = COUNTERS.get(worker.release == 0 ? 0 : l.equals("a") ? 1 : 2);
    List<String> labels =
        family.labelNames().stream().map(name -> name.equals("l") ? l : code).toList();
    worker.file.add(series(worker, family, labels), 0, 1);
    boolean hasCode = family.labelNames().size() == 2 && !code.isEmpty();
    counted.merge("l=" + l + (hasCode ? ",code=" + code : ""), 1.0, Double::sum);
  }

  private void observe(Worker worker) {
    String l = any(random, List.of("a", "b"));
    FamilyDescriptor family = HISTOGRAMS.get(worker.release + (l.equals("a") ? 0 : 1));
    List<String> labels =
        family.labelNames().stream().map(name -> name.equals("l") ? l : "").toList();
    double value = random.nextInt(12);
    int series = series(worker, family, labels);
    int bucket = 0;
    while (bucket < family.upperBounds().size() && family.upperBounds().get(bucket) < value) {
      bucket++;
    }
    worker.file.add(series, 1, value);
    worker.file.add(series, 2 + bucket, 1);
    observed
        .computeIfAbsent(new Bucketed(l, family.upperBounds()), k -> new ArrayList<>())
        .add(value);
  }

  private void setGauge(Worker worker) {
    FamilyDescriptor family = GAUGES.get(worker.release + random.nextInt(GAUGES.size() - 1));
    int series = series(worker, family, family.labelNames().stream().map(name -> "x").toList());
    worker.file.set(series, 0, random.nextInt(100));
    worker.file.set(series, 1, nowNanos / 1000.0);
  }

  private void move(Worker worker) {
    MadeWorker old = worker.file;
    MadeWorker next = old.successor(++workers, nowNanos);
    files.add(next);
    for (Map.Entry<List<Object>, Integer> entry : new HashMap<>(worker.series).entrySet()) {
      @SuppressWarnings("unchecked")
      List<String> labels = (List<String>) entry.getKey().get(1);
      FamilyDescriptor family = (FamilyDescriptor) entry.getKey().get(0);
      worker.series.put(
          entry.getKey(), next.add(family, nowNanos, labels, old.cells(entry.getValue(), family)));
      if (random.nextInt(3) == 0) {
        // Were it killed here, it would be right as well.
        check();
      }
    }
    worker.file = next;
    check();
    old.die(nowNanos);
  }

  /** One beside workers that count; where none does, it would say what the family is. */
  private void canary() {
    if (live.stream()
        .noneMatch(
            worker ->
                worker.series.keySet().stream().anyMatch(key -> COUNTERS.contains(key.get(0))))) {
      return;
    }
    MadeWorker canary = new MadeWorker(++workers, nowNanos);
    canary.add(CANARY, nowNanos, List.of("a"), 1_000, nowNanos / 1000.0);
    canary.add(liveGauge("g", GaugeFold.MAX), nowNanos, List.of(), 1_000, nowNanos / 1000.0);
    files.add(canary);
    checkCounters(samples());
    canary.die(nowNanos);
    nowNanos += STEP_NANOS;
  }

  private DirectorySnapshot directory() {
    return new DirectorySnapshot(
        MadeWorker.directory(files).workers(), retained.retained(), Map.of(), 0);
  }

  private void retire() {
    DirectorySnapshot directory = directory();
    Set<Snapshot> dead = new HashSet<>();
    Set<Integer> numbers = new TreeSet<>();
    for (Snapshot worker : directory.workers()) {
      if (!worker.live() && random.nextInt(3) != 0) {
        dead.add(worker);
        numbers.add((int) worker.worker().incarnation().low());
      }
    }
    history.append("; retire ").append(numbers);
    String before = MadeWorker.samples(directory);
    retained = MadeWorker.retire(directory, dead);
    files.removeIf(file -> numbers.contains(file.number));
    assertEquals(before, MadeWorker.samples(directory()), history.toString());
  }

  private Map<String, Double> samples() {
    Map<String, Double> samples = new TreeMap<>();
    MadeWorker.samples(directory())
        .lines()
        .forEach(
            line -> {
              int space = line.lastIndexOf(' ');
              samples.put(line.substring(0, space), Double.valueOf(line.substring(space + 1)));
            });
    return samples;
  }

  private void check() {
    Map<String, Double> samples = samples();
    checkCounters(samples);
    for (String label : List.of("a", "b")) {
      checkHistogram(label, samples);
    }
  }

  /** Without empty labels, which a family of one label list shows. */
  private static String identity(String sample) {
    String labels = sample.substring(sample.indexOf('{') + 1, sample.indexOf('}'));
    return Arrays.stream(labels.split(","))
        .filter(label -> !label.endsWith("=\"\"") && !label.startsWith("worker="))
        .map(label -> label.replace("\"", ""))
        .sorted(Comparator.reverseOrder())
        .collect(Collectors.joining(","));
  }

  private void checkCounters(Map<String, Double> samples) {
    Map<String, Double> shown = new TreeMap<>();
    samples.forEach(
        (sample, value) -> {
          if (sample.startsWith("c_total")) {
            shown.put(identity(sample), value);
          }
        });
    assertEquals(counted, shown, history.toString());
  }

  private void checkHistogram(String label, Map<String, Double> samples) {
    Map<Double, Double> expected = new TreeMap<>();
    double count = 0;
    double sum = 0;
    for (Map.Entry<Bucketed, List<Double>> entry : observed.entrySet()) {
      if (entry.getKey().label.equals(label)) {
        count += entry.getValue().size();
        sum += entry.getValue().stream().mapToDouble(Double::doubleValue).sum();
      }
    }
    if (count == 0) {
      return;
    }
    for (Map.Entry<String, Double> sample : samples.entrySet()) {
      String name = sample.getKey();
      if (!name.startsWith("h_") || !name.contains("l=\"" + label + "\"")) {
        continue;
      }
      if (name.startsWith("h_count")) {
        assertEquals(count, sample.getValue(), history.toString());
      } else if (name.startsWith("h_sum")) {
        assertEquals(sum, sample.getValue(), history.toString());
      } else {
        String le = name.replaceAll(".*le=\"([^\"]*)\".*", "$1").replace("+Inf", "Infinity");
        double bound = Double.parseDouble(le);
        expected.put(bound, sample.getValue());
        assertEquals(atMost(label, bound), sample.getValue(), history + ": " + name);
        double before = lastBuckets.getOrDefault(label + bound, 0.0);
        assertTrue(sample.getValue() >= before, history + ": " + name);
        lastBuckets.put(label + bound, sample.getValue());
      }
    }
    assertTrue(expected.containsKey(Double.POSITIVE_INFINITY), history.toString());
    Set<Double> bounds = new TreeSet<>();
    for (Worker worker : live) {
      for (FamilyDescriptor family : HISTOGRAMS) {
        List<String> labels =
            family.labelNames().stream().map(n -> n.equals("l") ? label : "").toList();
        if (worker.series.containsKey(List.of(family, labels))) {
          bounds.addAll(family.upperBounds());
        }
      }
    }
    if (!bounds.isEmpty()) {
      bounds.add(Double.POSITIVE_INFINITY);
      assertEquals(bounds, expected.keySet(), history.toString());
    }
  }

  /** What every worker had counted at its own greatest bound that is not above another one. */
  private double atMost(String label, double bound) {
    double count = 0;
    for (Map.Entry<Bucketed, List<Double>> entry : observed.entrySet()) {
      if (entry.getKey().label.equals(label)) {
        double own = bound;
        if (bound != Double.POSITIVE_INFINITY) {
          own = Double.NEGATIVE_INFINITY;
          for (double candidate : entry.getKey().bounds) {
            own = candidate <= bound ? candidate : own;
          }
        }
        double last = own;
        count += entry.getValue().stream().filter(value -> value <= last).count();
      }
    }
    return count;
  }
}
