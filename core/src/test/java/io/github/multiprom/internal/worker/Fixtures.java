package io.github.multiprom.internal.worker;

import io.github.multiprom.internal.cell.CounterCell;
import io.github.multiprom.internal.directory.DirectoryReader;
import io.github.multiprom.model.DirectorySnapshot;
import io.github.multiprom.model.FamilyDescriptor;
import io.github.multiprom.model.GaugeFold;
import io.github.multiprom.model.Incarnation;
import io.github.multiprom.model.MetricType;
import io.github.multiprom.model.NativeShape;
import io.github.multiprom.model.QuantileWindow;
import io.github.multiprom.model.SeriesDescriptor;
import io.github.multiprom.model.Snapshot;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Families, and looks into snapshots, that the tests of the store share. */
public final class Fixtures {
  public static final long CREATED_MS = 1_700_000_000_000L;
  public static final StoreOptions OPTIONS =
      StoreUnderTest.options("worker-1", StoreOptions.defaultMaxLanes());

  private Fixtures() {}

  public static FamilyDescriptor counter(String name, String... labelNames) {
    return family(name, MetricType.COUNTER, GaugeFold.SUM, List.of(), labelNames);
  }

  public static FamilyDescriptor gauge(String name, GaugeFold fold, String... labelNames) {
    return family(name, MetricType.GAUGE, fold, List.of(), labelNames);
  }

  public static FamilyDescriptor histogram(String name, List<Double> bounds, String... labelNames) {
    return family(name, MetricType.HISTOGRAM, GaugeFold.SUM, bounds, labelNames);
  }

  /** With the usual shape. */
  public static FamilyDescriptor nativeHistogram(
      String name, List<Double> bounds, String... labelNames) {
    return histogram(name, bounds, labelNames)
        .withNativeShape(
            new NativeShape(NativeShape.DEFAULT_SCHEMA, NativeShape.DEFAULT_MAX_BUCKETS));
  }

  public static FamilyDescriptor summary(String name, String... labelNames) {
    return family(name, MetricType.SUMMARY, GaugeFold.SUM, List.of(), labelNames);
  }

  /** With the median of so long a time, in five steps. */
  public static FamilyDescriptor summaryWithQuantiles(
      String name, long maxAgeMs, String... labelNames) {
    return summary(name, labelNames)
        .withWindow(
            new QuantileWindow(List.of(new QuantileWindow.Quantile(0.5, 0.01)), maxAgeMs, 5));
  }

  private static FamilyDescriptor family(
      String name, MetricType type, GaugeFold fold, List<Double> bounds, String... labelNames) {
    return new FamilyDescriptor(
        name, type, "Help of " + name, "", List.of(labelNames), fold, false, bounds);
  }

  /** Adds a family and its one series without labels, and returns the index of the series. */
  public static int addSingle(IncarnationWriter worker, FamilyDescriptor family)
      throws IOException {
    return worker.addSeries(worker.addFamily(family), List.of(), CREATED_MS);
  }

  public static CounterCell addCounter(IncarnationWriter worker, String name) throws IOException {
    return worker.counter(addSingle(worker, counter(name)));
  }

  /** One read of a directory by a reader of its own. */
  public static DirectorySnapshot read(Path directory) throws IOException {
    try (DirectoryReader reader = new DirectoryReader(directory)) {
      return reader.read();
    }
  }

  public static Snapshot find(DirectorySnapshot directory, Incarnation incarnation) {
    return directory.workers().stream()
        .filter(worker -> worker.worker().incarnation().equals(incarnation))
        .findFirst()
        .orElseThrow(() -> new AssertionError(incarnation + " is missing"));
  }

  /** The cells of every series by {@code name[label values]}; of a distribution sum and buckets. */
  public static Map<String, List<Double>> valuesOf(Snapshot worker) {
    Map<String, List<Double>> values = new TreeMap<>();
    for (SeriesDescriptor series : worker.catalog().series()) {
      FamilyDescriptor family = worker.catalog().familyOf(series);
      // Of a distribution, the first and the last cell mean nothing outside its file.
      int margin = family.type().isDistribution() ? 1 : 0;
      int from = series.firstCell() + margin;
      int to = series.firstCell() + family.cellCount() - margin;
      Double[] cells = new Double[to - from];
      for (int i = from; i < to; i++) {
        cells[i - from] = worker.high()[i] + worker.low()[i];
      }
      values.put(family.name() + series.labelValues(), Arrays.asList(cells));
    }
    return values;
  }

  /** The first cell of a series without labels: the sum of a counter or distribution. */
  public static double sumOf(Snapshot worker, String name) {
    return valuesOf(worker).get(name + "[]").get(0);
  }

  /** The sum over all workers of one series' cells. */
  public static double[] totalOf(DirectorySnapshot directory, String key) {
    double[] total = {};
    for (Snapshot worker : directory.workers()) {
      List<Double> cells = valuesOf(worker).getOrDefault(key, List.of());
      total = total.length < cells.size() ? Arrays.copyOf(total, cells.size()) : total;
      for (int i = 0; i < cells.size(); i++) {
        total[i] += cells.get(i);
      }
    }
    return total;
  }
}
