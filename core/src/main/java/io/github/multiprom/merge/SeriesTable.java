package io.github.multiprom.merge;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Numbers label sets in the order in which they are met. One thread.
 *
 * <p>Workers that run the same code mostly make their series in the same order: the label set that
 * followed last time is tried before the map. The first worker's strings are kept, none of the
 * others'.
 */
final class SeriesTable {
  /** The order in which series are exposed: by their label values, one after the other. */
  static final Comparator<List<String>> BY_VALUES =
      (a, b) -> {
        for (int i = 0; i < Math.min(a.size(), b.size()); i++) {
          int order = a.get(i).compareTo(b.get(i));
          if (order != 0) {
            return order;
          }
        }
        return Integer.compare(a.size(), b.size());
      };

  private final List<List<String>> labelValues = new ArrayList<>();
  private final Map<List<String>, Integer> indexes = new HashMap<>();
  private int expected;
  private int[] sorted = {};

  /** The number of a label set, a new one if it was not met before. */
  int indexOf(List<String> values) {
    if (expected < labelValues.size() && isEqual(labelValues.get(expected), values)) {
      return expected++;
    }
    Integer known = indexes.putIfAbsent(values, labelValues.size());
    if (known == null) {
      labelValues.add(values);
      known = labelValues.size() - 1;
    }
    expected = known + 1;
    return known;
  }

  @SuppressWarnings("ReferenceEquality") // Mostly the same object, as a reader shares them.
  private static boolean isEqual(List<String> a, List<String> b) {
    if (a == b) {
      return true;
    }
    for (int i = 0; i < a.size(); i++) {
      if (!a.get(i).equals(b.get(i))) {
        return false;
      }
    }
    return true;
  }

  /** Expects the label set with a number next. */
  void expect(int index) {
    expected = index;
  }

  int size() {
    return labelValues.size();
  }

  List<String> labelValues(int index) {
    return labelValues.get(index);
  }

  /** The numbers of all label sets, in the order of their values. Not to be written. */
  int[] sorted() {
    int before = sorted.length;
    if (before < size()) {
      Integer[] added = new Integer[size() - before];
      Arrays.setAll(added, i -> before + i);
      Arrays.sort(added, Comparator.comparing(labelValues::get, BY_VALUES));
      sorted = merge(sorted, added);
    }
    return sorted;
  }

  /** Puts sorted numbers among others: many among few or few among many. */
  private int[] merge(int[] before, Integer[] added) {
    int[] all = new int[before.length + added.length];
    int from = 0;
    for (int i = 0; i < added.length; i++) {
      int to = placeOf(labelValues.get(added[i]), before, from);
      System.arraycopy(before, from, all, from + i, to - from);
      all[to + i] = added[i];
      from = to;
    }
    System.arraycopy(before, from, all, from + added.length, before.length - from);
    return all;
  }

  private int placeOf(List<String> values, int[] among, int from) {
    int low = from;
    int high = among.length;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (BY_VALUES.compare(labelValues.get(among[middle]), values) < 0) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }
}
