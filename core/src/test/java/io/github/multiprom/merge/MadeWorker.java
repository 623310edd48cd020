package io.github.multiprom.merge;

import io.github.multiprom.internal.directory.SnapshotReader;
import io.github.multiprom.internal.worker.StoreOptions;
import io.github.multiprom.model.Catalog;
import io.github.multiprom.model.DirectorySnapshot;
import io.github.multiprom.model.EpochClock;
import io.github.multiprom.model.FamilyDescriptor;
import io.github.multiprom.model.Incarnation;
import io.github.multiprom.model.RetainedFamily;
import io.github.multiprom.model.RetainedSeries;
import io.github.multiprom.model.SeriesDescriptor;
import io.github.multiprom.model.Snapshot;
import io.github.multiprom.model.WorkerInfo;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;

/** A worker's snapshot made by hand, with times and incarnations of the test's choice. */
final class MadeWorker {
  final int number;
  final long createdNanos;
  String name;
  int process;
  long startTicks;
  boolean live = true;
  long beatNanos;
  Set<Incarnation> predecessors = Set.of();
  private final List<FamilyDescriptor> families = new ArrayList<>();
  private final List<SeriesDescriptor> series = new ArrayList<>();
  private final List<Long> removedNanos = new ArrayList<>();
  private double[] high = {};
  private double[] low = {};
  // As of a reader: the same object as long as nothing is published.
  private Catalog catalog = new Catalog(List.of(), List.of(), new long[0]);

  MadeWorker(int number, long createdNanos) {
    this.number = number;
    this.createdNanos = createdNanos;
    name = "w" + number;
    process = number;
  }

  Incarnation incarnation() {
    return new Incarnation(0, number);
  }

  /** The same worker in another file, which has not published anything. */
  MadeWorker successor(int otherNumber, long atNanos) {
    MadeWorker successor = new MadeWorker(otherNumber, atNanos);
    successor.name = name;
    successor.process = process;
    successor.startTicks = startTicks;
    Set<Incarnation> before = new HashSet<>(predecessors);
    before.add(incarnation());
    successor.predecessors = before;
    return successor;
  }

  /** Adds a family without series. */
  void addFamily(FamilyDescriptor family) {
    if (!families.contains(family)) {
      families.add(family);
    }
  }

  /** Adds a series and returns its index. */
  int add(FamilyDescriptor family, long atNanos, List<String> labelValues, double... cells) {
    return add(family, atNanos, labelValues, "", cells, new double[cells.length]);
  }

  private int add(
      FamilyDescriptor family,
      long atNanos,
      List<String> labelValues,
      String owner,
      double[] cellsHigh,
      double[] cellsLow) {
    addFamily(family);
    series.add(
        new SeriesDescriptor(families.indexOf(family), labelValues, atNanos, owner, high.length));
    removedNanos.add(0L);
    high = append(high, cellsHigh);
    low = append(low, cellsLow);
    return series.size() - 1;
  }

  private static double[] append(double[] cells, double[] more) {
    double[] all = Arrays.copyOf(cells, cells.length + more.length);
    System.arraycopy(more, 0, all, cells.length, more.length);
    return all;
  }

  void remove(int index, long atNanos) {
    removedNanos.set(index, atNanos);
  }

  void increment(int index) {
    high[series.get(index).firstCell()]++;
  }

  /** Adds to a cell of a series. */
  void add(int index, int cell, double amount) {
    high[series.get(index).firstCell() + cell] += amount;
  }

  void set(int index, int cell, double value) {
    high[series.get(index).firstCell() + cell] = value;
  }

  double[] cells(int index, FamilyDescriptor family) {
    int first = series.get(index).firstCell();
    return Arrays.copyOfRange(high, first, first + family.cellCount());
  }

  void die(long atNanos) {
    live = false;
    beatNanos = atNanos;
  }

  Snapshot snapshot() {
    WorkerInfo info =
        new WorkerInfo(
            incarnation(),
            name,
            "host",
            process,
            startTicks,
            0,
            new Incarnation(0, 0),
            createdNanos,
            StoreOptions.DEFAULT_MAX_SERIES);
    long[] removed = removedNanos.stream().mapToLong(Long::longValue).toArray();
    if (catalog.families().size() < families.size()
        || catalog.series().size() < series.size()
        || !Arrays.equals(catalog.removedNanos(), removed)) {
      catalog = new Catalog(List.copyOf(families), List.copyOf(series), removed);
    }
    return new Snapshot(
        info, live, 0, beatNanos, 0, catalog, predecessors, high.clone(), low.clone(), false);
  }

  /** The retained totals as a reader gives them. */
  static Snapshot retained(List<RetainedFamily> families, Set<Incarnation> predecessors) {
    MadeWorker file = new MadeWorker(0, 0);
    file.live = false;
    file.predecessors = predecessors;
    for (RetainedFamily family : families) {
      for (RetainedSeries share : family.series()) {
        int index =
            file.add(
                family.descriptor(),
                share.createdNanos(),
                share.labelValues(),
                share.owner(),
                share.high(),
                share.low());
        file.remove(index, share.endNanos());
      }
    }
    return file.snapshot();
  }

  /** A directory with these workers; nothing is retained. */
  static DirectorySnapshot directory(List<MadeWorker> workers) {
    List<Snapshot> snapshots =
        workers.stream()
            .map(MadeWorker::snapshot)
            .sorted(Comparator.comparing(snapshot -> snapshot.worker().incarnation()))
            .toList();
    return new DirectorySnapshot(snapshots, List.of(), Map.of(), 0);
  }

  /** The directory after some dead workers, perhaps none, were moved into the retained totals. */
  static DirectorySnapshot retire(DirectorySnapshot directory, Set<Snapshot> retired) {
    RetainedTotals totals =
        new RetainedTotals(Integer.MAX_VALUE, Integer.MAX_VALUE, EpochClock.nowNanos());
    Set<Incarnation> predecessors = new HashSet<>();
    Set<Snapshot> folded = new HashSet<>(retired);
    folded.addAll(directory.retained());
    for (Snapshot source : folded) {
      predecessors.addAll(source.predecessors());
    }
    directory.retained().forEach(totals::note);
    retired.forEach(worker -> totals.note(worker.worker()));
    Folding.addUp(directory, folded, totals);
    List<Snapshot> kept = new ArrayList<>(directory.workers());
    kept.removeAll(retired);
    return new DirectorySnapshot(
        kept, List.of(retained(totals.families(), predecessors)), Map.of(), 0);
  }

  /** The sample lines of a directory. */
  static String samples(DirectorySnapshot directory) {
    return WorkerDirectory.samples(collector(() -> directory));
  }

  static MultiprocessCollector collector(Supplier<DirectorySnapshot> directory) {
    return new MultiprocessCollector(
        new SnapshotReader() {
          @Override
          public DirectorySnapshot read() {
            return directory.get();
          }

          @Override
          public void close() {}
        },
        "worker");
  }
}
