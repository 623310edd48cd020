package io.github.multiprom.benchmarks;

import io.github.multiprom.exposition.ExpositionFormat;
import io.github.multiprom.exposition.TextWriter;
import io.github.multiprom.merge.MultiprocessCollector;
import io.github.multiprom.model.FamilyDescriptor;
import io.github.multiprom.model.GaugeFold;
import io.github.multiprom.model.MetricType;
import io.github.multiprom.store.CounterCell;
import io.github.multiprom.store.MappedIncarnation;
import io.github.multiprom.store.StoreOptions;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
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

/** What a scrape costs, from the files of many workers to the bytes of the text. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(2)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
public class ScrapeBenchmark {
  /** Live workers. */
  @Param({"1", "8", "100"})
  public int workers;

  /** Counters of each worker, the same in all. */
  @Param({"100", "10000"})
  public int series;

  /** Whether the collector has scraped before. */
  @Param({"cold", "warm"})
  public String state;

  private MetricsFolder folder;
  private final List<MappedIncarnation> incarnations = new ArrayList<>();
  private final List<Path> files = new ArrayList<>();
  private MultiprocessCollector collector;
  private TextWriter writer;
  private byte[] text;
  private byte[] copy;

  /** Makes the files. */
  @Setup
  public void setUp() throws IOException {
    folder = new MetricsFolder();
    for (int worker = 0; worker < workers; worker++) {
      MappedIncarnation incarnation =
          MappedIncarnation.inDirectory(folder.path, new StoreOptions("w" + worker, 64));
      int family =
          incarnation.addFamily(
              new FamilyDescriptor(
                  "http_requests",
                  MetricType.COUNTER,
                  "Requests served.",
                  "",
                  List.of("method", "path"),
                  GaugeFold.SUM,
                  false,
                  List.of()));
      for (int i = 0; i < series; i++) {
        CounterCell cell =
            incarnation.counter(
                incarnation.addSeries(family, List.of("GET", "/path/" + i), 1_000_000_000L));
        cell.add(i % 2 == 0 ? i : i * 0.1);
      }
      incarnations.add(incarnation);
    }
    open();
    text = scrape();
    copy = new byte[text.length];
    try (DirectoryStream<Path> all = Files.newDirectoryStream(folder.path, "*.worker")) {
      all.forEach(files::add);
    }
  }

  private void open() {
    collector = new MultiprocessCollector(folder.path);
    writer = new TextWriter(ExpositionFormat.TEXT);
  }

  private byte[] scrape() {
    return collector.merge(family -> true, families -> writer.write(families, name -> true));
  }

  /** Deletes the files. */
  @TearDown
  public void tearDown() {
    collector.close();
    incarnations.forEach(MappedIncarnation::close);
    folder.close();
  }

  /** One scrape; cold: the first of a fresh collector. */
  @Benchmark
  public byte[] toBytes() {
    if (state.equals("cold")) {
      collector.close();
      open();
    }
    return scrape();
  }

  /** The physical limit: copies as many bytes of cells from the files, and the text. */
  @Benchmark
  public byte[] copyLimit() throws IOException {
    ByteBuffer cells = ByteBuffer.allocateDirect(series * Double.BYTES);
    for (Path file : files) {
      try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
        channel.read(cells.clear(), 0);
      }
    }
    System.arraycopy(text, 0, copy, 0, text.length);
    return copy;
  }
}
