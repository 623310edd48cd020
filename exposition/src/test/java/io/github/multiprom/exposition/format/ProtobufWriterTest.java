package io.github.multiprom.exposition.format;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.multiprom.exposition.ProtobufReader;
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
import io.github.multiprom.model.NativeBuckets;
import io.github.multiprom.model.SeriesExemplar;
import io.prometheus.client.Collector.MetricFamilySamples;
import io.prometheus.client.CollectorRegistry;
import io.prometheus.client.exemplars.Exemplar;
import io.prometheus.client.exporter.common.TextFormat;
import io.prometheus.metrics.expositionformats.generated.com_google_protobuf_4_36_1.Metrics;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The messages of the Prometheus Java client read what was written. */
class ProtobufWriterTest {
  private static final double INFINITY = Double.POSITIVE_INFINITY;

  @TempDir Path directory;

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void writesTheSamplesOfTheText(long seed) throws IOException {
    Random random = new Random(seed);
    try (Worker worker = Worker.builder().directory(directory).name("w\"1").open();
        MultiprocessCollector collector = new MultiprocessCollector(directory)) {
      ExpositionWriter writer = new ProtobufWriter();
      for (int round = 0; round < 3; round++) {
        for (int i = 0; i < 8; i++) {
          RandomFamilies.any(random).add(worker, "family_" + round + "_" + i);
        }
        addStates(worker, "states_" + round);
        assertEquals(
            text(collector.collect()),
            text(samples(bytes(collector, writer))),
            "seed " + seed + ", round " + round);
      }
    }
  }

  private static void addStates(Worker worker, String name) {
    CollectorRegistry own = new CollectorRegistry();
    Enumeration.build(name, "Help.").states("B", "A\n").worker(worker).register(own).state("B");
    Info.build(name + "_more", "Help.").worker(worker).register(own).info("version", "1 \"a\"");
  }

  @Test
  void writesAFamilyOfManyChunks() throws IOException {
    try (Worker worker = Worker.builder().directory(directory).open();
        MultiprocessCollector collector = new MultiprocessCollector(directory)) {
      for (String name : List.of("first", "many", "other")) {
        Counter counter =
            Counter.build(name, "Help.")
                .labelNames("a")
                .worker(worker)
                .register(new CollectorRegistry());
        for (int i = 0; i < (name.equals("many") ? 5_000 : 3); i++) {
          counter.labels("value " + i).inc(i);
        }
      }
      ExpositionWriter writer = new ProtobufWriter();
      for (int scrape = 0; scrape < 2; scrape++) {
        List<MetricFamilySamples> samples = samples(bytes(collector, writer));
        assertEquals(text(collector.collect()), text(samples));
      }
    }
  }

  @Test
  void writesExemplars() throws IOException {
    try (Worker worker = Worker.builder().directory(directory).open();
        MultiprocessCollector collector = new MultiprocessCollector(directory)) {
      CollectorRegistry own = new CollectorRegistry();
      Counter.build("c", "Help.")
          .worker(worker)
          .withExemplarSampler(
              (amount, before) ->
                  new Exemplar(amount, 1_795_620_631_042L, "trace_id", "ä", "a", ""))
          .register(own)
          .inc(2.5);
      Histogram.build("h", "Help.")
          .buckets(1, 2)
          .worker(worker)
          .withExemplarSampler((value, from, to, before) -> new Exemplar(value, 5L, "t", "1"))
          .register(own)
          .observe(1.5);
      List<Metrics.MetricFamily> families =
          ProtobufReader.read(bytes(collector, new ProtobufWriter()));
      Metrics.Exemplar ofCounter = metric(families, "c_total").getCounter().getExemplar();
      assertEquals(2.5, ofCounter.getValue());
      assertEquals(1_795_620_631L, ofCounter.getTimestamp().getSeconds());
      assertEquals(42_000_000, ofCounter.getTimestamp().getNanos());
      assertEquals(
          Map.of("trace_id", "ä", "a", ""),
          ofCounter.getLabelList().stream()
              .collect(Collectors.toMap(Metrics.LabelPair::getName, Metrics.LabelPair::getValue)));
      Metrics.Histogram histogram = metric(families, "h").getHistogram();
      assertFalse(histogram.getBucket(0).hasExemplar());
      assertEquals(1.5, histogram.getBucket(1).getExemplar().getValue());
      assertEquals(5_000_000, histogram.getBucket(1).getExemplar().getTimestamp().getNanos());
      assertFalse(histogram.getBucket(2).hasExemplar());
      assertEquals(0, histogram.getExemplarsCount());
    }
  }

