package io.github.multiprom.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.multiprom.internal.worker.Children;
import io.github.multiprom.merge.MultiprocessCollector;
import io.prometheus.client.Collector;
import io.prometheus.client.Collector.MetricFamilySamples;
import io.prometheus.client.Collector.MetricFamilySamples.Sample;
import io.prometheus.client.CollectorRegistry;
import io.prometheus.client.exporter.common.TextFormat;
import java.io.File;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** JVMs that are sampled and killed, scraped all the time. */
class SampledJvmsProcessTest {
  private static final int WORKERS = 3;
  private static final long SCRAPE_PERIOD_NANOS = TimeUnit.MILLISECONDS.toNanos(50);
  private static final long KILL_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(1500);

  /** Of a worker file with the JVM's families, several times over. */
  private static final long MOST_BYTES = 4 << 20;

  @TempDir Path path;

  private final CollectorRegistry registry = new CollectorRegistry();
  private final Map<List<?>, Double> last = new HashMap<>();
  private final List<Process> running = new ArrayList<>();
  private final List<String> names = new ArrayList<>();
  private Children children;
  private int started;
  private int scrapes;
  private int checks;

  @Test
  @Timeout(value = 2, unit = TimeUnit.MINUTES)
  void loseNothingThatWasShownWhenTheyAreKilled() throws Exception {
    run(TimeUnit.SECONDS.toNanos(1));
  }

  @Test
  @Tag("field")
  @Timeout(value = 4, unit = TimeUnit.MINUTES)
  void loseNothingThatWasShownWhenTheyAreKilledForAMinute() throws Exception {
    run(TimeUnit.SECONDS.toNanos(60));
  }

  private void run(long nanos) throws Exception {
    long seed = System.nanoTime();
    System.out.println("seed " + seed);
    Random random = new Random(seed);
    try (Children all = new Children();
        MultiprocessCollector collector = new MultiprocessCollector(path)) {
      children = all;
      collector.register(registry);
      for (int i = 0; i < WORKERS; i++) {
        running.add(null);
        names.add(null);
        start(i);
      }
      Await.until("the JVMs", () -> lines("process_start_time_seconds{") == WORKERS);
      int kills = 0;
      long start = System.nanoTime();
      long nextKill = start;
      while (System.nanoTime() - start < nanos) {
        long nextScrape = System.nanoTime() + SCRAPE_PERIOD_NANOS;
        checkScrape();
        if (System.nanoTime() > nextKill) {
          int victim = random.nextInt(WORKERS);
          kill(victim);
          kills++;
          String name = names.get(victim);
          start(victim);
          String text = checkScrape();
          assertFalse(text.contains("worker=\"" + name + "\""), name + " is shown");
          nextKill = System.nanoTime() + KILL_PAUSE_NANOS;
        }
        LockSupport.parkNanos(nextScrape - System.nanoTime());
      }
      Await.until("the JVMs", () -> lines("process_start_time_seconds{") == WORKERS);
      Await.until("their versions", () -> lines("jvm_info{") == 1);
      assertEquals(1, lines("process_cpu_seconds_total "));
      Await.until(
          "fresh samples", () -> registry.getSampleValue("multiprom_sample_age_seconds") < 10);
      checkByPromtool(checkScrape());
      System.out.printf(
          "%d kills, %d scrapes, %d samples never fell, %d bytes%n",
          kills, scrapes, checks, bytes());
      assertTrue(bytes() < MOST_BYTES, bytes() + " bytes");
    }
  }

  private void start(int i) throws IOException {
    names.set(i, "w" + started++);
    running.set(i, children.start(JvmWorker.class, path.toString(), names.get(i)));
  }

  private void kill(int i) throws Exception {
    Process process = running.get(i);
    process.destroyForcibly().waitFor();
    children.forget(process);
  }

  private long lines(String prefix) throws IOException {
    return text(families()).lines().filter(line -> line.startsWith(prefix)).count();
  }

  private List<MetricFamilySamples> families() {
    return Collections.list(registry.metricFamilySamples());
  }

  private static String text(List<MetricFamilySamples> families) throws IOException {
    StringWriter text = new StringWriter();
    TextFormat.write004(text, Collections.enumeration(families));
    return text.toString();
  }

  /** Scrapes, and compares all that must not fall with the scrape before. */
  private String checkScrape() throws IOException {
    List<MetricFamilySamples> families = families();
    scrapes++;
    for (MetricFamilySamples family : families) {
      boolean rises =
          family.type == Collector.Type.COUNTER || family.type == Collector.Type.SUMMARY;
      for (Sample sample : family.samples) {
        if (rises && !sample.name.endsWith("_created")) {
          checks++;
          Double before = last.put(List.of(sample.name, sample.labelValues), sample.value);
          assertTrue(
              before == null || sample.value >= before,
              () -> sample + " was " + before + " before");
        }
      }
    }
    return text(families);
  }

  private static void checkByPromtool(String text) throws Exception {
    Path promtool = Path.of("/usr/bin/promtool");
    if (!Files.isExecutable(promtool)) {
      return;
    }
    Path output = Files.createTempFile("promtool", "");
    try {
      Process process =
          new ProcessBuilder(promtool.toString(), "check", "metrics")
              .redirectErrorStream(true)
              .redirectOutput(new File(output.toString()))
              .start();
      try (var input = process.outputWriter()) {
        input.write(text);
      }
      int status = process.waitFor();
      System.out.print(Files.readString(output));
      // 3: it would name some metrics otherwise.
      assertTrue(status == 0 || status == 3, status + ": " + Files.readString(output));
    } finally {
      Files.delete(output);
    }
  }

  private long bytes() throws IOException {
    try (Stream<Path> files = Files.list(path)) {
      return files.mapToLong(file -> file.toFile().length()).sum();
    }
  }
}
