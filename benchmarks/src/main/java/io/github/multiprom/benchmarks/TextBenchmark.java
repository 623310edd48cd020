package io.github.multiprom.benchmarks;

import io.github.multiprom.exposition.format.ExpositionFormat;
import io.github.multiprom.exposition.format.TextWriter;
import io.github.multiprom.merge.MergedFamily;
import io.github.multiprom.merge.MergedSeries;
import io.github.multiprom.model.FamilyDescriptor;
import io.github.multiprom.model.GaugeFold;
import io.github.multiprom.model.MetricType;
import io.prometheus.client.Collector.MetricFamilySamples;
import io.prometheus.client.CounterMetricFamily;
import io.prometheus.client.exporter.common.TextFormat;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** What the text of 10,000 counters costs when they are merged. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(2)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
public class TextBenchmark {
  private static final int SERIES = 10_000;

  /** Whether every second value is a fraction. */
  @Param({"halfFractions", "whole"})
  public String values;

  private MergedFamily merged;
  private List<MetricFamilySamples> samples;
  private final TextWriter writer = new TextWriter(ExpositionFormat.TEXT);
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

  /** Makes the same counters for both. */
  @Setup
  public void setUp() {
    List<String> labelNames = List.of("method", "path");
    List<MergedSeries> series = new ArrayList<>();
    double[] numbers = new double[SERIES];
    CounterMetricFamily counters =
        new CounterMetricFamily("http_requests", "Requests served.", labelNames);
    for (int i = 0; i < SERIES; i++) {
      series.add(new MergedSeries(labelNames, List.of("GET", "/path/" + i), List.of()));
      // A sum of latencies has as many digits as this.
      numbers[i] = i % 2 == 0 || values.equals("whole") ? 1000 + i : i * Math.PI;
      counters.addMetric(series.get(i).labelValues(), numbers[i]);
    }
    merged =
        new MergedFamily(
            new FamilyDescriptor(
                "http_requests",
                MetricType.COUNTER,
                "Requests served.",
                "",
                labelNames,
                GaugeFold.SUM,
                false,
                List.of()),
            series,
            numbers,
            true,
            new double[SERIES]);
    samples = List.of(counters);
  }

  /** From the merged arrays; without the created samples, as the other has none. */
  @Benchmark
  public byte[] multiprom() {
    return writer.write(List.of(merged), name -> !name.endsWith("_created"));
  }

  /** simpleclient's writer, from samples that were made before. */
  @Benchmark
  public byte[] simpleclient() throws IOException {
    bytes.reset();
    OutputStreamWriter text = new OutputStreamWriter(bytes, StandardCharsets.UTF_8);
    TextFormat.write004(text, Collections.enumeration(samples));
    text.flush();
    return bytes.toByteArray();
  }
}
