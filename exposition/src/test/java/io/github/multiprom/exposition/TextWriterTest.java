package io.github.multiprom.exposition;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.multiprom.merge.MultiprocessCollector;
import io.github.multiprom.metrics.Counter;
import io.github.multiprom.metrics.Gauge;
import io.github.multiprom.metrics.GaugeMode;
import io.github.multiprom.metrics.Histogram;
import io.github.multiprom.metrics.Summary;
import io.github.multiprom.metrics.Worker;
import io.prometheus.client.Collector;
import io.prometheus.client.CollectorRegistry;
import io.prometheus.client.exporter.common.TextFormat;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The fast way and the way through simpleclient show the same. */
class TextWriterTest {
  private static final double[] UNUSUAL = {
    0.0,
    -0.0,
    1,
    1.5,
    -3,
    1e6,
    1e21,
    1e-9,
    0.1 + 0.2,
    Double.MIN_VALUE,
    Double.MAX_VALUE,
    Double.NaN,
    Double.POSITIVE_INFINITY,
    Double.NEGATIVE_INFINITY,
    9007199254740992.0
  };

  private static final String[] TEXTS = {
    "", "plain", "with \"quotes\"", "back\\slash", "line\nfeed", "ünï¢ödé 😀", "a,b={c}", " "
  };

  private static final List<GaugeMode> MODES = List.of(GaugeMode.values());

  @TempDir Path directory;

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void writesWhatSimpleclientWrites(long seed) throws IOException {
    Random random = new Random(seed);
    try (Worker worker = Worker.builder().directory(directory).name("w\"1").open();
        MultiprocessCollector collector = new MultiprocessCollector(directory)) {
      TextWriter text = new TextWriter(ExpositionFormat.TEXT);
      TextWriter openMetrics = new TextWriter(ExpositionFormat.OPENMETRICS);
      for (int round = 0; round < 3; round++) {
        for (int i = 0; i < 8; i++) {
          family(random, worker, "family_" + round + "_" + i);
        }
        compare(collector, text, openMetrics, "seed " + seed + ", round " + round);
      }
    }
  }

  @Test
  void writesThousandsOfLabelSets() throws IOException {
    try (Worker worker = Worker.builder().directory(directory).open();
        MultiprocessCollector collector = new MultiprocessCollector(directory)) {
      Counter counter =
          Counter.build("many", "Help.")
              .labelNames("a", "b")
              .worker(worker)
              .register(new CollectorRegistry());
      for (int i = 0; i < 5_000; i++) {
        counter.labels("value " + i, TEXTS[i % TEXTS.length]).inc(i * 0.1);
      }
      compare(
          collector,
          new TextWriter(ExpositionFormat.TEXT),
          new TextWriter(ExpositionFormat.OPENMETRICS),
          "");
    }
  }

  @Test
  void selectsSamplesByName() throws IOException {
    try (Worker worker = Worker.builder().directory(directory).open();
        MultiprocessCollector collector = new MultiprocessCollector(directory)) {
      Histogram.build("h", "Help.")
          .buckets(1)
          .worker(worker)
          .register(new CollectorRegistry())
          .observe(0.5);
      assertEquals(
          """
          # HELP h Help.
          # TYPE h histogram
          h_count 1
          """,
          write(collector, new TextWriter(ExpositionFormat.TEXT), "h_count"::equals));
    }
  }

  private static void family(Random random, Worker worker, String name) {
    CollectorRegistry registry = new CollectorRegistry();
    String help = "Help " + TEXTS[random.nextInt(TEXTS.length)];
    String[] labelNames = random.nextBoolean() ? new String[0] : new String[] {"a", "b"};
    String[][] labels = new String[labelNames.length == 0 ? 1 : 1 + random.nextInt(20)][];
    for (int i = 0; i < labels.length; i++) {
      labels[i] =
          labelNames.length == 0
              ? new String[0]
              : new String[] {TEXTS[random.nextInt(TEXTS.length)], "v" + i};
    }
    switch (random.nextInt(4)) {
      case 0 -> {
        Counter counter =
            Counter.build(name, help).labelNames(labelNames).worker(worker).register(registry);
        for (String[] values : labels) {
          counter.labels(values).inc(Math.abs(number(random)));
        }
      }
      case 1 -> {
        GaugeMode mode = MODES.get(random.nextInt(MODES.size()));
        Gauge gauge =
            Gauge.build(name, help)
                .unit("bytes")
                .mode(mode)
                .labelNames(labelNames)
                .worker(worker)
                .register(registry);
        for (String[] values : labels) {
          gauge.labels(values).set(number(random));
        }
      }
      case 2 -> {
        Histogram histogram =
            Histogram.build(name, help)
                .buckets(-1, 0, 0.005, 1, 2.5, 1e6, 1e21)
                .labelNames(labelNames)
                .worker(worker)
                .register(registry);
        for (String[] values : labels) {
          histogram.labels(values).observe(number(random));
        }
      }
      default -> {
        Summary summary =
            Summary.build(name, help).labelNames(labelNames).worker(worker).register(registry);
        for (String[] values : labels) {
          summary.labels(values).observe(number(random));
        }
      }
    }
  }

  private static double number(Random random) {
    return switch (random.nextInt(3)) {
      case 0 -> UNUSUAL[random.nextInt(UNUSUAL.length)];
      case 1 -> random.nextInt(1000);
      default -> random.nextDouble() * 1000;
    };
  }

  private static void compare(
      MultiprocessCollector collector, TextWriter text, TextWriter openMetrics, String what)
      throws IOException {
    List<Collector.MetricFamilySamples> families = collector.collect();
    StringWriter expectedText = new StringWriter();
    TextFormat.write004(expectedText, Collections.enumeration(families));
    assertEquals(
        normalised(expectedText.toString()),
        normalised(write(collector, text, name -> true)),
        what);
    StringWriter expectedOpenMetrics = new StringWriter();
    TextFormat.writeOpenMetrics100(expectedOpenMetrics, Collections.enumeration(families));
    assertEquals(
        normalised(expectedOpenMetrics.toString()),
        normalised(write(collector, openMetrics, name -> true)),
        what);
  }

  private static String write(
      MultiprocessCollector collector, TextWriter writer, Predicate<String> names) {
    byte[] bytes = collector.merge(family -> true, families -> writer.write(families, names));
    return new String(bytes, StandardCharsets.UTF_8);
  }

  /** With every number in one notation, and without the one that is a time. */
  private static String normalised(String text) {
    return text.lines()
        .map(
            line -> {
              int number = line.lastIndexOf(' ') + 1;
              if (line.startsWith("#")) {
                return line;
              }
              if (line.startsWith("multiprom_merge_duration_seconds")) {
                return line.substring(0, number);
              }
              String value = line.substring(number).replace("Inf", "Infinity");
              return line.substring(0, number) + Double.parseDouble(value);
            })
        .collect(Collectors.joining("\n"));
  }
}
