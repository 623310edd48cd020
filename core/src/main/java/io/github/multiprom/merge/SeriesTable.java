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
  private static final Comparator<List<String>> BY_VALUES =
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

  private static boolean isEqual(List<String> a, List<String> b) {
    for (int i = 0; i < a.size(); i++) {
      if (!a.get(i).equals(b.get(i))) {
        return false;
      }
    }
    return true;
  }

  /** Expects the first label set next. */
  void restart() {
    expected = 0;
  }

  int size() {
    return labelValues.size();
  }

  List<String> labelValues(int index) {
    return labelValues.get(index);
  }

  /** The numbers of all label sets, in the order of their values. */
  int[] sorted() {
    Integer[] order = new Integer[size()];
    Arrays.setAll(order, i -> i);
    Arrays.sort(order, Comparator.comparing(labelValues::get, BY_VALUES));
    return Arrays.stream(order).mapToInt(Integer::intValue).toArray();
  }
}
