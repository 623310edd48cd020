package io.github.multiprom.merge;

import io.github.multiprom.model.DoubleDouble;
import io.github.multiprom.model.FamilyDescriptor;
import io.github.multiprom.model.GaugeFold;
import io.github.multiprom.model.Snapshot;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;

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
  static final int SET_TIME_CELL = 1;

  private final FamilyDescriptor descriptor;
  private final List<Share> shares = new ArrayList<>();
  // By position in the output: the index of the value.
  private final int[] order;
  // By index of the value: which values are of one label set, as workers show it one by one.
  private final int[] groupOf;
  private final boolean[] groupIsSet;
  private final double[] high;
  private final double[] low;
  private final double[] setTime;
  // Whether somebody has it who did not withdraw it.
  private final boolean[] isThere;
  private final List<MergedSeries> series;
  private final BitSet shown = new BitSet();
  private MergedFamily merged;

  /** What one incarnation has: for each of its series the first cell and the index of the value. */
  private record Share(int source, boolean live, int[] cells, int[] values) {}

  /**
   * Plans a family.
   *
   * @param names the names of the workers; null to show every value under the family's own labels
   */
  GaugePlan(
      FamilyDefinition definition, WorkerNames names, String workerLabel, List<MergedSeries> old) {
    descriptor = definition.descriptor();
    boolean perWorker = descriptor.fold() == GaugeFold.ALL && names != null;
    SeriesLabels labels =
        new SeriesLabels(descriptor, definition.parts(), perWorker ? workerLabel : null);
    SeriesGroups groups = new SeriesGroups(labels, definition.parts());
    SeriesTable table = new SeriesTable();
    List<Integer> groupOfValue = new ArrayList<>();
    for (int p = 0; p < groups.parts().size(); p++) {
      if (takesPart(groups.parts().get(p))) {
        addShare(groups, p, perWorker ? names : null, table, groupOfValue);
      }
    }
    order = table.sorted();
    groupOf = groupOfValue.stream().mapToInt(Integer::intValue).toArray();
    groupIsSet = new boolean[groups.size()];
    high = new double[order.length];
    low = new double[order.length];
    setTime = new double[order.length];
    isThere = new boolean[order.length];
    List<MergedSeries> sorted = new ArrayList<>(order.length);
    for (int value : order) {
      sorted.add(labels.series(table.labelValues(value), List.of()));
    }
    series = FamilyPlan.keepIfEqual(old, List.copyOf(sorted));
    shown.set(0, order.length);
    merged = merged(series);
  }

  private boolean takesPart(Part part) {
    FamilyDescriptor family = part.family();
    return part.live()
        || (!descriptor.liveOnly() && !family.liveOnly() && family.fold() == descriptor.fold());
  }

  private void addShare(
      SeriesGroups groups,
      int p,
      WorkerNames names,
      SeriesTable table,
      List<Integer> groupOfValue) {
    Part part = groups.parts().get(p);
    int[] cells = new int[part.seriesCount()];
    int[] values = new int[cells.length];
    int count = 0;
    table.restart();
    for (int i = 0; i < cells.length; i++) {
      if (part.isRemoved(i) || !groups.isCounting(p, i)) {
        continue;
      }
      int group = groups.groupOf(p, i);
      List<String> labels = groups.labelValues(group);
      if (names != null) {
        String worker = workerOf(part, i, names);
        if (worker == null) {
          continue;
        }
        labels = append(labels, worker);
      }
      int value = table.indexOf(labels);
      if (value == groupOfValue.size()) {
        groupOfValue.add(group);
      }
      cells[count] = part.descriptor(i).firstCell();
      values[count++] = value;
    }
    if (count > 0) {
      shares.add(
          new Share(
              part.source(),
              part.live(),
              Arrays.copyOf(cells, count),
              Arrays.copyOf(values, count)));
    }
  }

  /** The worker that a series is shown for; null if none. */
  static String workerOf(Part part, int i, WorkerNames names) {
    if (!part.retained()) {
      return names.nameOf(part.source());
    }
    String owner = part.descriptor(i).owner();
    boolean counts = !owner.isEmpty() && names.isShown(owner, part.descriptor(i).createdNanos());
    return counts ? owner : null;
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
    return series;
  }

  @Override
  public MergedFamily merge(List<Snapshot> sources, double nowMicros) {
    Arrays.fill(high, 0);
    Arrays.fill(low, 0);
    Arrays.fill(setTime, 0);
    Arrays.fill(isThere, false);
    for (Share share : shares) {
      double[] shareHigh = sources.get(share.source).high();
      double[] shareLow = sources.get(share.source).low();
      for (int i = 0; i < share.cells.length; i++) {
        int cell = share.cells[i];
        double time = effective(shareHigh[cell + SET_TIME_CELL], nowMicros);
        double value = shareHigh[cell];
        isThere[share.values[i]] |= !(time < 0);
        if (time > 0 && (share.live || isKept(descriptor.fold(), value))) {
          fold(share.values[i], value, shareLow[cell], time);
        }
      }
    }
    showSet();
    double[] values = merged.values();
    for (int i = 0, at = 0; i < order.length; i++) {
      if (shown.get(i)) {
        values[at++] = high[order[i]];
      }
    }
    return merged;
  }

  /**
   * A set time by which gauges can be compared: that of one that was set later than now is less
   * than all others, and the later it is the less.
   */
  static double effective(double setTime, double nowMicros) {
    return setTime > nowMicros ? 1 / setTime : setTime;
  }

  /** Whether a dead worker's value takes part: a sum would not be finite ever again. */
  static boolean isKept(GaugeFold fold, double value) {
    return fold != GaugeFold.SUM || Double.isFinite(value);
  }

  private void fold(int index, double value, double valueLow, double time) {
    if (descriptor.fold().replaces(value, time, high[index], setTime[index])) {
      high[index] = value;
      low[index] = valueLow;
    } else if (descriptor.fold() == GaugeFold.SUM) {
      DoubleDouble.add(high, low, index, value, valueLow);
    }
    setTime[index] = Math.max(setTime[index], time);
  }

  /** Leaves out what was never set, where another worker's value of that label set was. */
  private void showSet() {
    Arrays.fill(groupIsSet, false);
    for (int i = 0; i < order.length; i++) {
      groupIsSet[groupOf[i]] |= setTime[i] != 0;
    }
    boolean changed = false;
    for (int i = 0; i < order.length; i++) {
      int value = order[i];
      boolean show = setTime[value] != 0 || (isThere[value] && !groupIsSet[groupOf[value]]);
      changed |= show != shown.get(i);
      shown.set(i, show);
    }
    if (changed) {
      merged =
          merged(
              shown.cardinality() == order.length
                  ? series
                  : shown.stream().mapToObj(series::get).toList());
    }
  }

  private MergedFamily merged(List<MergedSeries> shownSeries) {
    int count = shownSeries.size();
    return new MergedFamily(descriptor, shownSeries, new double[count], false, new double[count]);
  }
}
