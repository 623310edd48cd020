package io.github.multiprom.exposition;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.multiprom.exposition.format.ExpositionFormat;
import io.github.multiprom.exposition.format.RandomFamilies;
import io.github.multiprom.exposition.format.TextWriter;
import io.github.multiprom.merge.MultiprocessCollector;
import io.github.multiprom.metrics.Counter;
import io.github.multiprom.metrics.Enumeration;
import io.github.multiprom.metrics.Gauge;
import io.github.multiprom.metrics.GaugeMode;
import io.github.multiprom.metrics.Histogram;
import io.github.multiprom.metrics.Info;
import io.github.multiprom.metrics.Summary;
import io.github.multiprom.metrics.Worker;
import io.prometheus.client.CollectorRegistry;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What Prometheus' own tool and client_python's strict parser say of the output. */
class PeerIT {
  /** Prints how many families and samples it read, and all samples; -0, an integer to it, as 0. */
  private static final String PARSE =
      """
      import sys
      from prometheus_client.parser import text_string_to_metric_families as text
      from prometheus_client.openmetrics.parser import text_string_to_metric_families as openmetrics
      parse = openmetrics if sys.argv[1] == 'openmetrics' else text
      families = list(parse(sys.stdin.buffer.read().decode('utf-8')))
      samples = [sample for family in families for sample in family.samples]
      print(len(families), len(samples))
      for line in sorted(ascii([s.name, sorted(s.labels.items()), float(s.value) + 0.0]) for s in samples):
          if not 'multiprom_merge_duration' in line:
              print(line)
      """;

  @TempDir Path directory;

  @Test
  void promtoolAcceptsTheText() throws Exception {
    Peers.requirePromtool();
    Peers.Result result = Peers.run(text(ExpositionFormat.TEXT), "promtool", "check", "metrics");
    assertEquals(0, result.exitCode(), result.output());
  }

  @Test
  void clientPythonParsesTheOpenMetrics() throws Exception {
    Peers.requireClientPython();
    String counts = parse(text(ExpositionFormat.OPENMETRICS), "openmetrics").get(0);
    assertTrue(Integer.parseInt(counts.substring(0, counts.indexOf(" "))) >= 14, counts);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void promtoolAcceptsRandomFamilies(long seed) throws Exception {
    Peers.requirePromtool();
    Peers.Result result =
        Peers.run(random(seed).get(ExpositionFormat.TEXT), "promtool", "check", "metrics");
    // Its only complaint may be one of style, about a help text that is a blank.
    boolean style = result.output().lines().allMatch(line -> line.endsWith(" no help text"));
    assertTrue(
        result.exitCode() == 0 || (result.exitCode() == 3 && style),
        "seed " + seed + ": " + result.output());
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void clientPythonReadsTheSameOfBothFormats(long seed) throws Exception {
    Peers.requireClientPython();
    Map<ExpositionFormat, byte[]> random = random(seed);
    byte[] openMetrics = random.get(ExpositionFormat.OPENMETRICS);
    List<String> strict = parse(openMetrics, "openmetrics");
    List<String> text = parse(random.get(ExpositionFormat.TEXT), "text");
    assertEquals(text.size(), strict.size(), "seed " + seed);
    for (int i = 1; i < text.size(); i++) {
      assertEquals(text.get(i), strict.get(i), "seed " + seed);
    }
    long samples =
        Arrays.stream(new String(openMetrics, StandardCharsets.UTF_8).split("\n"))
            .filter(line -> !line.startsWith("#"))
            .count();
    assertTrue(strict.get(0).endsWith(" " + samples), strict.get(0) + " for " + samples);
  }

  private static List<String> parse(byte[] text, String format) throws Exception {
    Peers.Result result = Peers.run(text, Peers.PYTHON, "-c", PARSE, format);
    assertEquals(0, result.exitCode(), result.output());
    return result.output().lines().toList();
  }

  /** One merge in both formats. */
  private Map<ExpositionFormat, byte[]> random(long seed) {
    Random random = new Random(seed);
    try (Worker worker = Worker.builder().directory(directory).open();
        MultiprocessCollector collector = new MultiprocessCollector(directory)) {
      for (int i = 0; i < 30; i++) {
        RandomFamilies.lawful(random).add(worker, "family_" + i);
      }
      return collector.merge(
          family -> true,
          families ->
              Map.of(
                  ExpositionFormat.TEXT,
                  new TextWriter(ExpositionFormat.TEXT).write(families, name -> true),
                  ExpositionFormat.OPENMETRICS,
                  new TextWriter(ExpositionFormat.OPENMETRICS).write(families, name -> true)));
    }
  }

  /** Every metric type, every gauge mode, and labels that need escapes. */
  private byte[] text(ExpositionFormat format) {
    CollectorRegistry registry = new CollectorRegistry();
    try (Worker worker = Worker.builder().directory(directory).open();
        MultiprocessCollector collector = new MultiprocessCollector(directory)) {
      Counter counter =
          Counter.build("jobs", "Jobs, \"all\" of them.")
              .labelNames("kind")
              .worker(worker)
              .register(registry);
      counter.labels("quote\" back\\slash line\nfeed ünï").inc(0.1);
      counter.labels("b").inc(1e15);
      counter.labels("b").incWithExemplar(2, "trace_id", "0af7 \"a\" \\ \n b", "span_id", "b7");
      Histogram.build("drift_seconds", "Help.")
          .buckets(-1, 0, 1)
          .worker(worker)
          .register(registry)
          .observe(-2);
      Summary.build("offset_seconds", "Help.").worker(worker).register(registry).observe(-2);
      Info.build("build", "Help.").worker(worker).register(registry).info("version", "1 \"a\"");
      Enumeration.build("phase", "Help.").states("B", "A").worker(worker).register(registry);
      for (GaugeMode mode : GaugeMode.values()) {
        Gauge.build(mode.toString().toLowerCase(Locale.ROOT) + "_depth", "Depth.")
            .mode(mode)
            .worker(worker)
            .register(registry)
            .set(-2.5);
      }
      Histogram.build("latency", "Latency.")
          .unit("seconds")
          .worker(worker)
          .register(registry)
          .observe(0.3);
      Summary.build("size", "Size.").unit("bytes").worker(worker).register(registry).observe(3);
      TextWriter writer = new TextWriter(format);
      return collector.merge(family -> true, families -> writer.write(families, name -> true));
    }
  }
}
