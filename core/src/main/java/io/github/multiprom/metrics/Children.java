package io.github.multiprom.metrics;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * The children of a family by their label values. Any number of readers, which take no lock and
 * allocate nothing; one writer at a time.
 *
 * <p>A hash table with linear probing. A writer fills free places of the table and never empties
 * one, so no reader misses a child that stands behind it. A removed child is marked and keeps its
 * place until another child takes it, or until the table is replaced because it is half full.
 */
final class Children {
  private static final int MIN_CAPACITY = 8;

  /** The table has at least so many places per child, or a probe gets long. */
  private static final int PLACES_PER_CHILD = 2;

  private volatile AtomicReferenceArray<Series> table = new AtomicReferenceArray<>(MIN_CAPACITY);
  // Without those that were removed.
  private int size;
  // Places that hold a child, removed or not.
  private int filledPlaces;

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
      if (child.hash == hash && !child.unlisted && child.hasLabelValues(values)) {
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
      if (child.hash == hash && !child.unlisted && first.equals(child.first)) {
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
      if (child.hash == hash
          && !child.unlisted
          && first.equals(child.first)
          && second.equals(child.second)) {
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
      Series child = table.get(i);
      if (child != null && !child.unlisted) {
        all.add(child);
      }
    }
    return all;
  }

  /** Adds a child whose label values no other has. */
  void add(Series child) {
    if (PLACES_PER_CHILD * (filledPlaces + 1) > table.length()) {
      // Twice as long if removed children took less than half of it.
      boolean isCrowded = 2 * PLACES_PER_CHILD * (size + 1) > table.length();
      table = tableOf(all(), isCrowded ? 2 * table.length() : table.length());
      filledPlaces = size;
    }
    filledPlaces += place(table, child) ? 1 : 0;
    size++;
  }

  /** Removes a child. */
  void remove(Series child) {
    if (!child.unlisted) {
      child.unlisted = true;
      size--;
    }
  }

  private static AtomicReferenceArray<Series> tableOf(List<Series> children, int capacity) {
    AtomicReferenceArray<Series> places = new AtomicReferenceArray<>(capacity);
    for (Series child : children) {
      place(places, child);
    }
    return places;
  }

  /** Puts a child into the table; true if into an empty place, false if into a removed one's. */
  private static boolean place(AtomicReferenceArray<Series> places, Series child) {
    int mask = places.length() - 1;
    int i = firstPlace(child.hash, mask);
    Series before = places.get(i);
    while (before != null && !before.unlisted) {
      i = (i + 1) & mask;
      before = places.get(i);
    }
    places.set(i, child);
    return before == null;
  }
}
