package io.github.multiprom.prometheus;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.multiprom.metrics.Enumeration;
import io.github.multiprom.metrics.GaugeMode;
import io.github.multiprom.metrics.Worker;
import io.prometheus.metrics.instrumentation.jvm.JvmMetrics;
import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
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
        Worker two = Worker.builder().directory(directory).name("two").open();
        MergedPrometheusRegistry registry = MergedPrometheusRegistry.of(one);
        MergedPrometheusRegistry other = MergedPrometheusRegistry.of(two)) {
      count(one, 1);
      count(two, 2);
      // What the JVM counts stays in the file; its gauges go with their source.
      JvmMetrics.builder().register(registry);
      one.sampler().sampleNow(LONG);
      registry.clear();
      one.sampler().sampleNow(LONG);
      other.register(sampledByHand());
      two.sampler().sampleNow(LONG);

      Map<String, Double> shown = comparable(Scrapes.of(registry));
      Map<String, Double> printed = comparable(cat());
      assertEquals(printed, shown);
      for (String family : List.of("jvm_", "process_", "sampled_", "app_", "multiprom_workers")) {
        assertTrue(shown.keySet().stream().anyMatch(name -> name.startsWith(family)), family);
      }
    }
  }

  /** Every type of the client that is sampled. */
  private static MultiCollector sampledByHand() {
    PrometheusRegistry registry = new PrometheusRegistry();
    io.prometheus.metrics.core.metrics.Counter.builder()
        .name("sampled_calls")
        .register(registry)
        .inc(3);
    io.prometheus.metrics.core.metrics.Gauge.builder()
        .name("sampled_depth")
        .register(registry)
        .set(4);
    io.prometheus.metrics.core.metrics.Histogram.builder()
        .name("sampled_latency")
        .classicOnly()
        .register(registry)
        .observe(0.3);
    io.prometheus.metrics.core.metrics.Summary.builder()
        .name("sampled_sent")
        .register(registry)
        .observe(7);
    io.prometheus.metrics.core.metrics.Info.builder()
        .name("sampled_version_info")
        .labelNames("version")
        .register(registry)
        .setLabelValues("3");
    io.prometheus.metrics.core.metrics.StateSet.builder()
        .name("sampled_state")
        .states("idle", "busy")
        .register(registry)
        .setTrue("busy");
    return registry::scrape;
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

  /** All but when series were made, which the client does not show by default, and durations. */
  private static Map<String, Double> comparable(String text) {
    Map<String, Double> samples = samples(text);
    samples.keySet().removeIf(name -> name.contains("_created{"));
    samples.remove("multiprom_merge_duration_seconds{}");
    samples.remove("multiprom_sample_age_seconds{}");
    return samples;
  }
}
