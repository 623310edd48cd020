package io.github.multiprom.statsd;

/**
 * The targets of lines by the bytes of their names, types and tags. One thread at a time.
 *
 * <p>A hash table with linear probing. When it holds as many keys, or bytes of keys, as it may, all
 * are forgotten: what is still sent is found anew.
 */
final class RawKeys {
  private static final int FIRST_CAPACITY = 1024;

  private final int maxKeys;
  private final long maxBytes;
  private Target[] table = new Target[FIRST_CAPACITY];
  private int count;
  private long bytes;
  private long clears;

  RawKeys(int maxKeys, long maxBytes) {
    this.maxKeys = maxKeys;
    this.maxBytes = maxBytes;
  }

  /** The target of a key; null if it is not known. */
  Target find(RawKey raw, long hash) {
    Target[] places = table;
    int mask = places.length - 1;
    for (int i = (int) hash & mask; ; i = (i + 1) & mask) {
      Target target = places[i];
      if (target == null || (target.hash == hash && raw.isOf(target))) {
        return target;
      }
    }
  }

  /** Adds the target of a key that is not known. */
  void add(Target target) {
    if (count == maxKeys || bytes + target.key.length > maxBytes) {
      clear();
      clears++;
    }
    if (2 * (count + 1) > table.length) {
      placeAnew(2 * table.length);
    }
    place(target);
  }

  /** Forgets the keys of series that were removed. */
  void removeGone() {
    placeAnew(table.length);
  }

  private void placeAnew(int capacity) {
    Target[] before = table;
    table = new Target[capacity];
    count = 0;
    bytes = 0;
    for (Target each : before) {
      if (each != null && !each.isGone()) {
        place(each);
      }
    }
  }

  private void place(Target target) {
    int mask = table.length - 1;
    int i = (int) target.hash & mask;
    while (table[i] != null) {
      i = (i + 1) & mask;
    }
    table[i] = target;
    count++;
    bytes += target.key.length;
  }

  void clear() {
    table = new Target[FIRST_CAPACITY];
    count = 0;
    bytes = 0;
  }

  int count() {
    return count;
  }

  /** How often it was full. */
  long clears() {
    return clears;
  }
}