  @Test
  void writesUnitsAndLeavesOutFamiliesWithoutSeriesOrThatNobodyWants() throws IOException {
    try (Worker worker = Worker.builder().directory(directory).open();
        MultiprocessCollector collector = new MultiprocessCollector(directory)) {
      CollectorRegistry own = new CollectorRegistry();
      Gauge.build("size", "Help.").unit("bytes").worker(worker).register(own).set(-0.0);
      Gauge.build("empty", "Help.").labelNames("a").worker(worker).register(own);
      Histogram.build("h", "Help.").worker(worker).register(own).observe(1);
      byte[] bytes =
          collector.merge(
              family -> true,
              families ->
                  new ProtobufWriter()
                      .writeSome(
                          families, List.of("size_bytes", "empty", "h_sum", "other")::contains)
                      .toByteArray());
      List<Metrics.MetricFamily> families = ProtobufReader.read(bytes);
      assertEquals(
          List.of("h", "size_bytes"),
          families.stream().map(Metrics.MetricFamily::getName).toList());
      assertEquals("bytes", families.get(1).getUnit());
      assertEquals(1, families.get(0).getMetric(0).getHistogram().getSampleCount());
      assertEquals(-0.0, families.get(1).getMetric(0).getGauge().getValue());
    }
  }

  /** The numbers of a worker with schema 3 and another, merged. */
  @Test
  void writesNativeBucketsInSpans() throws IOException {
    Metrics.Histogram histogram =
        write(
            nativeBuckets(
                3,
                NativeBuckets.ZERO_THRESHOLD,
                2,
                new TreeMap<>(
                    Map.of(-79, 1L, -16, 1L, -15, 1L, -8, 1L, 0, 2L, 5, 1L, 8, 1L, 80, 1L)),
                new TreeMap<>(Map.of(13, 2L))),
            List.of());
    assertEquals(13, histogram.getSampleCount());
    assertEquals(3, histogram.getSchema());
    assertEquals(0x1p-128, histogram.getZeroThreshold());
    assertEquals(2, histogram.getZeroCount());
    assertEquals(
        List.of("-79 1", "62 2", "6 1", "7 1", "4 4", "71 1"),
        spans(histogram.getPositiveSpanList()));
    assertEquals(
        List.of(1L, 0L, 0L, 0L, 1L, -1L, -1L, 0L, 1L, 0L), histogram.getPositiveDeltaList());
    assertEquals(List.of("13 1"), spans(histogram.getNegativeSpanList()));
    assertEquals(List.of(2L), histogram.getNegativeDeltaList());
    assertEquals(0, histogram.getBucketCount());
  }

  @Test
  void writesBothViewsAndTheirExemplars() throws IOException {
    Metrics.Histogram histogram =
        write(
            nativeBuckets(0, 0x1p-128, 0, new TreeMap<>(Map.of(0, 1L, 1, 2L)), new TreeMap<>()),
            List.of(1.0));
    assertEquals(2, histogram.getBucketCount());
    assertEquals(1, histogram.getBucket(0).getCumulativeCount());
    assertEquals(1, histogram.getBucket(0).getUpperBound());
    assertEquals(3, histogram.getBucket(1).getCumulativeCount());
    assertEquals(INFINITY, histogram.getBucket(1).getUpperBound());
    assertEquals(1.5, histogram.getBucket(1).getExemplar().getValue());
    assertEquals(1, histogram.getExemplarsCount());
    assertEquals(histogram.getBucket(1).getExemplar(), histogram.getExemplars(0));
  }

  @Test
  void tellsAnEmptyNativeHistogramFromAClassicOne() throws IOException {
    Metrics.Histogram without =
        write(nativeBuckets(3, 0, 0, new TreeMap<>(), new TreeMap<>()), List.of());
    assertEquals(List.of("0 0"), spans(without.getPositiveSpanList()));
    Metrics.Histogram withThreshold =
        write(nativeBuckets(3, 0x1p-128, 0, new TreeMap<>(), new TreeMap<>()), List.of());
    assertEquals(List.of(), spans(withThreshold.getPositiveSpanList()));
    assertTrue(withThreshold.getZeroThreshold() > 0);
  }

  @Test
  void writesAnyNativeBuckets() throws IOException {
    long seed = System.nanoTime();
    System.out.println("seed " + seed);
    Random random = new Random(seed);
    for (int round = 0; round < 2_000; round++) {
      SortedMap<Integer, Long> positive = buckets(random);
      SortedMap<Integer, Long> negative = buckets(random);
      NativeBuckets all =
          nativeBuckets(random.nextInt(13) - 4, 0x1p-128, random.nextInt(3), positive, negative);
      Metrics.Histogram histogram = write(all, List.of());
      String where = "seed " + seed + ", round " + round;
      assertEquals(all.schema(), histogram.getSchema(), where);
      assertEquals(all.count(), histogram.getSampleCount(), where);
      assertEquals(
          positive, read(histogram.getPositiveSpanList(), histogram.getPositiveDeltaList()), where);
      assertEquals(
          negative, read(histogram.getNegativeSpanList(), histogram.getNegativeDeltaList()), where);
    }
  }

