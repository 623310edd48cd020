package io.github.multiprom.merge;

import static io.github.multiprom.model.SeriesLayout.SET_TIME_CELL;
import static io.github.multiprom.model.SeriesLayout.VALUE_CELL;

import io.github.multiprom.model.FamilyDescriptor;
import io.github.multiprom.model.GaugeFold;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Objects;

/**
 * Merges gauges by the family's fold. One merge at a time.
 *
 * <ul>
 *   <li>A gauge that a worker never set takes no part, unless no worker set it: then it is 0, under
 *       {@link GaugeFold#ALL} once for each worker that has it.
 *   <li>A worker that removed or withdrew its gauge takes no part.
 *   <li>A dead worker takes part only if its own mode has the same fold and keeps it: so nothing
 *       that is shown changes when it is retired, and what was kept as a sum is never shown as a
 *       maximum.
 *   <li>A gauge that was set later than now, which a clock that was ahead has left, loses against
 *       every other; among such the one that was set first counts.
 *   <li>{@link GaugeFold#MIN} and {@link GaugeFold#MAX} pass over NaN unless all are NaN; a {@link
 *       GaugeFold#SUM} with NaN is NaN, but what dead workers set takes part in sums only if it is
 *       finite; {@link GaugeFold#MOSTRECENT} goes by time alone, and at equal times the greater
 *       incarnation wins. So the order of files never matters.
 * </ul>
 */
final class GaugePlan implements FamilyPlan {
  private final FamilyDescriptor descriptor;
  private final String workerLabel;
  // Whether every worker's value is shown by itself.
  private final boolean perWorker;
  private final SeriesLabels labels;
  private final SeriesGroups groups;
  private final ShownSeries ordered;
  // One for each part.
  private List<Share> shares = List.of();
  // Label sets with the worker; without it the values are the groups.
  private final SeriesTable table = new SeriesTable();
  // By value, with room for more.
  private int valueCount;
  private int[] groupOf = {};
  private boolean[] hasShare = {};
  private double[] high = {};
  private double[] low = {};
  private double[] setTime = {};
  // Whether some worker has it that did not withdraw it.
  private boolean[] isThere = {};
  // By group.
  private boolean[] groupIsSet = {};
  // By position in the order: whether it is shown by what was merged last.
  private final BitSet shown = new BitSet();
  private MergedFamily merged;

  /** What one incarnation has: for each of its series the first cell and the index of the value. */
  private static final class Share {
    final Source source;
    // The name that its series are shown with; null if they have none.
    final String worker;
    int count;
    int[] cells = new int[1];
    int[] values = new int[1];

    Share(Part part, String worker) {
      source = part.source();
      this.worker = worker;
    }

    void add(int cell, int value) {
      if (count == cells.length) {
        cells = Arrays.copyOf(cells, 2 * count);
        values = Arrays.copyOf(values, 2 * count);
      }
      cells[count] = cell;
      values[count++] = value;
    }
  }

  /**
   * Plans a family.
   *
   * @param names the names of the workers
   * @param workerLabel the label of per-worker gauges; null if there is only one worker
   * @param old the list of series until now; null if there was none
   */
  GaugePlan(
      FamilyDefinition definition, WorkerNames names, String workerLabel, List<MergedSeries> old) {
    descriptor = definition.descriptor();
    this.workerLabel = workerLabel;
    perWorker = descriptor.fold() == GaugeFold.ALL && workerLabel != null;
    labels = labels(definition);
    groups = new SeriesGroups(labels, definition.parts());
    ordered = new ShownSeries(old);
    plan(names);
  }

  private SeriesLabels labels(FamilyDefinition definition) {
    return new SeriesLabels(
        descriptor, definition.parts(), perWorker ? List.of(workerLabel) : List.of());
  }

  @Override
  public boolean follow(FamilyDefinition definition, boolean withCreated, WorkerNames names) {
    if (!descriptor.equals(definition.descriptor()) || !labels.isLike(labels(definition))) {
      return false;
    }
    groups.update(definition.parts());
    if (groups.isMostlyEmpty()) {
      return false;
    }
    plan(names);
    return !isMostlyEmpty();
  }

  private boolean isMostlyEmpty() {
    int empty = 0;
    for (int value = 0; value < valueCount; value++) {
      empty += hasShare[value] ? 0 : 1;
    }
    return perWorker && 2 * empty > valueCount;
  }

  private void plan(WorkerNames names) {
    List<Share> now = new ArrayList<>(groups.parts().size());
    for (int p = 0; p < groups.parts().size(); p++) {
      now.add(share(p, names));
    }
    shares = now;
    addValues();
    Arrays.fill(hasShare, false);
    for (Share share : shares) {
      for (int i = 0; i < share.count; i++) {
        hasShare[share.values[i]] = true;
      }
    }
    groupIsSet = new boolean[groups.size()];
    if (ordered.show(
        perWorker ? table.sorted() : groups.sorted(),
        value -> hasShare[value] && groups.isShown(groupOf[value]),
        value -> labels.series(labelValues(value), List.of()))) {
      shown.clear();
      shown.set(0, ordered.order().length);
      merged = merged(ordered.list());
    }
  }

