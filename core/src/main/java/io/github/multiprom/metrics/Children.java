package io.github.multiprom.metrics;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Predicate;

/**
 * The children of a family by their label values. Any number of readers, which take no lock and
 * allocate nothing; one writer at a time.
 *
 * <p>A hash table with linear probing. A writer fills free places of the table; to grow it or to
 * remove children it replaces the table.
 */
final class Children {
  private static final int MIN_CAPACITY = 8;

  /** The table has at least so many places per child, or a probe gets long. */
  private static final int PLACES_PER_CHILD = 2;

  private volatile AtomicReferenceArray<Series> table = new AtomicReferenceArray<>(MIN_CAPACITY);
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

  /** Fibonacci hashing (Knuth, The Art of Computer Programming, volume 3, 6.4). */
  private static int spread(int hash) {
    return hash * 0x9E3779B9;
  }

  /** The place where the search for a hash begins: its upper bits, which depend on all others. */
  private static int firstPlace(int hash, int mask) {
    return hash >>> Integer.numberOfLeadingZeros(mask);
  }

  /** The child with these label values; null if there is none. */
  Series find(String[] values) {
    AtomicReferenceArray<Series> places = table;
    int mask = places.length() - 1;
    int hash = hash(values);
    for (int i = firstPlace(hash, mask); ; i = (i + 1) & mask) {
      Series child = places.get(i);
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
    AtomicReferenceArray<Series> places = table;
    int mask = places.length() - 1;
    int hash = hash(first);
    for (int i = firstPlace(hash, mask); ; i = (i + 1) & mask) {
      Series child = places.get(i);
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
    AtomicReferenceArray<Series> places = table;
    int mask = places.length() - 1;
    int hash = hash(first, second);
    for (int i = firstPlace(hash, mask); ; i = (i + 1) & mask) {
      Series child = places.get(i);
      if (child == null) {
        return null;
      }
      if (child.hash == hash && first.equals(child.first) && second.equals(child.second)) {
        return child;
      }
    }
  }

  int size() {
    return size;
  }

  List<Series> all() {
    List<Series> all = new ArrayList<>(size);
    for (int i = 0; i < table.length(); i++) {
      if (table.get(i) != null) {
        all.add(table.get(i));
      }
    }
    return all;
  }

  /** Adds a child whose label values no other has. */
  void add(Series child) {
    int needed = PLACES_PER_CHILD * (size + 1);
    if (needed > table.length()) {
      table = tableOf(all(), 2 * table.length());
    }
    place(table, child);
    size++;
  }

  /** Removes the children that a condition holds for. */
  void removeIf(Predicate<Series> condition) {
    List<Series> kept = all();
    kept.removeIf(condition);
    int keptSize = kept.size();
    table = tableOf(kept, table.length());
    size = keptSize;
  }

  private static AtomicReferenceArray<Series> tableOf(List<Series> children, int capacity) {
    AtomicReferenceArray<Series> places = new AtomicReferenceArray<>(capacity);
    for (Series child : children) {
      place(places, child);
    }
    return places;
  }

  private static void place(AtomicReferenceArray<Series> places, Series child) {
    int mask = places.length() - 1;
    int i = firstPlace(child.hash, mask);
    while (places.get(i) != null) {
      i = (i + 1) & mask;
    }
    places.set(i, child);
  }
}
