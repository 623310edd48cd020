package io.github.multiprom.benchmarks;

import io.github.multiprom.exposition.format.ExpositionFormat;
import io.github.multiprom.exposition.format.TextWriter;
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

/** What a scrape costs, from the files of many workers to the bytes of the text. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(2)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
public class ScrapeBenchmark {
  /** Live workers, in another process. */
  @Param({"1", "8", "100"})
  public int workers;

  /** Counters of each worker, the same in all. */
  @Param({"100", "10000"})
  public int series;

  /** Whether the collector has scraped before. */
  @Param({"cold", "warm"})
  public String state;

  /** Threads of each worker that have counted; to be compared with few workers: 8 MB a lane. */
  @Param("1")
  public int lanes;

  /** Where the workers keep their cells: {@code mapped} or {@code chronicle}. */
  @Param("mapped")
  public String store;

  private ScrapedWorkers scraped;
  private MultiprocessCollector collector;
  private TextWriter writer;

  /** Makes the files. */
  @Setup
  public void setUp() throws IOException {
    scraped = new ScrapedWorkers(workers, series, lanes, store);
    open();
  }

  private void open() {
    collector = new MultiprocessCollector(scraped.directory());
    writer = new TextWriter(ExpositionFormat.TEXT);
  }

  /** Deletes the files. */
  @TearDown
  public void tearDown() {
    collector.close();
    scraped.close();
  }

  /** One scrape; cold: the first of a fresh collector. */
  @Benchmark
  public byte[] toBytes() {
    if (state.equals("cold")) {
      collector.close();
      open();
    }
    return collector.merge(family -> true, families -> writer.write(families, name -> true));
  }
}
