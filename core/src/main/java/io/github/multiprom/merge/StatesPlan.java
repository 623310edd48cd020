package io.github.multiprom.merge;

import static io.github.multiprom.model.SeriesLayout.SET_TIME_CELL;
import static io.github.multiprom.model.SeriesLayout.VALUE_CELL;

import io.github.multiprom.model.FamilyDescriptor;
import io.github.multiprom.model.GaugeFold;
import io.github.multiprom.model.StateBits;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Merges state sets: a worker's cell tells which states are true, and each state is shown as a 0 or
 * 1, which are folded as gauges are. One merge at a time; follows nothing.
 *
 * <p>States are compared by name, as workers may have different ones: those of the definition come
 * first, in its order, then those that only others have. A state that a worker does not have is
 * false there.
 *
 * <p>Which workers take part is decided as in {@link GaugePlan}. If none was ever set, they are as
 * they began.
 */
final class StatesPlan implements FamilyPlan {
  private final FamilyDescriptor descriptor;
  private final SeriesGroups groups;
  private final List<String> states;
  private final List<Member> members = new ArrayList<>();
  // A row is a label set, with the worker where each is shown by itself.
  private final SeriesTable rows = new SeriesTable();
  private final List<Integer> groupOfRow = new ArrayList<>();
  // In the order in which they are shown.
  private final int[] order;
  private final List<MergedSeries> all = new ArrayList<>();
  private final BitSet shown = new BitSet();
  private MergedFamily merged;
  // By row and state.
  private final double[] ones;
  private final double[] lows;
  // By row.
  private final double[] setTimes;
  private final boolean[] isThere;
  // By state: which are true in the worker that is being added.
  private final boolean[] its;

  /**
   * One worker's cell.
   *
   * @param states for each of its states the index of that state here
   */
  private record Member(Source source, int cell, int row, int[] states) {}

  StatesPlan(FamilyDefinition definition, WorkerNames names, String workerLabel) {
    descriptor = definition.descriptor();
    boolean perWorker = descriptor.fold() == GaugeFold.ALL && workerLabel != null;
    states = states(definition);
    List<String> added = new ArrayList<>(List.of(descriptor.name()));
    if (perWorker) {
      added.add(workerLabel);
    }
    SeriesLabels labels = new SeriesLabels(descriptor, definition.parts(), added);
    groups = new SeriesGroups(labels, definition.parts());
    for (int p = 0; p < groups.parts().size(); p++) {
      if (GaugePlan.takesPart(descriptor, groups.parts().get(p))) {
        addMembers(p, perWorker ? names : null);
      }
    }
    order = rows.sorted();
    for (int row : order) {
      for (String state : states) {
        all.add(labels.series(withState(row, state), List.of()));
      }
    }
    shown.set(0, order.length);
    merged = merged();
    ones = new double[order.length * states.size()];
    lows = new double[ones.length];
    setTimes = new double[order.length];
    isThere = new boolean[order.length];
    its = new boolean[states.size()];
  }

  private static List<String> states(FamilyDefinition definition) {
    Set<String> all = new LinkedHashSet<>(definition.descriptor().states());
    definition.parts().forEach(part -> all.addAll(part.family().states()));
    return List.copyOf(all);
  }

  private void addMembers(int p, WorkerNames names) {
    Part part = groups.parts().get(p);
    int[] its = part.family().states().stream().mapToInt(states::indexOf).toArray();
    for (int i = 0; i < part.seriesCount(); i++) {
      String worker = names == null ? null : names.nameOf(part, i);
      int group = groups.groupOf(p, i);
      if (part.isRemoved(i)
          || groups.isLeftOut(p, i)
          || !groups.isShown(group)
          || (names != null && worker == null)) {
        continue;
      }
      List<String> row = new ArrayList<>(groups.labelValues(group));
      if (worker != null) {
        row.add(worker);
      }
      int index = rows.indexOf(List.copyOf(row));
      if (index == groupOfRow.size()) {
        groupOfRow.add(group);
      }
      members.add(new Member(part.source(), part.descriptor(i).firstCell(), index, its));
    }
  }

  private List<String> withState(int row, String state) {
    List<String> values = new ArrayList<>(rows.labelValues(row));
    values.add(groups.labelValues(groupOfRow.get(row)).size(), state);
    return List.copyOf(values);
  }

  @Override
  public FamilyDescriptor descriptor() {
    return descriptor;
  }

  @Override
  public List<MergedSeries> series() {
    return all;
  }

  @Override
  public boolean follow(FamilyDefinition definition, boolean withCreated, WorkerNames names) {
    return false;
  }

  @Override
  public int knownCount() {
    return all.size();
  }

  @Override
  public MergedFamily merge(double nowMicros) {
    Arrays.fill(ones, 0);
    Arrays.fill(lows, 0);
    Arrays.fill(setTimes, 0);
    Arrays.fill(isThere, false);
    for (Member member : members) {
      double[] cells = member.source.snapshot().high();
      double time = GaugeValues.effective(cells[member.cell + SET_TIME_CELL], nowMicros);
      double value = cells[member.cell + VALUE_CELL];
      if (time >= 0 && value < member.states.length) {
        Arrays.fill(its, false);
        for (int s = 0; s < member.states.length; s++) {
          its[member.states[s]] = StateBits.contains(value, s);
        }
        add(member.row, time);
      }
    }
    showSet();
    double[] values = merged.values();
    int at = 0;
    for (int i = shown.nextSetBit(0); i >= 0; i = shown.nextSetBit(i + 1)) {
      System.arraycopy(ones, order[i] * states.size(), values, at, states.size());
      at += states.size();
    }
    return merged;
  }

  /** Adds a worker's states. */
  private void add(int row, double time) {
    int first = row * states.size();
    double before = setTimes[row];
    if (time != 0 || !isThere[row]) {
      for (int s = 0; s < its.length; s++) {
        double one = its[s] ? 1 : 0;
        if (time == 0) {
          ones[first + s] = one;
        } else {
          setTimes[row] = before;
          GaugeValues.fold(descriptor.fold(), one, 0, time, ones, lows, first + s, setTimes, row);
        }
      }
    }
    isThere[row] = true;
  }

  /** Leaves out what was never set, where another worker's state of that label set was. */
  private void showSet() {
    Set<Integer> setGroups = new LinkedHashSet<>();
    for (int row : order) {
      if (setTimes[row] != 0) {
        setGroups.add(groupOfRow.get(row));
      }
    }
    boolean changed = false;
    for (int i = 0; i < order.length; i++) {
      int row = order[i];
      boolean show =
          setTimes[row] != 0 || (isThere[row] && !setGroups.contains(groupOfRow.get(row)));
      changed |= show != shown.get(i);
      shown.set(i, show);
    }
    if (changed) {
      merged = merged();
    }
  }

  private MergedFamily merged() {
    List<MergedSeries> series = new ArrayList<>(all.size());
    for (int i = shown.nextSetBit(0); i >= 0; i = shown.nextSetBit(i + 1)) {
      series.addAll(all.subList(i * states.size(), (i + 1) * states.size()));
    }
    int count = series.size();
    return new MergedFamily(
        descriptor, List.copyOf(series), new double[count], false, new double[count]);
  }
}
