package io.github.multiprom.merge;

import static io.github.multiprom.model.SeriesLayout.SET_TIME_CELL;
import static io.github.multiprom.model.SeriesLayout.VALUE_CELL;

import io.github.multiprom.internal.os.StoreLog;
import io.github.multiprom.model.DoubleDouble;
import io.github.multiprom.model.EpochClock;
import io.github.multiprom.model.FamilyDescriptor;
import io.github.multiprom.model.GaugeFold;
import io.github.multiprom.model.LabelSet;
import io.github.multiprom.model.MetricType;
import io.github.multiprom.model.NativeShape;
import io.github.multiprom.model.QuantileWindow;
import io.github.multiprom.model.RefinedCounts;
import io.github.multiprom.model.RetainedFamily;
import io.github.multiprom.model.RetainedSeries;
import io.github.multiprom.model.SeriesDescriptor;
import io.github.multiprom.model.Snapshot;
import io.github.multiprom.model.WorkerInfo;
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
 * <p>Counts are kept in the shape in which they were counted (type, label names, bucket bounds,
 * gauge mode), so that a merge treats them as it treated the workers, whatever other workers say of
 * the family. Nothing in here grows with the number of workers that ever lived: additive series and
 * folded gauges are one per label set, up to the series limit and those that live workers have;
 * per-worker gauges are kept for the newest workers only.
 *
 * <p>Times later than now, which a clock that was ahead has left, count as now; a gauge that was
 * set later than now counts as if it was set first of all, and a worker that was made later than
 * now as if it was made first of all.
 */
final class RetainedTotals {
  /** The label value of the series that holds what is not kept apart. */
  static final String OVERFLOW = "overflow";

  private static final long NANOS_PER_MICRO = 1000;

  private final int maxSeries;
  private final int maxGaugeWorkers;
  private final long nowNanos;
  // By name, when the newest retired worker of that name was made.
  private final Map<String, Long> newestNanos = new HashMap<>();
  private final Map<Shape, Totals> shapes = new LinkedHashMap<>();

  private record Shape(
      String name,
      MetricType type,
      Set<String> labelNames,
      GaugeFold fold,
      List<Double> upperBounds,
      List<String> states,
      NativeShape nativeShape,
      QuantileWindow window) {
    static Shape of(FamilyDescriptor family) {
      return new Shape(
          family.name(),
          family.type(),
          Set.copyOf(family.labelNames()),
          family.fold(),
          family.upperBounds(),
          family.states(),
          family.nativeShape(),
          family.window() == null ? null : family.window().withoutQuantiles());
    }
  }

  private record Key(List<String> labelValues, String owner) {}

  private static final class Totals {
    // By the worker that ended last.
    FamilyDescriptor descriptor;
    long endNanos = Long.MIN_VALUE;
    // The label names in the order of the keys' label values, which is any.
    final List<String> labelNames;
    // In the order of the first worker, so that readers need not look up each series by name.
    final Map<Key, Sum> series = new LinkedHashMap<>();

    Totals(FamilyDescriptor descriptor) {
      this.descriptor = descriptor;
      labelNames = descriptor.labelNames();
    }

    void describe(FamilyDescriptor family, long familyEndNanos) {
      if (familyEndNanos > endNanos
          || (familyEndNanos == endNanos
              && FamilyDefinition.BY_WORDS.compare(family, descriptor) > 0)) {
        endNanos = familyEndNanos;
        descriptor = family;
      }
    }
  }

  /** Label values in the order of other label names. */
  private static List<String> reorder(List<String> from, List<String> values, List<String> to) {
    return from.equals(to)
        ? values
        : to.stream().map(name -> values.get(from.indexOf(name))).toList();
  }

  private static final class Sum {
    long createdNanos = Long.MAX_VALUE;
    long endNanos;
    final double[] high;
    final double[] low;
    final NewestExemplars exemplars;
    // Null unless it is a native histogram.
    final RefinedCounts counts;

    Sum(FamilyDescriptor family) {
      high = new double[family.cellCount()];
      low = new double[family.cellCount()];
      exemplars = new NewestExemplars(family.upperBounds(), family.nativeShape() != null);
      counts = family.nativeShape() == null ? null : new RefinedCounts();
    }

    void addCells(double[] otherHigh, double[] otherLow, int cell) {
      for (int c = 0; c < high.length; c++) {
        DoubleDouble.add(high, low, c, otherHigh[cell + c], otherLow[cell + c]);
      }
    }
  }

  /**
   * Empty totals.
   *
   * @param maxSeries how many series of a family are kept apart, whatever their label names
   * @param maxGaugeWorkers of how many retired workers a family's per-worker gauges are kept
   * @param nowNanos now, nanoseconds since the epoch
   */
  RetainedTotals(int maxSeries, int maxGaugeWorkers, long nowNanos) {
    this.maxSeries = maxSeries;
    this.maxGaugeWorkers = maxGaugeWorkers;
    this.nowNanos = nowNanos;
  }

  int maxSeries() {
    return maxSeries;
  }

  long nowNanos() {
    return nowNanos;
  }

