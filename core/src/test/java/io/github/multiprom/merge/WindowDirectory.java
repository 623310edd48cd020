package io.github.multiprom.merge;

import io.github.multiprom.internal.cell.DistributionCells;
import io.github.multiprom.internal.directory.DirectoryReader;
import io.github.multiprom.internal.directory.RetiringPass;
import io.github.multiprom.internal.directory.SnapshotReader;
import io.github.multiprom.internal.file.CrashPoint;
import io.github.multiprom.internal.worker.Killable;
import io.github.multiprom.internal.worker.MappedIncarnation;
import io.github.multiprom.internal.worker.StoreOptions;
import io.github.multiprom.internal.worker.StoreUnderTest;
import io.github.multiprom.model.DirectorySnapshot;
import io.github.multiprom.model.EpochClock;
import io.github.multiprom.model.FamilyDescriptor;
import io.github.multiprom.model.QuantileWindow;
import io.github.multiprom.model.QuantileWindow.Quantile;
import io.github.multiprom.model.Snapshot;
import io.github.multiprom.model.WindowHistory;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/**
 * Worker files with summaries that have quantiles, by a clock of the test's own. It begins at the
 * step after now.
 */
final class WindowDirectory implements AutoCloseable {
  static final long STEP_MS = 120_000;

  final Path path;
  final MultiprocessCollector collector;
  private final long beginMs;
  private long nowMs;
  private final List<Worker> workers = new ArrayList<>();

  WindowDirectory(Path path) {
    this.path = path;
    beginMs = (System.currentTimeMillis() / STEP_MS + 1) * STEP_MS;
    nowMs = beginMs;
    collector = collector(snapshot -> snapshot);
  }

  /** What shows the directory without what had been counted before. */
  MultiprocessCollector collectorWithoutHistory() {
    return collector(
        all ->
            new Snapshot(
                all.worker(),
                all.live(),
                all.exitNanos(),
                all.beatNanos(),
                all.sampleNanos(),
                all.catalog(),
                all.predecessors(),
                all.high(),
                all.low(),
                all.lowIsZero(),
                all.exemplars(),
                all.chunks(),
                WindowHistory.NONE,
                all.bytes(),
                all.laneCount(),
                all.port()));
  }

  private MultiprocessCollector collector(UnaryOperator<Snapshot> change) {
    DirectoryReader reader = new DirectoryReader(path);
    return new MultiprocessCollector(
        new SnapshotReader() {
          @Override
          public DirectorySnapshot read() throws IOException {
            DirectorySnapshot read = reader.read();
            read.workers().replaceAll(change);
            return read;
          }

          @Override
          public void close() {
            reader.close();
          }
        },
        "worker",
        this::nowNanos);
  }

  /** A summary without labels. */
  static FamilyDescriptor summary(long maxAgeMs, int steps, double... quantiles) {
    List<Quantile> all = Arrays.stream(quantiles).mapToObj(q -> new Quantile(q, 0.01)).toList();
    return WorkerDirectory.summary("s").withWindow(new QuantileWindow(all, maxAgeMs, steps));
  }

  static FamilyDescriptor summary(double... quantiles) {
    return summary(5 * STEP_MS, 5, quantiles);
  }

  long nowNanos() {
    return nowMs * EpochClock.NANOS_PER_MILLISECOND;
  }

  /** Lets the clock stand at a time since its beginning, and every living worker keep house. */
  void at(long sinceBeginMs) {
    nowMs = beginMs + sinceBeginMs;
    for (Worker worker : workers) {
      if (worker.isLive && !worker.isStalled) {
        worker.writer.beat(nowNanos());
      }
    }
  }

  Worker worker(FamilyDescriptor family) throws IOException {
    WorkerDirectory.awaitNextMillisecond();
    Worker worker = new Worker(Killable.worker(path, "w"));
    worker.add(family);
    workers.add(worker);
    return worker;
  }

  /** Moves every dead worker into the retained totals. */
  void retire(boolean asBacklog) throws IOException {
    try (DirectoryReader reader =
            asBacklog ? Killable.backlogReader(path) : new DirectoryReader(path);
        RetiringPass pass = Killable.begin(reader, step -> {})) {
      Retirer.retire(pass, this::nowNanos);
    }
  }

  /** The samples by name, quantiles by their label value. */
  Map<String, Double> samples() {
    Map<String, Double> samples = new HashMap<>();
    collector
        .collect()
        .forEach(
            family ->
                family.samples.forEach(
                    sample ->
                        samples.put(
                            sample.labelValues.isEmpty() ? sample.name : sample.labelValues.get(0),
                            sample.value)));
    return samples;
  }

  /** How many workers there ever were. */
  int workerCount() {
    return workers.size();
  }

  double quantile(String quantile) {
    return samples().get(quantile);
  }

  double count() {
    return samples().get("s_count");
  }

  @Override
  public void close() {
    workers.stream().filter(worker -> worker.isLive).forEach(worker -> worker.writer.close());
    collector.close();
  }

  /** One worker with one summary. */
  final class Worker {
    final MappedIncarnation writer;
    boolean isLive = true;
    boolean isStalled;
    int series;
    private long madeNanos;
    private DistributionCells cells;

    Worker(MappedIncarnation writer) {
      this.writer = writer;
    }

    void add(FamilyDescriptor family) throws IOException {
      madeNanos = nowNanos();
      series = writer.addSeries(writer.addFamily(family), List.of(), madeNanos);
      cells = writer.distribution(series);
    }

    Worker observe(double... values) {
      for (double value : values) {
        cells.observe(0, value);
      }
      return this;
    }

    double[] read() {
      return cells.read();
    }

    /** Goes on in another file. */
    Worker move(FamilyDescriptor family) throws IOException {
      StoreOptions options = StoreUnderTest.options("w", 4);
      Worker next =
          new Worker(
              MappedIncarnation.inDirectory(
                  path,
                  options,
                  MappedIncarnation.newInfo(options, Killable.gone()),
                  List.of(writer.info().incarnation()),
                  CrashPoint.NONE));
      next.series =
          next.writer.addSeries(next.writer.addFamily(family), List.of(), madeNanos, read());
      next.cells = next.writer.distribution(next.series);
      next.madeNanos = madeNanos;
      workers.add(next);
      kill();
      return next;
    }

    /** Ends without a mark, as by SIGKILL. */
    void kill() {
      isLive = false;
      Killable.kill(writer);
    }
  }
}
