package io.github.multiprom.statsd;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.security.SecureRandom;
import java.util.Arrays;

/**
 * The bytes of a line that say which series it is of: name, type and tags. One thread; used again
 * for each line.
 */
final class RawKey {
  /** No tags. */
  static final int NONE = -1;

  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  // Secret: a sender cannot choose names that meet in one place of a table.
  private static final long SEED = new SecureRandom().nextLong();
  private static final long FACTOR = new SecureRandom().nextLong() | 1;

  byte[] bytes;
  int nameStart;
  int nameEnd;
  int typeStart;
  int typeEnd;
  int tagsStart;
  int tagsEnd;

  int length() {
    return nameEnd - nameStart + typeEnd - typeStart + (tagsEnd - tagsStart);
  }

  long hash() {
    long hash = hash(SEED, nameStart, nameEnd);
    hash = hash(hash, typeStart, typeEnd);
    return tagsStart == NONE ? hash : hash(hash, tagsStart, tagsEnd);
  }

  private long hash(long seed, int start, int end) {
    long hash = (seed ^ (end - start)) * FACTOR;
    int at = start;
    for (; at + Long.BYTES <= end; at += Long.BYTES) {
      hash = mix(hash, (long) LONGS.get(bytes, at));
    }
    long rest = 0;
    for (; at < end; at++) {
      rest = rest << Byte.SIZE | (bytes[at] & 0xFF);
    }
    return mix(hash, rest);
  }

  private static long mix(long hash, long next) {
    long mixed = (hash ^ next) * FACTOR;
    return mixed ^ mixed >>> 32;
  }

  /** The bytes one after the other. */
  byte[] copy() {
    byte[] copy = new byte[length()];
    int name = nameEnd - nameStart;
    int type = typeEnd - typeStart;
    System.arraycopy(bytes, nameStart, copy, 0, name);
    System.arraycopy(bytes, typeStart, copy, name, type);
    if (tagsStart != NONE) {
      System.arraycopy(bytes, tagsStart, copy, name + type, tagsEnd - tagsStart);
    }
    return copy;
  }

  /** Whether a target was made for these bytes. */
  boolean isOf(Target target) {
    byte[] key = target.key;
    int name = target.nameLength;
    int type = name + target.typeLength;
    return nameEnd - nameStart == name
        && typeEnd - typeStart == target.typeLength
        && (tagsStart != NONE) == target.hasTags
        && tagsEnd - tagsStart == key.length - type
        && Arrays.equals(key, 0, name, bytes, nameStart, nameEnd)
        && Arrays.equals(key, name, type, bytes, typeStart, typeEnd)
        && (tagsStart == NONE || Arrays.equals(key, type, key.length, bytes, tagsStart, tagsEnd));
  }
}