  /** Whether these are the label values of a series that holds what was not kept apart. */
  static boolean isOverflow(List<String> labelValues) {
    return !labelValues.isEmpty() && labelValues.stream().allMatch(OVERFLOW::equals);
  }

  /** Notes a worker that is being retired, before what it and others counted is added. */
  void note(WorkerInfo worker) {
    note(worker.workerName(), worker.createdNanos());
  }

  /** Notes the workers that the totals so far show one by one, before anything is added. */
  void note(Snapshot before) {
    for (SeriesDescriptor series : before.catalog().series()) {
      if (!series.owner().isEmpty()) {
        note(series.owner(), series.createdNanos());
      }
    }
  }

  private void note(String workerName, long createdNanos) {
    newestNanos.merge(workerName, WorkerNames.effective(createdNanos, nowNanos), Math::max);
  }

  /**
   * Adds one series, of the totals that were retained before or of a worker that is being retired.
   */
  void add(Part part, int i) {
    SeriesDescriptor series = part.descriptor(i);
    FamilyDescriptor family = part.family();
    boolean gauge = family.type().isSet();
    if (gauge && (family.liveOnly() || part.isRemoved(i) || part.isWithdrawn(i))) {
      return;
    }
    String owner = "";
    long createdNanos = series.createdNanos();
    if (gauge && family.fold() == GaugeFold.ALL) {
      owner = part.retained() ? series.owner() : part.source().snapshot().worker().workerName();
      if (!part.retained()) {
        createdNanos = part.worker().createdNanos();
      }
      createdNanos = WorkerNames.effective(createdNanos, nowNanos);
      // As long as they have files, only the newest worker of a name is shown.
      if (createdNanos < newestNanos.getOrDefault(owner, Long.MIN_VALUE)) {
        return;
      }
      createdNanos = Math.max(1, createdNanos);
    }
    Totals totals = shapes.computeIfAbsent(Shape.of(family), k -> new Totals(family));
    long endNanos = Math.min(nowNanos, part.endNanos(i));
    totals.describe(family, endNanos);
    Key key = new Key(reorder(family.labelNames(), series.labelValues(), totals.labelNames), owner);
    Sum sum = totals.series.computeIfAbsent(key, k -> new Sum(family));
    sum.endNanos = Math.max(sum.endNanos, endNanos);
    sum.createdNanos = Math.min(sum.createdNanos, createdNanos);
    Snapshot from = part.source().snapshot();
    int cell = series.firstCell();
    if (gauge) {
      addGauge(
          family.fold(),
          sum,
          from.high()[cell + VALUE_CELL],
          from.low()[cell + VALUE_CELL],
          from.high()[cell + SET_TIME_CELL]);
    } else {
      sum.addCells(from.high(), from.low(), cell);
      if (sum.counts != null) {
        sum.counts.add(counts(part, i));
      }
      from.exemplars().getOrDefault(part.series()[i], List.of()).forEach(sum.exemplars::add);
    }
  }

  /** What a native histogram counted, or a summary, with its window as it is now. */
  private RefinedCounts counts(Part part, int i) {
    RefinedCounts counts = part.source().snapshot().refinedCounts(part.series()[i]);
    QuantileWindow window = part.family().window();
    if (window == null) {
      return counts;
    }
    long createdNanos = part.descriptor(i).createdNanos();
    return counts.atSteps(
        window,
        nowNanos / EpochClock.NANOS_PER_MILLISECOND,
        createdNanos > nowNanos ? 0 : createdNanos / EpochClock.NANOS_PER_MILLISECOND);
  }

  private void addGauge(
      GaugeFold fold, Sum sum, double value, double valueLow, double setTimeMicros) {
    long nowMicros = nowNanos / NANOS_PER_MICRO;
    double setTime = GaugeValues.effective(setTimeMicros, (double) nowMicros);
    if (setTime > 0 && GaugeValues.isKept(fold, value)) {
      GaugeValues.fold(
          fold, value, valueLow, setTime, sum.high, sum.low, VALUE_CELL, sum.high, SET_TIME_CELL);
    }
  }

  /** Adds an amount to a counter without labels. */
  void addCounter(FamilyDescriptor family, double amount) {
    Totals totals = shapes.computeIfAbsent(Shape.of(family), k -> new Totals(family));
    Sum sum = totals.series.computeIfAbsent(new Key(List.of(), ""), k -> new Sum(family));
    sum.createdNanos = Math.min(sum.createdNanos, nowNanos);
    sum.endNanos = nowNanos;
    DoubleDouble.add(sum.high, sum.low, 0, amount, 0);
  }

  /**
   * Drops per-worker gauges that are not to be written, and keeps no more series apart than the
   * limit: of a family's label sets that no other worker has, first those go to {@code overflow}
   * whose label names none has, then those that ended first.
   *
   * @param holders the workers that are not retired
   */
  void trim(Holders holders) {
    for (Totals totals : shapes.values()) {
      Set<String> owners = keptOwners(totals);
      totals.series.keySet().removeIf(key -> !key.owner.isEmpty() && !owners.contains(key.owner));
    }
    Map<String, List<Totals>> byName = new LinkedHashMap<>();
    shapes.forEach(
        (shape, totals) -> byName.computeIfAbsent(shape.name, k -> new ArrayList<>()).add(totals));
    byName.forEach((name, family) -> trim(name, family, holders));
  }

