package io.github.multiprom.merge;

import io.github.multiprom.model.DoubleDouble;
import io.github.multiprom.model.FamilyDescriptor;
import io.github.multiprom.model.GaugeFold;
import io.github.multiprom.model.MetricType;
import io.github.multiprom.model.RetainedFamily;
import io.github.multiprom.model.RetainedSeries;
import io.github.multiprom.model.SeriesDescriptor;
import io.github.multiprom.model.Snapshot;
import io.github.multiprom.model.WorkerInfo;
import io.github.multiprom.store.StoreLog;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Adds up what retired workers counted. One thread.
 *
 * <p>Counts are kept in the shape in which they were counted (type, label names, bucket bounds), so
 * that a merge treats them as it treated the workers. Nothing in here grows with the number of
 * workers that ever lived: additive series and folded gauges are one per label set, up to the
 * series limit and those that live workers have; per-worker gauges are kept for the newest workers
 * only.
 */
final class RetainedTotals {
  private static final int SET_TIME = 1;

  private final int maxSeries;
  private final int maxGaugeWorkers;
  // By name, when the newest retired worker of that name was made.
  private final Map<String, Long> newestNanos = new HashMap<>();
  // In the order of the newest contributor.
  private final Map<Shape, Totals> shapes = new LinkedHashMap<>();

  private record Shape(
      String name, MetricType type, List<String> labelNames, List<Double> upperBounds) {
    static Shape of(FamilyDescriptor family) {
      return new Shape(family.name(), family.type(), family.labelNames(), family.upperBounds());
    }
  }

  private record Key(List<String> labelValues, String owner) {}

  private static final class Totals {
    FamilyDescriptor descriptor;
    final Map<Key, Sum> series = new HashMap<>();

    Totals(FamilyDescriptor descriptor) {
      this.descriptor = descriptor;
    }
  }

  private static final class Sum {
    long createdNanos = Long.MAX_VALUE;
    long endNanos;
    final double[] high;
    final double[] low;

    Sum(int cells) {
      high = new double[cells];
      low = new double[cells];
    }
  }

  /**
   * Empty totals.
   *
   * @param maxSeries how many series of a family are kept apart
   * @param maxGaugeWorkers of how many retired workers a family's per-worker gauges are kept
   */
  RetainedTotals(int maxSeries, int maxGaugeWorkers) {
    this.maxSeries = maxSeries;
    this.maxGaugeWorkers = maxGaugeWorkers;
  }

  int maxSeries() {
    return maxSeries;
  }

  /** Notes a worker that is being retired, before what it and others counted is added. */
  void note(WorkerInfo worker) {
    newestNanos.merge(worker.workerName(), worker.createdNanos(), Math::max);
  }

  /**
   * Adds one series, of the totals that were retained before or of a worker that is being retired.
   *
   * @param newest the definition by which the family is merged, of the same type as the part's
   * @param endNanos when its life ended, nanoseconds since the epoch
   * @param isLive whether a live worker has the series, which would fall without what was retained
   */
  void add(Part part, int i, FamilyDescriptor newest, long endNanos, boolean isLive) {
    SeriesDescriptor series = part.descriptor(i);
    FamilyDescriptor family = part.family().withMode(newest.fold(), newest.liveOnly());
    boolean gauge = family.type() == MetricType.GAUGE;
    if (gauge && (family.liveOnly() || part.isRemoved(i))) {
      return;
    }
    String owner = "";
    long createdNanos = series.createdNanos();
    if (gauge && family.fold() == GaugeFold.ALL) {
      owner = part.retained() ? series.owner() : part.snapshot().worker().workerName();
      if (!part.retained()) {
        createdNanos = part.snapshot().worker().createdNanos();
      }
      // As long as they have files, only the newest worker of a name is shown.
      if (createdNanos < newestNanos.getOrDefault(owner, Long.MIN_VALUE)) {
        return;
      }
    }
    Snapshot from = part.snapshot();
    int cell = series.firstCell();
    Shape shape = Shape.of(family);
    Totals totals = shapes.remove(shape);
    if (totals == null) {
      totals = new Totals(family);
    }
    totals.descriptor = family;
    shapes.put(shape, totals);
    Key key = new Key(series.labelValues(), owner);
    if (owner.isEmpty()
        && !isLive
        && totals.series.size() >= maxSeries
        && !totals.series.containsKey(key)) {
      key = new Key(Collections.nCopies(family.labelNames().size(), "overflow"), "");
      StoreLog.warnOnce(
          "retained overflow " + family.name(),
          "Retired workers had more than "
              + maxSeries
              + " series of family "
              + family.name()
              + "; what further ones counted is kept in one series with the label values overflow");
    }
    Sum sum = totals.series.computeIfAbsent(key, k -> new Sum(family.cellCount()));
    sum.endNanos = Math.max(sum.endNanos, endNanos);
    sum.createdNanos = Math.min(sum.createdNanos, createdNanos);
    if (gauge) {
      foldGauge(family.fold(), sum, from, cell);
    } else {
      for (int c = 0; c < sum.high.length; c++) {
        DoubleDouble.add(sum.high, sum.low, c, from.high()[cell + c], from.low()[cell + c]);
      }
    }
  }

