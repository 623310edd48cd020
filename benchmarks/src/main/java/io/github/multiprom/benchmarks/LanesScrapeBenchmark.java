package io.github.multiprom.benchmarks;

import io.github.multiprom.exposition.ExpositionFormat;
import io.github.multiprom.exposition.TextWriter;
import io.github.multiprom.merge.MultiprocessCollector;
import java.io.IOException;
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

/** What a warm scrape costs by the number of threads that counted in each worker. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(2)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class LanesScrapeBenchmark {
  private static final int WORKERS = 8;
  private static final int SERIES = 10_000;

  /** Lanes that hold a value. */
  @Param({"1", "8", "64"})
  public int lanes;

  private MetricsFolder folder;
  private CounterFiles counters;
  private MultiprocessCollector collector;
  private TextWriter writer;

  /** Makes the files. */
  @Setup
  public void setUp() throws IOException {
    folder = new MetricsFolder();
    counters = new CounterFiles(folder.path, WORKERS, SERIES, lanes, true);
    collector = new MultiprocessCollector(folder.path);
    writer = new TextWriter(ExpositionFormat.TEXT);
  }

  /** Deletes the files. */
  @TearDown
  public void tearDown() {
    collector.close();
    counters.close();
    folder.close();
  }

  /** One scrape. */
  @Benchmark
  public byte[] toBytes() {
    return collector.merge(family -> true, families -> writer.write(families, name -> true));
  }
}
