package io.github.multiprom.internal.file;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.function.Function;

/**
 * Shares equal label values between the catalogs of many workers, which mostly have the same: each
 * label set is decoded and kept once. One thread.
 *
 * <p>An open hash table by the encoded bytes, so that a label set that is known costs no decoding
 * and no object. Workers that run the same code mostly make their series in the same order, so the
 * one that followed last time is tried before the table.
 */
public final class LabelInterner {
  private static final int MIN_CAPACITY = 64;

  private static final class Entry {
    private final int hash;
    private final ByteBuffer encoded;
    private final List<String> values;
    // What followed this one when it was last met.
    private Entry next;

    Entry(int hash, ByteBuffer encoded, List<String> values) {
      this.hash = hash;
      this.encoded = encoded;
      this.values = values;
    }
  }

  /** Heap of a label set beside its bytes: the table's entry, the list, and a plan's share. */
  private static final int SET_BYTES = 200;

  /** The bytes themselves, the values decoded, and what an exposition makes of them. */
  private static final int COPIES = 4;

  private final HeapBudget budget;
  private long takenBytes;
  private Entry[] table = new Entry[MIN_CAPACITY];
  private int size;
  // Never in the table.
  private Entry last = new Entry(0, ByteBuffer.allocate(0), List.of());

  public LabelInterner() {
    this(new HeapBudget());
  }

  public LabelInterner(HeapBudget budget) {
    this.budget = budget;
  }

  /** The heap that those who share the label sets may take. */
  public HeapBudget budget() {
    return budget;
  }

  /**
   * The label values that some bytes encode.
   *
   * @param encoded from its position to its limit
   * @param decode decodes them if they are new; what it throws is thrown
   * @throws UnreadableFileException if there is not enough heap to keep them
   */
  List<String> of(ByteBuffer encoded, Function<ByteBuffer, List<String>> decode)
      throws UnreadableFileException {
    Entry expected = last.next;
    if (expected == null || !expected.encoded.equals(encoded)) {
      expected = find(encoded, decode);
      last.next = expected;
    }
    last = expected;
    return expected.values;
  }

  private Entry find(ByteBuffer encoded, Function<ByteBuffer, List<String>> decode)
      throws UnreadableFileException {
    int hash = hash(encoded);
    int mask = table.length - 1;
    int i = hash & mask;
    for (; table[i] != null; i = (i + 1) & mask) {
      if (table[i].hash == hash && table[i].encoded.equals(encoded)) {
        return table[i];
      }
    }
    long bytes = SET_BYTES + (long) COPIES * encoded.remaining();
    budget.take(bytes);
    takenBytes += bytes;
    byte[] copy = new byte[encoded.remaining()];
    encoded.get(encoded.position(), copy);
    Entry added = new Entry(hash, ByteBuffer.wrap(copy), decode.apply(encoded));
    table[i] = added;
    if (2 * ++size > table.length) {
      grow();
    }
    return added;
  }

  private static int hash(ByteBuffer encoded) {
    long hash = encoded.remaining();
    int i = encoded.position();
    for (; i + Long.BYTES <= encoded.limit(); i += Long.BYTES) {
      hash = (hash ^ encoded.getLong(i)) * 0x9E3779B97F4A7C15L;
      hash ^= hash >>> 32;
    }
    for (; i < encoded.limit(); i++) {
      hash = (hash ^ encoded.get(i)) * 0x9E3779B97F4A7C15L;
    }
    return (int) (hash ^ (hash >>> 32));
  }

  private void grow() {
    Entry[] old = table;
    table = new Entry[2 * old.length];
    int mask = table.length - 1;
    for (Entry entry : old) {
      if (entry != null) {
        int i = entry.hash & mask;
        while (table[i] != null) {
          i = (i + 1) & mask;
        }
        table[i] = entry;
      }
    }
  }

  public int size() {
    return size;
  }

  /** Forgets all label sets; those in use live on in their catalogs. */
  public void clear() {
    budget.give(takenBytes);
    takenBytes = 0;
    table = new Entry[MIN_CAPACITY];
    size = 0;
    last = new Entry(0, ByteBuffer.allocate(0), List.of());
  }
}