  /** One label set of a family, in whatever shapes. */
  private static final class Kept {
    final Map<Totals, List<Key>> places = new LinkedHashMap<>();
    long endNanos = Long.MIN_VALUE;
    boolean listIsHeld;
  }

  private void trim(String name, List<Totals> family, Holders holders) {
    int most = 0;
    for (Totals totals : family) {
      most += totals.series.size();
    }
    if (most <= maxSeries) {
      return;
    }
    Set<LabelSet> staying = staying(family);
    Map<LabelSet, Kept> apart = new HashMap<>();
    for (Totals totals : family) {
      List<String> labelNames = totals.labelNames;
      boolean listIsHeld = holders.haveLabelNames(name, Set.copyOf(labelNames));
      totals.series.forEach(
          (key, sum) -> {
            LabelSet labels = LabelSet.of(labelNames, key.labelValues);
            if (key.owner.isEmpty() && !staying.contains(labels)) {
              Kept kept = apart.computeIfAbsent(labels, k -> new Kept());
              kept.places.computeIfAbsent(totals, k -> new ArrayList<>()).add(key);
              kept.endNanos = Math.max(kept.endNanos, sum.endNanos);
              kept.listIsHeld |= listIsHeld;
            }
          });
    }
    List<Map.Entry<LabelSet, Kept>> goFirst = new ArrayList<>(apart.entrySet());
    goFirst.removeIf(entry -> holders.have(name, entry.getKey()));
    goFirst.sort(
        Comparator.<Map.Entry<LabelSet, Kept>, Boolean>comparing(
                entry -> entry.getValue().listIsHeld)
            .thenComparing(entry -> entry.getValue().endNanos)
            .thenComparing(entry -> entry.getKey().namesAndValues().toString()));
    int going = Math.min(goFirst.size(), apart.size() - maxSeries);
    for (int i = 0; i < going; i++) {
      goFirst
          .get(i)
          .getValue()
          .places
          .forEach((totals, keys) -> keys.forEach(key -> overflow(totals, key)));
    }
    if (going > 0) {
      StoreLog.warnOnce(
          "retained overflow " + name,
          "Retired workers had more than "
              + maxSeries
              + " series of family "
              + name
              + "; what those counted that ended first is kept in one series with the label values "
              + OVERFLOW);
    }
  }

  /**
   * The label sets that no limit takes away: that without labels, and those of {@code overflow}.
   * They may have shares in other label lists, whose other labels are empty.
   */
  private static Set<LabelSet> staying(List<Totals> family) {
    Set<LabelSet> staying = new HashSet<>();
    staying.add(LabelSet.of(List.of(), List.of()));
    for (Totals totals : family) {
      for (Key key : totals.series.keySet()) {
        if (isOverflow(key.labelValues)) {
          staying.add(LabelSet.of(totals.labelNames, key.labelValues));
        }
      }
    }
    return staying;
  }

  private void overflow(Totals totals, Key key) {
    Sum from = totals.series.remove(key);
    Key overflow = new Key(Collections.nCopies(key.labelValues.size(), OVERFLOW), "");
    Sum into = totals.series.computeIfAbsent(overflow, k -> new Sum(totals.descriptor));
    from.exemplars.all().forEach(into.exemplars::add);
    into.endNanos = Math.max(into.endNanos, from.endNanos);
    into.createdNanos = Math.min(into.createdNanos, from.createdNanos);
    if (totals.descriptor.type().isSet()) {
      addGauge(
          totals.descriptor.fold(),
          into,
          from.high[VALUE_CELL],
          from.low[VALUE_CELL],
          from.high[SET_TIME_CELL]);
    } else {
      into.addCells(from.high, from.low, 0);
      if (into.counts != null) {
        into.counts.add(from.counts);
      }
    }
  }

  /** How many series there are, of all families. */
  int seriesCount() {
    return shapes.values().stream().mapToInt(totals -> totals.series.size()).sum();
  }

  /** The families of the next generation. */
  List<RetainedFamily> families() {
    List<RetainedFamily> families = new ArrayList<>();
    for (Totals totals : shapes.values()) {
      List<RetainedSeries> series = new ArrayList<>();
      totals.series.forEach(
          (key, sum) -> {
            if (totals.descriptor.type().isSet() && sum.high[SET_TIME_CELL] > 0) {
              sum.high[SET_TIME_CELL] = Math.max(1, sum.high[SET_TIME_CELL]);
            }
            if (sum.counts != null) {
              sum.counts.forgetBeforeFirst();
            }
            series.add(
                new RetainedSeries(
                    reorder(totals.labelNames, key.labelValues, totals.descriptor.labelNames()),
                    sum.createdNanos,
                    sum.endNanos,
                    key.owner,
                    sum.high,
                    sum.low,
                    sum.exemplars.all(),
                    sum.counts));
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
