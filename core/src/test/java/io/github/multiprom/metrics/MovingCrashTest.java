package io.github.multiprom.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.multiprom.internal.file.CrashingStore;
import io.github.multiprom.internal.worker.StoreUnderTest;
import io.github.multiprom.merge.MultiprocessCollector;
import io.github.multiprom.merge.RetiringNow;
import io.prometheus.client.Collector.MetricFamilySamples;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Stops a worker after each step of its way to another file, and looks at what is shown then. */
@Tag(StoreUnderTest.TAG)
class MovingCrashTest {
  @TempDir Path parent;

  /** One run: what was counted is in {@code counted}; what is being counted besides too. */
  private static final class Run {
    final CrashingStore store = new CrashingStore();
    final Path directory;
    final Map<String, Double> counted = new TreeMap<>();
    final Map<String, Double> begun = new TreeMap<>();
    private Counter counter;
    private Gauge gauge;
    private Histogram histogram;
    private Summary summary;
    private Summary window;
    private Histogram both;
    private Worker worker;
    private int nativeCount;

    Run(Path directory) {
      this.directory = directory;
    }

    void start() {
      start(20, "gone");
    }

    /** Opens the worker, and removes a label value so often. */
    void start(int removed, String gone) {
      worker =
          Workers.builder()
              .directory(directory)
              .maxSeries(5)
              .directoryStore(store::open)
              .withoutHousekeeping()
              .open();
      counter = Counter.build("c", "Help.").labelNames("a").worker(worker).create();
      gauge = Gauge.build("g", "Help.").mode(GaugeMode.SUM).worker(worker).create();
      histogram = Histogram.build("h", "Help.").buckets(1).worker(worker).create();
      summary = Summary.build("s", "Help.").worker(worker).create();
      window = Summary.build("w", "Help.").quantile(0.5, 0.1).worker(worker).create();
      both = Histogram.build("n", "Help.").withNative().buckets(1).worker(worker).create();
      for (int i = 0; i < removed; i++) {
        counter.labels(gone).inc();
        counter.remove(gone);
      }
      count();
    }

    void count() {
      for (String label : List.of("x", "y")) {
        begin("c_total[" + label + "]", 1);
        counter.labels(label).inc();
        done();
      }
      begin("g[]", 5);
      gauge.inc(5);
      done();
      begin("h_count[]", 1);
      begin("h_sum[]", 3);
      begin("h_bucket[1.0]", 0);
      begin("h_bucket[+Inf]", 1);
      histogram.observe(3);
      done();
      begin("s_count[]", 1);
      begin("s_sum[]", 0.5);
      summary.observe(0.5);
      done();
      begin("w_count[]", 1);
      begin("w_sum[]", 4);
      // What stands for the bucket of 4, always.
      begin("w[0.5]", counted.containsKey("w[0.5]") ? 0 : 4 * 0.9891699987466264);
      window.observe(4);
      done();
      // Another chunk each time.
      double value = 0x1p-12 * Math.pow(4, nativeCount++);
      begin("n_count[]", 1);
      begin("n_sum[]", value);
      begin("n_bucket[1.0]", value <= 1 ? 1 : 0);
      begin("n_bucket[+Inf]", 1);
      both.observe(value);
      done();
    }

    private void begin(String sample, double amount) {
      begun.put(sample, counted.getOrDefault(sample, 0.0) + amount);
    }

    private void done() {
      counted.putAll(begun);
    }

    /** Moves, and counts before each of the steps. */
    void move() {
      for (int i = 0; i < 4; i++) {
        worker.tick();
        count();
      }
    }

    void close() {
      worker.close();
    }
  }

  @Test
  void countsEachIncrementOnceWhenAFileIsRenewed() throws Exception {
    Run whole = new Run(parent.resolve("whole"));
    whole.start();
    Path first = files(whole.directory, ".worker").get(0);
    whole.store.crashAfter(Integer.MAX_VALUE);
    whole.move();
    RetiringNow.retire(whole.directory);
    assertTrue(Files.notExists(first), "not renewed");
    assertShown(whole, "whole");
    whole.close();
    int steps = whole.store.passed();
    assertTrue(steps > 30, steps + " steps");
    for (int step = 1; step <= steps; step++) {
      Run run = new Run(parent.resolve("step-" + step));
      crash(run, step, () -> {});
      assertShown(run, "step " + step);
      RetiringNow.retire(run.directory);
      assertShown(run, "step " + step + ", retired");
    }
  }

