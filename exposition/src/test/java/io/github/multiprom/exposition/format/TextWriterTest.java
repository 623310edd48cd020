package io.github.multiprom.exposition.format;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.github.multiprom.merge.MergedFamily;
import io.github.multiprom.merge.MergedSeries;
import io.github.multiprom.merge.MultiprocessCollector;
import io.github.multiprom.metrics.Counter;
import io.github.multiprom.metrics.Enumeration;
import io.github.multiprom.metrics.Gauge;
import io.github.multiprom.metrics.Histogram;
import io.github.multiprom.metrics.Info;
import io.github.multiprom.metrics.Worker;
import io.github.multiprom.model.FamilyDescriptor;
import io.github.multiprom.model.GaugeFold;
import io.github.multiprom.model.MetricType;
import io.prometheus.client.Collector;
import io.prometheus.client.CollectorRegistry;
import io.prometheus.client.exemplars.Exemplar;
import io.prometheus.client.exporter.common.TextFormat;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The fast way and the way through simpleclient show the same. */
class TextWriterTest {
  private static final Pattern SUMMARY =
      Pattern.compile("^# TYPE (\\w+) summary$", Pattern.MULTILINE);

  private static final Pattern BUCKET_BELOW_0 =
      Pattern.compile("^(\\w+)_bucket\\{[^\\n]*le=\"-", Pattern.MULTILINE);

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
          RandomFamilies.any(random).add(worker, "family_" + round + "_" + i);
        }
        compare(collector, text, openMetrics, "seed " + seed + ", round " + round);
      }
    }
  }

  @Test
  void writesSeriesThatDifferInLabelsAndBounds() throws IOException {
    try (Worker one = Worker.builder().directory(directory).name("1").open();
        Worker two = Worker.builder().directory(directory).name("2").open();
        MultiprocessCollector collector = new MultiprocessCollector(directory)) {
      TextWriter text = new TextWriter(ExpositionFormat.TEXT);
      TextWriter openMetrics = new TextWriter(ExpositionFormat.OPENMETRICS);
      CollectorRegistry ones = new CollectorRegistry();
      CollectorRegistry twos = new CollectorRegistry();
      Histogram.build("h", "Help.")
          .labelNames("a")
          .buckets(1, 2)
          .worker(one)
          .register(ones)
          .labels("x")
          .observe(1.5);
      Counter.build("c", "Help.").labelNames("a").worker(one).register(ones).labels("x").inc();
      Counter.build("d", "Help.").worker(one).register(ones).inc();
      compare(collector, text, openMetrics, "one worker");

      Histogram other =
          Histogram.build("h", "Help.")
              .labelNames("b", "a")
              .buckets(1.5, 4)
              .worker(two)
              .register(twos);
      other.labels("y", "x").observe(3);
      other.labels("", "x").observe(3);
      Counter.build("c", "Help.").worker(two).register(twos).inc();
      Gauge.build("d_created", "Help.").worker(two).register(twos).set(7);
      compare(collector, text, openMetrics, "two releases");
      String written = write(collector, text, name -> name.startsWith("h_bucket"));
      assertEquals(
          """
          # HELP h Help.
          # TYPE h histogram
          h_bucket{a="x",le="1.0",} 0
          h_bucket{a="x",le="1.5",} 0
          h_bucket{a="x",le="2.0",} 1
          h_bucket{a="x",le="4.0",} 2
          h_bucket{a="x",le="+Inf",} 2
          h_bucket{b="y",a="x",le="1.5",} 0
          h_bucket{b="y",a="x",le="4.0",} 1
          h_bucket{b="y",a="x",le="+Inf",} 1
          """,
          written);
    }
  }

  @Test
  void writesExemplarsInOpenMetrics() throws IOException {
    try (Worker worker = Worker.builder().directory(directory).name("1").open();
        MultiprocessCollector collector = new MultiprocessCollector(directory)) {
      CollectorRegistry own = new CollectorRegistry();
      Counter.build("c", "Help.")
          .worker(worker)
          .withExemplarSampler(
              (amount, before) ->
                  new Exemplar(amount, 1_795_620_631_042L, "text", "a \"b\" \\ \n c", "a", "ä"))
          .register(own)
          .inc(2.5);
      Histogram.build("h", "Help.")
          .labelNames("l")
          .buckets(1, 2)
          .worker(worker)
          .withExemplarSampler((value, from, to, before) -> new Exemplar(value, 5L, "t", "1"))
          .register(own)
          .labels("x")
          .observe(1.5);
      TextWriter openMetrics = new TextWriter(ExpositionFormat.OPENMETRICS);
      String expected =
          """
          # TYPE c counter
          # HELP c Help.
          c_total 2.5 # {a="ä",text="a \\"b\\" \\\\ \\n c"} 2.5 1795620631.042
          # TYPE h histogram
          # HELP h Help.
          h_bucket{l="x",le="1.0"} 0
          h_bucket{l="x",le="2.0"} 1 # {t="1"} 1.5 0.005
          h_bucket{l="x",le="+Inf"} 1
          h_count{l="x"} 1
          h_sum{l="x"} 1.5
          # EOF
          """;
      Predicate<String> some = name -> name.matches("(c|h)_.*") && !name.endsWith("_created");
      assertEquals(expected, write(collector, openMetrics, some));
      StringWriter simpleclients = new StringWriter();
      TextFormat.writeOpenMetrics100(
          simpleclients, Collections.enumeration(collector.collect(some::test)));
      assertEquals(expected.replaceAll("\\} ([01])(?= |\n)", "} $1.0"), simpleclients.toString());
      assertFalse(write(collector, new TextWriter(ExpositionFormat.TEXT), some).contains(" # "));
    }
  }

  @Test
  void writesInfosAndStates() throws IOException {
    try (Worker one = Worker.builder().directory(directory).name("1").open();
        Worker two = Worker.builder().directory(directory).name("2").open();
        MultiprocessCollector collector = new MultiprocessCollector(directory)) {
      TextWriter text = new TextWriter(ExpositionFormat.TEXT);
      TextWriter openMetrics = new TextWriter(ExpositionFormat.OPENMETRICS);
      for (Worker worker : List.of(one, two)) {
        CollectorRegistry own = new CollectorRegistry();
        Info info = Info.build("i", "Help.").worker(worker).register(own);
        info.info("version", "1", "text", "a \"b\" \\ \n c");
        Info.build("j", "Help.").labelNames("l").worker(worker).register(own);
        Enumeration states =
            Enumeration.build("s", "Help.")
                .labelNames("l")
                .states("B", "A\n")
                .worker(worker)
                .register(own);
        states.labels("x").state("A\n");
        compare(collector, text, openMetrics, worker.toString());
        info.info("version", worker.toString());
        compare(collector, text, openMetrics, worker + " again");
      }
      assertEquals(
          """
          # TYPE s stateset
          # HELP s Help.
          s{l="x",s="B",worker="1"} 0
          s{l="x",s="A\\n",worker="1"} 1
          s{l="x",s="B",worker="2"} 0
          s{l="x",s="A\\n",worker="2"} 1
          # EOF
          """,
          write(collector, openMetrics, name -> name.equals("s")));
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
        counter
            .labels("value " + i, RandomFamilies.TEXTS.get(i % RandomFamilies.TEXTS.size()))
            .inc(i * 0.1);
      }
      compare(
          collector,
          new TextWriter(ExpositionFormat.TEXT),
          new TextWriter(ExpositionFormat.OPENMETRICS),
          "");
    }
  }

  /** The API asks for a help text; a file need not have one. */
  @Test
  void writesAFamilyWithoutHelp() {
    FamilyDescriptor descriptor =
        new FamilyDescriptor(
            "depth", MetricType.GAUGE, "", "", List.of(), GaugeFold.SUM, false, List.of());
    List<MergedFamily> families =
        List.of(
            new MergedFamily(
                descriptor,
                List.of(new MergedSeries(List.of(), List.of(), List.of())),
                new double[] {Double.NaN},
                false,
                new double[] {0}));
    assertEquals(
        """
        # HELP depth\s
        # TYPE depth gauge
        depth NaN
        """,
        new String(
            new TextWriter(ExpositionFormat.TEXT).write(families, name -> true),
            StandardCharsets.UTF_8));
    assertEquals(
        """
        # TYPE depth gauge
        # HELP depth\s
        depth NaN
        # EOF
        """,
        new String(
            new TextWriter(ExpositionFormat.OPENMETRICS).write(families, name -> true),
            StandardCharsets.UTF_8));
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
        normalised(withoutTotals(expectedOpenMetrics.toString())),
        normalised(write(collector, openMetrics, name -> true)),
        what);
  }

  /**
   * Without what OpenMetrics does not allow: count and sum of histograms with a bucket below 0, and
   * sums and quantiles of summaries below 0.
   */
  private static String withoutTotals(String all) {
    String openMetrics = all.replaceAll("(?m)^.*quantile=\"[0-9.]+\"} -.*\n", "");
    Set<String> names = new HashSet<>();
    Matcher bucket = BUCKET_BELOW_0.matcher(openMetrics);
    while (bucket.find()) {
      names.add(bucket.group(1));
    }
    Set<String> summaries = new HashSet<>();
    Matcher summary = SUMMARY.matcher(openMetrics);
    while (summary.find()) {
      summaries.add(summary.group(1));
    }
    // Not by lines(), as a label may have a carriage return.
    return Arrays.stream(openMetrics.split("\n"))
        .filter(
            line ->
                names.stream().noneMatch(n -> line.matches("(?s)" + n + "_(count|sum)[ {].*"))
                    && summaries.stream()
                        .noneMatch(
                            n -> line.matches("(?s)" + n + "_sum[ {].* -\\S+|" + n + "_sum -\\S+")))
        .collect(Collectors.joining("\n", "", "\n"));
  }

  private static String write(
      MultiprocessCollector collector, TextWriter writer, Predicate<String> names) {
    byte[] bytes = collector.merge(family -> true, families -> writer.write(families, names));
    return new String(bytes, StandardCharsets.UTF_8);
  }

  /** With every number in one notation, and without the one that is a time. */
  private static String normalised(String text) {
    return Arrays.stream(text.split("\n"))
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