  private static SortedMap<Integer, Long> buckets(Random random) {
    SortedMap<Integer, Long> buckets = new TreeMap<>();
    int index = random.nextInt(10_000) - 5_000;
    for (int i = random.nextInt(20); i > 0; i--) {
      index += 1 + random.nextInt(random.nextBoolean() ? 5 : 1_000);
      buckets.put(index, 1 + (random.nextLong() >>> (20 + random.nextInt(44))));
    }
    return buckets;
  }

  /** As Prometheus reads them. */
  private static SortedMap<Integer, Long> read(List<Metrics.BucketSpan> spans, List<Long> deltas) {
    SortedMap<Integer, Long> buckets = new TreeMap<>();
    int next = 0;
    int delta = 0;
    long count = 0;
    for (Metrics.BucketSpan span : spans) {
      next += span.getOffset();
      for (int i = 0; i < span.getLength(); i++) {
        count += deltas.get(delta++);
        if (count != 0) {
          buckets.put(next, count);
        }
        next++;
      }
    }
    assertEquals(deltas.size(), delta);
    return buckets;
  }

  private static List<String> spans(List<Metrics.BucketSpan> spans) {
    return spans.stream().map(span -> span.getOffset() + " " + span.getLength()).toList();
  }

  private static NativeBuckets nativeBuckets(
      int schema,
      double zeroThreshold,
      long zeroCount,
      SortedMap<Integer, Long> positive,
      SortedMap<Integer, Long> negative) {
    return new NativeBuckets(
        schema,
        zeroThreshold,
        zeroCount,
        positive.keySet().stream().mapToInt(Integer::intValue).toArray(),
        positive.values().stream().mapToLong(Long::longValue).toArray(),
        negative.keySet().stream().mapToInt(Integer::intValue).toArray(),
        negative.values().stream().mapToLong(Long::longValue).toArray());
  }

  /** A histogram with one observation up to each bound, and an exemplar above the last. */
  private static Metrics.Histogram write(NativeBuckets buckets, List<Double> bounds)
      throws IOException {
    FamilyDescriptor descriptor =
        new FamilyDescriptor(
            "h", MetricType.HISTOGRAM, "Help.", "", List.of(), GaugeFold.SUM, false, bounds);
    double[] values = new double[bounds.size() + 2];
    for (int i = 0; i < bounds.size(); i++) {
      values[i] = i + 1;
    }
    values[bounds.size()] = buckets.count();
    values[bounds.size() + 1] = 1000.611;
    SeriesExemplar[] exemplars = new SeriesExemplar[bounds.size() + 1];
    exemplars[bounds.size()] = new SeriesExemplar(1.5, 1_000, List.of("a", "b"));
    MergedFamily family =
        new MergedFamily(
            descriptor,
            List.of(new MergedSeries(List.of(), List.of(), bounds)),
            values,
            true,
            new double[] {1_795_620_631_042.0},
            Map.of(0, exemplars),
            Map.of(0, buckets));
    byte[] bytes = new ProtobufWriter().writeAll(List.of(family), name -> true).toByteArray();
    Metrics.Histogram histogram = ProtobufReader.read(bytes).get(0).getMetric(0).getHistogram();
    assertEquals(1000.611, histogram.getSampleSum());
    assertEquals(1_795_620_631L, histogram.getCreatedTimestamp().getSeconds());
    assertEquals(42_000_000, histogram.getCreatedTimestamp().getNanos());
    return histogram;
  }

  private static Metrics.Metric metric(List<Metrics.MetricFamily> families, String name) {
    return families.stream()
        .filter(family -> family.getName().equals(name))
        .findFirst()
        .orElseThrow()
        .getMetric(0);
  }

  private static byte[] bytes(MultiprocessCollector collector, ExpositionWriter writer) {
    return collector.merge(
        family -> true, families -> writer.writeAll(families, name -> true).toByteArray());
  }

  private static List<MetricFamilySamples> samples(byte[] bytes) throws IOException {
    return ProtobufReader.read(bytes).stream().map(ProtobufReader::samples).toList();
  }

  /** Text 0.0.4 without families that have no series, and without what differs by the time. */
  private static String text(List<MetricFamilySamples> families) throws IOException {
    List<MetricFamilySamples> some = new ArrayList<>();
    for (MetricFamilySamples family : families) {
      if (!family.samples.isEmpty() && !family.name.equals("multiprom_merge_duration_seconds")) {
        some.add(family);
      }
    }
    StringWriter text = new StringWriter();
    TextFormat.write004(text, Collections.enumeration(some));
    return text.toString();
  }
}
