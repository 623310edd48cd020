package io.github.multiprom.benchmarks;

import io.github.multiprom.exposition.ExpositionFormat;
import io.github.multiprom.exposition.TextWriter;
import io.github.multiprom.merge.MultiprocessCollector;
import io.prometheus.client.Collector.MetricFamilySamples;
import io.prometheus.client.exporter.common.TextFormat;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
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
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** What the text of 10,000 counters costs, from a merge that is finished to bytes. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(2)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class TextBenchmark {
  private static final int SERIES = 10_000;

  /** Whether every second number has a fraction. */
  @Param({"true", "false"})
  public boolean fractions;

  private MetricsFolder folder;
  private CounterFiles counters;
  private MultiprocessCollector collector;
  private TextWriter writer;
  private List<MetricFamilySamples> samples;

  /** Makes the files. */
  @Setup
  public void setUp() throws IOException {
    folder = new MetricsFolder();
    counters = new CounterFiles(folder.path, 1, SERIES, 1, fractions);
    collector = new MultiprocessCollector(folder.path);
    writer = new TextWriter(ExpositionFormat.TEXT);
    samples = collector.collect();
  }

  /** Deletes the files. */
  @TearDown
  public void tearDown() {
    collector.close();
    counters.close();
    folder.close();
  }

  /** A merge of one worker, and its text by our writer. */
  @Benchmark
  public byte[] mergeAndWrite() {
    return collector.merge(family -> true, families -> writer.write(families, name -> true));
  }

  /** The merge alone, which is to be taken off. */
  @Benchmark
  public int merge() {
    return collector.merge(family -> true, List::size);
  }

  /** The same families by simpleclient's writer. */
  @Benchmark
  public byte[] textFormat() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (Writer out = new OutputStreamWriter(bytes, StandardCharsets.UTF_8)) {
      TextFormat.write004(out, Collections.enumeration(samples));
    }
    return bytes.toByteArray();
  }
}
