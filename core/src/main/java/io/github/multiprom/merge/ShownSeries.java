package io.github.multiprom.merge;

import java.util.Arrays;
import java.util.List;
import java.util.function.IntFunction;
import java.util.function.IntPredicate;

/**
 * The series of a family that are shown, in their order. They have numbers, which stay; so does
 * each {@link MergedSeries}, and the list of them as long as none comes or goes. One thread.
 */
final class ShownSeries {
  private int[] order = {};
  private List<MergedSeries> list;
  // By number, also of those that are not shown at the moment.
  private MergedSeries[] made = {};

  /**
   * No series yet.
   *
   * @param old the list until now: it, or what is equal of it, is kept; null if there was none
   */
  ShownSeries(List<MergedSeries> old) {
    list = old == null ? List.of() : old;
  }

  /**
   * Shows some series.
   *
   * @param sorted all numbers in the order of their labels
   * @param make makes a series that was not shown before
   * @return whether others are shown than until now
   */
  boolean show(int[] sorted, IntPredicate isShown, IntFunction<MergedSeries> make) {
    int count = 0;
    int[] now = new int[sorted.length];
    for (int number : sorted) {
      if (isShown.test(number)) {
        now[count++] = number;
      }
    }
    now = Arrays.copyOf(now, count);
    boolean first = made.length == 0;
    if (!first && Arrays.equals(now, order)) {
      return false;
    }
    order = now;
    made = Arrays.copyOf(made, Math.max(1, sorted.length));
    MergedSeries[] shown = new MergedSeries[now.length];
    for (int i = 0; i < shown.length; i++) {
      if (made[now[i]] == null) {
        made[now[i]] = make.apply(now[i]);
      }
      shown[i] = made[now[i]];
    }
    if (first) {
      keepEqual(list, shown);
      for (int i = 0; i < shown.length; i++) {
        made[now[i]] = shown[i];
      }
    }
    list = isSame(list, shown) ? list : List.of(shown);
    return true;
  }

  /** Puts old series in the place of equal ones: what was written of them can then be kept. */
  static void keepEqual(List<MergedSeries> old, MergedSeries[] now) {
    int from = 0;
    for (int i = 0; i < now.length; i++) {
      while (from < old.size() && MergedSeries.ORDER.compare(old.get(from), now[i]) < 0) {
        from++;
      }
      if (from < old.size() && old.get(from).equals(now[i])) {
        now[i] = old.get(from++);
      }
    }
  }

  @SuppressWarnings("ReferenceEquality")
  private static boolean isSame(List<MergedSeries> list, MergedSeries[] array) {
    boolean same = list.size() == array.length;
    for (int i = 0; same && i < array.length; i++) {
      same = list.get(i) == array[i];
    }
    return same;
  }

  /** The numbers of the series that are shown, in order. Not to be written. */
  int[] order() {
    return order;
  }

  /** The series that are shown. */
  List<MergedSeries> list() {
    return list;
  }
}