  private List<String> labelValues(int value) {
    return perWorker ? table.labelValues(value) : groups.labelValues(value);
  }

  private void addValues() {
    if (!perWorker) {
      valueCount = groups.size();
    }
    if (valueCount > hasShare.length) {
      hasShare = new boolean[valueCount];
      high = new double[valueCount];
      low = new double[valueCount];
      setTime = new double[valueCount];
      isThere = new boolean[valueCount];
    }
    int known = groupOf.length;
    if (!perWorker && valueCount > known) {
      groupOf = Arrays.copyOf(groupOf, valueCount);
      for (int value = known; value < valueCount; value++) {
        groupOf[value] = value;
      }
    }
  }

  /** Whether a part of a family, which is shown so, takes part in it. */
  static boolean takesPart(FamilyDescriptor shown, Part part) {
    FamilyDescriptor family = part.family();
    return part.live()
        || (!shown.liveOnly() && !family.liveOnly() && family.fold() == shown.fold());
  }

  /** The share of a part: the one that there was, if possible, and what came since. */
  private Share share(int p, WorkerNames names) {
    Part part = groups.parts().get(p);
    Share old = groups.before(p) < 0 ? null : shares.get(groups.before(p));
    // Of retired workers the names stand at the series.
    String worker = perWorker && !part.retained() ? names.nameOf(part.source()) : null;
    boolean goesOn =
        old != null
            && !groups.hasLeftOut(p)
            && !groups.hasRemoved(p)
            && !(perWorker && part.retained())
            && Objects.equals(worker, old.worker);
    Share share = goesOn ? old : new Share(part, worker);
    if (takesPart(descriptor, part)) {
      for (int i = goesOn ? groups.known(p) : 0; i < part.seriesCount(); i++) {
        int value = part.isRemoved(i) || groups.isLeftOut(p, i) ? -1 : value(p, i, names);
        if (value >= 0) {
          share.add(part.descriptor(i).firstCell(), value);
        }
      }
    }
    return share;
  }

  /** The index of the value of a series; -1 if it is not shown. */
  private int value(int p, int i, WorkerNames names) {
    int group = groups.groupOf(p, i);
    if (!perWorker) {
      return group;
    }
    String worker = names.nameOf(groups.parts().get(p), i);
    if (worker == null) {
      return -1;
    }
    int value = table.indexOf(append(groups.labelValues(group), worker));
    if (value == valueCount) {
      if (value == groupOf.length) {
        groupOf = Arrays.copyOf(groupOf, 2 * value + 1);
      }
      groupOf[valueCount++] = group;
    }
    return value;
  }

  private static List<String> append(List<String> labels, String worker) {
    String[] all = labels.toArray(new String[labels.size() + 1]);
    all[labels.size()] = worker;
    return List.of(all);
  }

  @Override
  public FamilyDescriptor descriptor() {
    return descriptor;
  }

  @Override
  public List<MergedSeries> series() {
    return ordered.list();
  }

  @Override
  public int knownCount() {
    return valueCount;
  }

  @Override
  public MergedFamily merge(double nowMicros) {
    Arrays.fill(high, 0);
    Arrays.fill(low, 0);
    Arrays.fill(setTime, 0);
    Arrays.fill(isThere, false);
    for (Share share : shares) {
      double[] shareHigh = share.source.snapshot().high();
      double[] shareLow = share.source.snapshot().low();
      boolean live = share.source.isLive();
      for (int i = 0; i < share.count; i++) {
        int cell = share.cells[i];
        double time = GaugeValues.effective(shareHigh[cell + SET_TIME_CELL], nowMicros);
        double value = shareHigh[cell + VALUE_CELL];
        isThere[share.values[i]] |= !(time < 0);
        if (time > 0 && (live || GaugeValues.isKept(descriptor.fold(), value))) {
          int into = share.values[i];
          GaugeValues.fold(
              descriptor.fold(),
              value,
              shareLow[cell + VALUE_CELL],
              time,
              high,
              low,
              into,
              setTime,
              into);
        }
      }
    }
    showSet();
    double[] values = merged.values();
    int[] order = ordered.order();
    for (int i = 0, at = 0; i < order.length; i++) {
      if (shown.get(i)) {
        values[at++] = high[order[i]];
      }
    }
    return merged;
  }

  /** Leaves out what was never set, where another worker's value of that label set was. */
  private void showSet() {
    int[] order = ordered.order();
    Arrays.fill(groupIsSet, false);
    for (int value : order) {
      groupIsSet[groupOf[value]] |= setTime[value] != 0;
    }
    boolean changed = false;
    for (int i = 0; i < order.length; i++) {
      int value = order[i];
      boolean show = setTime[value] != 0 || (isThere[value] && !groupIsSet[groupOf[value]]);
      changed |= show != shown.get(i);
      shown.set(i, show);
    }
    if (changed) {
      List<MergedSeries> all = ordered.list();
      merged =
          merged(
              shown.cardinality() == order.length
                  ? all
                  : shown.stream().mapToObj(all::get).toList());
    }
  }

  private MergedFamily merged(List<MergedSeries> series) {
    int count = series.size();
    return new MergedFamily(descriptor, series, new double[count], false, new double[count]);
  }
}
