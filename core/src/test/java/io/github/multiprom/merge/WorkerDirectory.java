package io.github.multiprom.merge;

import static java.util.stream.Collectors.joining;

import io.github.multiprom.internal.cell.CounterCell;
import io.github.multiprom.internal.cell.DistributionCells;
import io.github.multiprom.internal.cell.GaugeCell;
import io.github.multiprom.internal.directory.DirectoryReader;
import io.github.multiprom.internal.directory.SnapshotReader;
import io.github.multiprom.internal.worker.Killable;
import io.github.multiprom.internal.worker.MappedIncarnation;
import io.github.multiprom.internal.worker.StoreOptions;
import io.github.multiprom.internal.worker.StoreUnderTest;
import io.github.multiprom.model.DirectorySnapshot;
import io.github.multiprom.model.EpochClock;
import io.github.multiprom.model.FamilyDescriptor;
import io.github.multiprom.model.GaugeFold;
import io.github.multiprom.model.MetricType;
import io.prometheus.client.Collector;
import io.prometheus.client.exporter.common.TextFormat;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Real worker files of workers in this process, and what a collector shows of them. The collector
 * retires nobody, so that dead workers stay in their files until a test retires them.
 */
final class WorkerDirectory implements AutoCloseable {
  final Path path;
  final MultiprocessCollector collector;
  private final List<Worker> workers = new ArrayList<>();

  WorkerDirectory(Path path) {
    this.path = path;
    collector = new MultiprocessCollector(withoutRetiring(new DirectoryReader(path)), "worker");
  }

  /** A reader that a collector does not know to be of a directory. */
  private static SnapshotReader withoutRetiring(DirectoryReader reader) {
    return new SnapshotReader() {
      @Override
      public DirectorySnapshot read() throws IOException {
        return reader.read();
      }

      @Override
      public void close() {
        reader.close();
      }
    };
  }

  /** A new live worker, younger than all before. */
  Worker worker(String name) throws IOException {
    return worker(name, StoreOptions.DEFAULT_MAX_SERIES);
  }

  /** A new live worker that keeps so many series of a family apart. */
  Worker worker(String name, int maxSeries) throws IOException {
    awaitNextMillisecond();
    Worker worker =
        new Worker(MappedIncarnation.inDirectory(path, StoreUnderTest.options(name, 4, maxSeries)));
    workers.add(worker);
    return worker;
  }

  /** A new live worker that can be killed although it is in this process. */
  Worker killableWorker(String name) throws IOException {
    awaitNextMillisecond();
    Worker worker = new Worker(Killable.worker(path, name));
    workers.add(worker);
    return worker;
  }

  /** Moves every dead worker into the retained totals. */
  void retire() throws IOException {
    retire(false);
  }

  /**
   * Moves every dead worker into the retained totals.
   *
   * @param asBacklog whether as if they were too many to be held in memory together
   */
  void retire(boolean asBacklog) throws IOException {
    RetiringNow.retire(asBacklog ? Killable.backlogReader(path) : new DirectoryReader(path));
  }

  static void awaitNextMillisecond() {
    long now = System.currentTimeMillis();
    while (System.currentTimeMillis() == now) {
      Thread.onSpinWait();
    }
  }

  /** The sample lines of the workers' families, without created samples. */
  String samples() {
    return samples(collector);
  }

  static String samples(Collector collector) {
    return lines(collector, line -> !line.startsWith("#") && !line.contains("_created"));
  }

  /** The whole exposition without the collector's own families. */
  String exposition() {
    return lines(collector, line -> true);
  }

  /** The same of another collector, without created samples. */
  static String exposition(Collector collector) {
    return lines(collector, line -> !line.contains("_created"));
  }