  private static void foldGauge(GaugeFold fold, Sum sum, Snapshot from, int cell) {
    double value = from.high()[cell];
    double setTime = from.high()[cell + SET_TIME];
    if (!(setTime > 0)) {
      return;
    }
    if (fold.replaces(value, setTime, sum.high[0], sum.high[SET_TIME])) {
      sum.high[0] = value;
      sum.low[0] = from.low()[cell];
    } else if (fold == GaugeFold.SUM) {
      DoubleDouble.add(sum.high, sum.low, 0, value, from.low()[cell]);
    }
    sum.high[SET_TIME] = Math.max(sum.high[SET_TIME], setTime);
  }

  /** Adds an amount to a counter without labels. */
  void addCounter(FamilyDescriptor family, double amount, long nowNanos) {
    Totals totals = shapes.computeIfAbsent(Shape.of(family), k -> new Totals(family));
    Sum sum = totals.series.computeIfAbsent(new Key(List.of(), ""), k -> new Sum(1));
    sum.createdNanos = Math.min(sum.createdNanos, nowNanos);
    sum.endNanos = nowNanos;
    DoubleDouble.add(sum.high, sum.low, 0, amount, 0);
  }

  /** Drops per-worker gauges that are not to be written. */
  void dropOldOwners() {
    for (Totals totals : shapes.values()) {
      Set<String> owners = keptOwners(totals);
      totals.series.keySet().removeIf(key -> !key.owner.isEmpty() && !owners.contains(key.owner));
    }
  }

  /** What is to be written. */
  List<RetainedFamily> families() {
    List<RetainedFamily> families = new ArrayList<>();
    for (Totals totals : shapes.values()) {
      Set<String> owners = keptOwners(totals);
      List<RetainedSeries> series = new ArrayList<>();
      totals.series.forEach(
          (key, sum) -> {
            if (key.owner.isEmpty() || owners.contains(key.owner)) {
              series.add(
                  new RetainedSeries(
                      key.labelValues,
                      sum.createdNanos,
                      sum.endNanos,
                      key.owner,
                      sum.high,
                      sum.low));
            }
          });
      families.add(new RetainedFamily(totals.descriptor, series));
    }
    return families;
  }

  /** The newest workers of those that have series of their own in a family. */
  private Set<String> keptOwners(Totals totals) {
    Map<String, Long> createdNanos = new HashMap<>();
    totals.series.forEach(
        (key, sum) -> {
          if (!key.owner.isEmpty()) {
            createdNanos.merge(key.owner, sum.createdNanos, Math::max);
          }
        });
    List<String> owners = new ArrayList<>(createdNanos.keySet());
    owners.sort(
        Comparator.<String>comparingLong(createdNanos::get).reversed().thenComparing(o -> o));
    return new HashSet<>(owners.subList(0, Math.min(maxGaugeWorkers, owners.size())));
  }
}
