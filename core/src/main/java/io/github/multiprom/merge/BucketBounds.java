package io.github.multiprom.merge;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/**
 * The bucket bounds of a histogram's label sets. Lives while a plan is made.
 *
 * <p>They belong to the label set: it has the bounds of all live workers that have it, or without
 * one those of the worker that had it last. A part with other bounds adds at each bound b its
 * cumulative count at its own greatest bound that is not above b. So what is shown at b does not
 * depend on which other bounds are shown, no bucket is overstated, the buckets stay cumulative, and
 * none falls while workers with other bounds come and go.
 */
final class BucketBounds {
  private static final int NONE = -1;

  private record Pair(int from, int to) {}

  private final List<List<Double>> lists = new ArrayList<>();
  private final Map<List<Double>, Integer> indexes = new HashMap<>();
  private final Map<Pair, Integer> unions = new HashMap<>();
  private final Map<Pair, int[]> buckets = new HashMap<>();
  private final int[] partLists;
  private final int[] groupLists;

  BucketBounds(SeriesGroups groups) {
    partLists = new int[groups.parts().size()];
    groupLists = new int[groups.size()];
    boolean[] isLive = new boolean[groupLists.length];
    long[] endNanos = new long[groupLists.length];
    Arrays.fill(groupLists, NONE);
    for (int p = 0; p < partLists.length; p++) {
      Part part = groups.parts().get(p);
      partLists[p] = indexOf(part.family().upperBounds());
      for (int i = 0; i < part.seriesCount(); i++) {
        if (groups.isCounting(p, i)) {
          int group = groups.groupOf(p, i);
          if (part.isLive(i)) {
            groupLists[group] =
                isLive[group] ? union(groupLists[group], partLists[p]) : partLists[p];
            isLive[group] = true;
          } else if (!isLive[group]) {
            long end = part.endNanos(i);
            if (groupLists[group] == NONE
                || end > endNanos[group]
                || (end == endNanos[group] && isGreater(partLists[p], groupLists[group]))) {
              groupLists[group] = partLists[p];
              endNanos[group] = end;
            }
          }
        }
      }
    }
  }

  /** The bounds that all parts have; null if they differ. */
  static List<Double> same(List<Part> parts) {
    List<Double> same = null;
    for (Part part : parts) {
      List<Double> own = part.family().upperBounds();
      if (part.seriesCount() > 0 && same != null && !same.equals(own)) {
        return null;
      }
      same = part.seriesCount() > 0 ? own : same;
    }
    return same == null ? List.of() : same;
  }

  private int indexOf(List<Double> bounds) {
    Integer known = indexes.putIfAbsent(bounds, lists.size());
    if (known == null) {
      lists.add(bounds);
      return lists.size() - 1;
    }
    return known;
  }

  private int union(int one, int other) {
    if (one == other) {
      return one;
    }
    Integer known = unions.get(new Pair(one, other));
    if (known == null) {
      // As numbers: 0.0 and -0.0 are one.
      TreeSet<Double> union = new TreeSet<>(Comparator.comparingDouble(bound -> bound + 0.0));
      union.addAll(lists.get(one));
      union.addAll(lists.get(other));
      known = indexOf(List.copyOf(union));
      unions.put(new Pair(one, other), known);
    }
    return known;
  }

  /**
   * Any order, so that of workers that ended at the same time it does not matter who comes first.
   */
  private boolean isGreater(int one, int other) {
    return one != other && lists.get(one).toString().compareTo(lists.get(other).toString()) > 0;
  }

  /** The bounds of a label set, which something counts. */
  List<Double> of(int group) {
    return lists.get(groupLists[group]);
  }

  /**
   * For each bucket of a part the bucket of a label set that counts it: the one of the least bound
   * that is not below its own. Null if the bounds are the same; always the same object.
   */
  int[] buckets(int part, int group) {
    if (partLists[part] == groupLists[group]) {
      return null;
    }
    return buckets.computeIfAbsent(
        new Pair(partLists[part], groupLists[group]),
        pair -> buckets(lists.get(pair.from), lists.get(pair.to)));
  }

  private static int[] buckets(List<Double> bounds, List<Double> shown) {
    int[] buckets = new int[bounds.size() + 1];
    int at = 0;
    for (int i = 0; i < bounds.size(); i++) {
      while (at < shown.size() && shown.get(at) < bounds.get(i)) {
        at++;
      }
      buckets[i] = at;
    }
    buckets[bounds.size()] = shown.size();
    return buckets;
  }
}
