package io.github.multiprom.internal.directory;

import io.github.multiprom.benchmarks.ScrapedWorkers;
import io.github.multiprom.exposition.format.ExpositionFormat;
import io.github.multiprom.exposition.format.TextWriter;
import io.github.multiprom.internal.lease.LockFiles;
import io.github.multiprom.internal.lease.LockProbe;
import io.github.multiprom.internal.ownership.StoreFiles;
import io.github.multiprom.merge.MultiprocessCollector;
import io.github.multiprom.model.DirectorySnapshot;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
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

/** What the parts of a warm scrape cost, and the least that they could. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(2)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
public class ScrapePartsBenchmark {
  /** Live workers, in another process. */
  @Param({"1", "8", "100"})
  public int workers;

  /** Counters of each worker, the same in all. */
  @Param({"100", "10000"})
  public int series;

  private ScrapedWorkers scraped;
  private MultiprocessCollector collector;
  private final List<FileChannel> channels = new ArrayList<>();
  private ByteBuffer cells;
  private byte[] text;
  private byte[] copy;
  private DirectoryReader reader;
  private List<LockProbe> probes;

  /** Makes the files. */
  @Setup
  public void setUp() throws IOException {
    scraped = new ScrapedWorkers(workers, series, 1);
    reader = new DirectoryReader(scraped.directory());
    probes =
        reader.read().workers().stream()
            .map(worker -> StoreFiles.lease(scraped.directory(), worker.worker().incarnation()))
            .map(LockProbe::new)
            .toList();
    collector = new MultiprocessCollector(scraped.directory());
    TextWriter writer = new TextWriter(ExpositionFormat.TEXT);
    text = collector.merge(family -> true, families -> writer.write(families, name -> true));
    copy = new byte[text.length];
    cells = ByteBuffer.allocateDirect(series * Double.BYTES);
    for (Path file : scraped.files()) {
      channels.add(FileChannel.open(file, StandardOpenOption.READ));
    }
  }

  /** Deletes the files. */
  @TearDown
  public void tearDown() throws IOException {
    for (FileChannel channel : channels) {
      channel.close();
    }
    probes.forEach(LockProbe::close);
    collector.close();
    reader.close();
    scraped.close();
  }

  /** The physical limit: copies as many bytes of cells from the open files, and the text. */
  @Benchmark
  public byte[] copyLimit() throws IOException {
    for (int i = 0; i < channels.size(); i++) {
      channels.get(i).read(cells.clear(), 0);
    }
    System.arraycopy(text, 0, copy, 0, text.length);
    return copy;
  }

  /** Everything but the text. */
  @Benchmark
  public double merge() {
    return collector.merge(family -> true, families -> families.get(0).values()[0]);
  }

  /** A part of {@link #merge()}: reads all cells, with what belongs to it. */
  @Benchmark
  public DirectorySnapshot read() throws IOException {
    return reader.read();
  }

  /** A part of {@link #read()}: asks whose leases are held. */
  @Benchmark
  public int leaseProbes() {
    int live = 0;
    for (int i = 0; i < probes.size(); i++) {
      live += probes.get(i).state() == LockFiles.State.HELD ? 1 : 0;
    }
    return live;
  }

  /** A part of {@link #read()}: lists the directory. */
  @Benchmark
  public String[] directoryListing() {
    return scraped.directory().toFile().list();
  }
}
