package io.github.multiprom.prometheus;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.multiprom.metrics.Enumeration;
import io.github.multiprom.metrics.GaugeMode;
import io.github.multiprom.metrics.Worker;
import io.prometheus.metrics.instrumentation.jvm.JvmMetrics;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What the client's HTTP server shows beside what {@code multiprom cat} prints. */
@Timeout(120)
class CatProcessTest {
  private static final Duration LONG = Duration.ofSeconds(20);
  private static final Pattern LABEL = Pattern.compile("(\\w+)=\"((?:\\\\.|[^\"\\\\])*)\"");

  @TempDir Path directory;

  @Test
  void showsTheSameNumbers() throws Exception {
    try (Worker one = Worker.builder().directory(directory).name("one").open();
        MergedPrometheusRegistry registry = MergedPrometheusRegistry.of(one)) {
      JvmMetrics.builder().register(registry);
      count(one, 1);
      try (Worker two = Worker.builder().directory(directory).name("two").open()) {
        count(two, 2);
      }
      one.sampler().sampleNow(LONG);
      Map<String, Double> shown = samples(Scrapes.of(registry));
      // It no longer samples, and so shows the same as the other process.
      registry.clear();
      Map<String, Double> printed = samples(cat());
      assertTrue(shown.size() > 50, shown::toString);
      assertEquals(new TreeSet<>(stable(printed).keySet()), new TreeSet<>(stable(shown).keySet()));
      counted(printed).forEach((sample, value) -> assertEquals(value, shown.get(sample), sample));
    }
  }

  private static void count(Worker worker, int n) {
    Counter.builder()
        .name("app_calls")
        .labelNames("to")
        .worker(worker)
        .build()
        .labelValues("\"\\\n")
        .inc(n);
    Gauge.builder().name("app_depth").worker(worker).build().set(n);
    Gauge.builder().name("app_most").mode(GaugeMode.MAX).worker(worker).build().set(n);
    Histogram.builder().name("app_latency").worker(worker).build().observe(n);
    Summary.builder().name("app_sent").worker(worker).build().observe(n);
    Info.builder()
        .name("app_version")
        .labelNames("version")
        .worker(worker)
        .build()
        .setLabelValues("" + n);
    Enumeration.build("app_state", "State.")
        .states("idle", "busy")
        .mode(GaugeMode.LIVEMAX)
        .worker(worker)
        .create()
        .state("busy");
  }

  private String cat() throws Exception {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("java.class.path"),
                "io.github.multiprom.cli.Multiprom",
                "cat",
                directory.toString())
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    try {
      String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertEquals(0, process.waitFor());
      return text;
    } finally {
      process.destroyForcibly();
    }
  }

  /** Values by name and sorted labels. */
  private static Map<String, Double> samples(String text) {
    Map<String, Double> samples = new TreeMap<>();
    text.lines()
        .filter(line -> !line.startsWith("#") && !line.isBlank())
        .forEach(
            line -> {
              int end = line.lastIndexOf(' ');
              Map<String, String> labels = new TreeMap<>();
              Matcher matcher = LABEL.matcher(line);
              while (matcher.find()) {
                labels.put(matcher.group(1), matcher.group(2));
              }
              String name = line.substring(0, end).replaceFirst("\\{.*", "");
              samples.put(
                  name + labels,
                  Double.valueOf(line.substring(end + 1).replace("Inf", "Infinity")));
            });
    return samples;
  }

  /**
   * All but when series were made, which the client does not show by default, and sampled gauges.
   */
  private static Map<String, Double> stable(Map<String, Double> samples) {
    Map<String, Double> stable = new TreeMap<>(samples);
    stable.keySet().removeIf(name -> name.contains("_created{") || name.contains("multiprom_"));
    stable.keySet().removeIf(name -> name.startsWith("jvm_") || name.startsWith("process_"));
    return stable;
  }

  private static Map<String, Double> counted(Map<String, Double> samples) {
    Map<String, Double> counted = stable(samples);
    counted.keySet().removeIf(name -> !name.startsWith("app_"));
    return counted;
  }
}