  private static String lines(Collector collector, java.util.function.Predicate<String> wanted) {
    StringWriter text = new StringWriter();
    try {
      TextFormat.write004(text, Collections.enumeration(collector.collect()));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    return text.toString()
        .lines()
        .filter(line -> !line.contains("multiprom_"))
        .filter(wanted)
        .map(line -> line + "\n")
        .collect(joining());
  }

  /** The value of one of the collector's own series, or of any other. */
  double value(String name, String... labelValues) {
    for (Collector.MetricFamilySamples family : collector.collect()) {
      for (Collector.MetricFamilySamples.Sample sample : family.samples) {
        if (sample.name.equals(name) && sample.labelValues.equals(List.of(labelValues))) {
          return sample.value;
        }
      }
    }
    throw new AssertionError("no sample " + name + Arrays.toString(labelValues));
  }

  @Override
  public void close() {
    workers.forEach(Worker::close);
    collector.close();
  }

  static FamilyDescriptor counter(String name, String... labelNames) {
    return family(name, MetricType.COUNTER, GaugeFold.SUM, false, List.of(), labelNames);
  }

  static FamilyDescriptor summary(String name, String... labelNames) {
    return family(name, MetricType.SUMMARY, GaugeFold.SUM, false, List.of(), labelNames);
  }

  static FamilyDescriptor histogram(String name, List<Double> bounds, String... labelNames) {
    return family(name, MetricType.HISTOGRAM, GaugeFold.SUM, false, bounds, labelNames);
  }

  static FamilyDescriptor gauge(String name, GaugeFold fold, String... labelNames) {
    return family(name, MetricType.GAUGE, fold, false, List.of(), labelNames);
  }

  static FamilyDescriptor liveGauge(String name, GaugeFold fold, String... labelNames) {
    return family(name, MetricType.GAUGE, fold, true, List.of(), labelNames);
  }

  private static FamilyDescriptor family(
      String name,
      MetricType type,
      GaugeFold fold,
      boolean liveOnly,
      List<Double> bounds,
      String... labelNames) {
    return new FamilyDescriptor(
        name, type, "Help of " + name + ".", "", List.of(labelNames), fold, liveOnly, bounds);
  }

  /** One worker; {@link #close()} makes it dead. */
  static final class Worker implements AutoCloseable {
    final MappedIncarnation writer;
    private final Map<FamilyDescriptor, Integer> families = new HashMap<>();
    private final Map<List<Object>, Integer> series = new HashMap<>();
    private boolean closed;

    Worker(MappedIncarnation writer) {
      this.writer = writer;
    }

    void family(FamilyDescriptor family) throws IOException {
      if (!families.containsKey(family)) {
        families.put(family, writer.addFamily(family));
      }
    }

    int series(FamilyDescriptor family, String... labelValues) throws IOException {
      family(family);
      List<Object> key = List.of(family, List.of(labelValues));
      Integer known = series.get(key);
      if (known == null) {
        known = writer.addSeries(families.get(family), List.of(labelValues), EpochClock.nowNanos());
        series.put(key, known);
      }
      return known;
    }

    CounterCell counter(FamilyDescriptor family, String... labelValues) throws IOException {
      return writer.counter(series(family, labelValues));
    }

    GaugeCell gauge(FamilyDescriptor family, String... labelValues) throws IOException {
      return writer.gauge(series(family, labelValues));
    }

    DistributionCells distribution(FamilyDescriptor family, String... labelValues)
        throws IOException {
      return writer.distribution(series(family, labelValues));
    }

    void remove(FamilyDescriptor family, String... labelValues) throws IOException {
      Integer removed = series.remove(List.of(family, List.of(labelValues)));
      writer.remove(removed, EpochClock.nowNanos());
    }

    /** Ends without a mark, as by SIGKILL. */
    void kill() {
      if (!closed) {
        closed = true;
        Killable.kill(writer);
      }
    }

    String shortName() {
      return writer.info().incarnation().shortName();
    }

    @Override
    public void close() {
      if (!closed) {
        closed = true;
        writer.close();
      }
    }
  }
}