  @Test
  void showsAllOrNothingOfASeriesThatWaitsForTheNextFile() throws Exception {
    showsAllOrNothing(10);
  }

  @Test
  @Tag("field")
  @Timeout(600)
  void showsAllOrNothingOfASeriesThatWaitsForTheNextFileAtEachStep() throws Exception {
    showsAllOrNothing(1);
  }

  private void showsAllOrNothing(int stride) throws Exception {
    int first = new Random().nextInt(stride) + 1;
    System.out.println("steps " + first + " and each " + stride + " after it");
    int removed = 4500;
    String gone = "g".repeat(4000);
    Run whole = new Run(parent.resolve("whole"));
    whole.start(removed, gone);
    assertTrue(!shown(whole.directory).containsKey("c_total[x]"), "not outgrown");
    whole.store.crashAfter(Integer.MAX_VALUE);
    whole.move();
    assertShown(whole, "whole");
    whole.close();
    for (int step = first; step <= whole.store.passed(); step += stride) {
      Run run = new Run(parent.resolve("step-" + step));
      run.start(removed, gone);
      crash(run, step);
      for (String series : List.of("c_total[x]", "c_total[y]")) {
        if (!shown(run.directory).containsKey(series)) {
          run.counted.remove(series);
        }
      }
      assertShown(run, "step " + step);
      RetiringNow.retire(run.directory);
      assertShown(run, "step " + step + ", retired");
    }
  }

  @Test
  void countsEachIncrementOnceWhenADirectoryIsAwayAndComesBack() throws Exception {
    Run whole = new Run(parent.resolve("whole"));
    whole.start();
    whole.store.crashAfter(Integer.MAX_VALUE);
    Files.move(whole.directory, parent.resolve("whole-away"));
    whole.move();
    assertShown(whole, "whole");
    whole.close();
    for (int step = 1; step <= whole.store.passed(); step++) {
      Path away = parent.resolve("away-" + step);
      Run run = new Run(parent.resolve("step-" + step));
      crash(run, step, () -> Files.move(run.directory, away));
      Files.createDirectories(run.directory);
      String when = "step " + step;
      shown(run.directory)
          .forEach((sample, value) -> assertTrue(isRight(run, sample, value), when + sample));
      for (Path file : files(away, "")) {
        if (!file.getFileName().toString().startsWith("multiprom.")) {
          Files.move(file, run.directory.resolve(file.getFileName()));
        }
      }
      assertShown(run, when + ", back");
      RetiringNow.retire(run.directory);
      assertShown(run, when + ", back and retired");
    }
  }

  @FunctionalInterface
  private interface Trouble {
    void run() throws IOException;
  }

  private static void crash(Run run, int step, Trouble trouble) throws IOException {
    run.start();
    trouble.run();
    crash(run, step);
  }

  private static void crash(Run run, int step) {
    run.store.crashAfter(step);
    try {
      run.move();
    } catch (CrashingStore.Crash e) {
      // What this is about. It may hit at the same step in a thread of the store, too.
    }
    run.store.kill();
  }

  private static boolean isRight(Run run, String sample, double value) {
    return value == run.counted.get(sample) || value == run.begun.get(sample);
  }

  private static void assertShown(Run run, String when) throws IOException {
    Map<String, Double> shown = shown(run.directory);
    assertEquals(run.counted.keySet(), shown.keySet(), when);
    shown.forEach(
        (sample, value) ->
            assertTrue(
                isRight(run, sample, value),
                when + ": " + sample + " " + value + ", right is " + run.counted.get(sample)));
  }

  private static Map<String, Double> shown(Path directory) throws IOException {
    Map<String, Double> shown = new TreeMap<>();
    try (MultiprocessCollector collector = new MultiprocessCollector(directory)) {
      for (MetricFamilySamples family : collector.collect()) {
        for (MetricFamilySamples.Sample sample : family.samples) {
          if (!sample.name.startsWith("multiprom_") && !sample.name.endsWith("_created")) {
            shown.put(sample.name + sample.labelValues, sample.value);
          }
        }
      }
    }
    return shown;
  }

  private static List<Path> files(Path directory, String suffix) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.filter(file -> file.toString().endsWith(suffix)).toList();
    }
  }
}
