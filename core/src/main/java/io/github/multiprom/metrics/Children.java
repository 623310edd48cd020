package io.github.multiprom.metrics;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/**
 * The children of a family by their label values. Any number of readers, which take no lock and
 * allocate nothing; one writer at a time.
 *
 * <p>A hash table with linear probing that is never changed: a writer replaces it.
 */
final class Children {
  private static final int MIN_CAPACITY = 8;

  /** The table has at least so many places per child, or a probe gets long. */
  private static final int PLACES_PER_CHILD = 2;

  private volatile Series[] table = new Series[MIN_CAPACITY];
  private int size;

  static int hash(String[] values) {
    int hash = 0;
    for (String value : values) {
      hash = 31 * hash + value.hashCode();
    }
    return spread(hash);
  }

  private static int hash(String first) {
    return spread(first.hashCode());
  }

  private static int hash(String first, String second) {
    return spread(31 * first.hashCode() + second.hashCode());
  }

  /** Fibonacci hashing: the low bits alone choose the place. */
  private static int spread(int hash) {
    int product = hash * 0x9E3779B9;
    return product ^ (product >>> 16);
  }

  /** The child with these label values; null if there is none. */
  Series find(String[] values) {
    Series[] places = table;
    int mask = places.length - 1;
    int hash = hash(values);
    for (int i = hash & mask; ; i = (i + 1) & mask) {
      Series child = places[i];
      if (child == null) {
        return null;
      }
      if (child.hash == hash && child.hasLabelValues(values)) {
        return child;
      }
    }
  }

  /** The child with this one label value; null if there is none. */
  Series find(String first) {
    Series[] places = table;
    int mask = places.length - 1;
    int hash = hash(first);
    for (int i = hash & mask; ; i = (i + 1) & mask) {
      Series child = places[i];
      if (child == null) {
        return null;
      }
      if (child.hash == hash && first.equals(child.first)) {
        return child;
      }
    }
  }

  /** The child with these two label values; null if there is none. */
  Series find(String first, String second) {
    Series[] places = table;
    int mask = places.length - 1;
    int hash = hash(first, second);
    for (int i = hash & mask; ; i = (i + 1) & mask) {
      Series child = places[i];
      if (child == null) {
        return null;
      }
      if (child.hash == hash && first.equals(child.first) && second.equals(child.second)) {
        return child;
      }
    }
  }

  /** For writers. */
  int size() {
    return size;
  }

  List<Series> all() {
    List<Series> all = new ArrayList<>(size);
    for (Series child : table) {
      if (child != null) {
        all.add(child);
      }
    }
    return all;
  }

  /** Adds a child whose label values no other has. */
  void add(Series child) {
    Series[] old = table;
    int needed = PLACES_PER_CHILD * (size + 1);
    Series[] places = new Series[needed > old.length ? 2 * old.length : old.length];
    for (Series other : old) {
      if (other != null) {
        place(places, other);
      }
    }
    place(places, child);
    table = places;
    size++;
  }

  /** Removes the children that a condition holds for. */
  void removeIf(Predicate<Series> condition) {
    int kept = 0;
    Series[] places = new Series[table.length];
    for (Series child : table) {
      if (child != null && !condition.test(child)) {
        place(places, child);
        kept++;
      }
    }
    table = places;
    size = kept;
  }

  private static void place(Series[] places, Series child) {
    int mask = places.length - 1;
    int i = child.hash & mask;
    while (places[i] != null) {
      i = (i + 1) & mask;
    }
    places[i] = child;
  }
}
