package io.github.multiprom.internal.file;

import static io.github.multiprom.internal.file.WorkerFileLayout.HEADER_CHECKSUM_OFFSET;
import static io.github.multiprom.internal.file.WorkerFileLayout.HEADER_LENGTH;
import static io.github.multiprom.internal.file.WorkerFileLayout.INCARNATION_OFFSET;
import static io.github.multiprom.internal.file.WorkerFileLayout.MAY_BE_LOST;
import static io.github.multiprom.internal.file.WorkerFileLayout.PREDECESSOR;
import static io.github.multiprom.internal.file.WorkerFileLayout.PUBLISHED_OFFSET;
import static io.github.multiprom.internal.file.WorkerFileLayout.RECORD_CHECKSUM_OFFSET;
import static io.github.multiprom.internal.file.WorkerFileLayout.RECORD_FIELDS_OFFSET;
import static io.github.multiprom.internal.file.WorkerFileLayout.RECORD_KIND_OFFSET;
import static io.github.multiprom.internal.file.WorkerFileLayout.SEGMENT;

import io.github.multiprom.model.Incarnation;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** Damages the bytes of a worker file in many ways. One thread. */
final class FileMutations {
  private static final int[] EXTREMES = {
    0,
    1,
    -1,
    7,
    8,
    9,
    64,
    4096,
    1 << 16,
    1 << 24,
    (1 << 24) + 8,
    Integer.MAX_VALUE,
    Integer.MAX_VALUE - 7,
    Integer.MIN_VALUE,
    Integer.MIN_VALUE + 8
  };

  private final byte[] original;
  private final Random random;
  private final List<Integer> records = new ArrayList<>();

  FileMutations(byte[] original, Random random) {
    this.original = original;
    this.random = random;
    ByteBuffer file = view(original);
    int end = (int) file.getLong(PUBLISHED_OFFSET);
    for (int at = HEADER_LENGTH; at != end; ) {
      records.add(at);
      boolean chains = file.getInt(at + RECORD_KIND_OFFSET) == SEGMENT;
      at = chains ? (int) file.getLong(at + 16) : at + file.getInt(at);
    }
  }

  private static ByteBuffer view(byte[] bytes) {
    return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  /** A damaged copy of the original. */
  byte[] next() {
    byte[] bytes = original.clone();
    int kind = random.nextInt(12);
    switch (kind) {
      case 0 -> flipBits(bytes, 0, bytes.length);
      case 1 -> flipBits(bytes, 0, HEADER_LENGTH);
      case 2 -> bytes = Arrays.copyOf(bytes, random.nextInt(2 * bytes.length));
      case 3 -> fill(bytes, false);
      case 4 -> fill(bytes, true);
      case 5 -> setField(bytes, record());
      case 6 -> setPublished(bytes);
      case 7 -> swap(bytes, record(), record());
      case 8 -> swap(bytes, random.nextInt(bytes.length), random.nextInt(bytes.length));
      case 10 -> setKind(bytes, record());
      case 9 -> flipBits(bytes, record(), Math.min(bytes.length, record() + 200));
      default -> {
        for (int i = random.nextInt(8); i >= 0; i--) {
          setField(bytes, record());
        }
      }
    }
    if (random.nextInt(3) != 0) {
      repairChecksums(bytes);
    }
    return bytes;
  }

  private int record() {
    return records.get(random.nextInt(records.size()));
  }

  private void flipBits(byte[] bytes, int from, int to) {
    for (int i = random.nextInt(8); i >= 0 && to > from; i--) {
      bytes[from + random.nextInt(to - from)] ^= (byte) (1 << random.nextInt(8));
    }
  }

  private void fill(byte[] bytes, boolean noise) {
    int from = random.nextInt(bytes.length);
    int to = from + random.nextInt(Math.min(bytes.length - from, 1 << random.nextInt(16)) + 1);
    for (int i = from; i < to; i++) {
      bytes[i] = noise ? (byte) random.nextInt() : 0;
    }
  }

  /** Counts, lengths, offsets and indexes are ints and longs at multiples of 4. */
  private void setField(byte[] bytes, int record) {
    int at = record + 4 * random.nextInt(20);
    if (at + Long.BYTES <= bytes.length) {
      long value =
          switch (random.nextInt(3)) {
            case 0 -> EXTREMES[random.nextInt(EXTREMES.length)];
            case 1 -> random.nextInt(2 * bytes.length);
            default -> view(bytes).getInt(at) + random.nextInt(17) - 8;
          };
      if (random.nextBoolean()) {
        view(bytes).putInt(at, (int) value);
      } else {
        view(bytes).putLong(at, random.nextBoolean() ? value : value << 32);
      }
    }
  }

  /** A record becomes one of another kind, which may be of a later release. */
  private void setKind(byte[] bytes, int record) {
    int kind = random.nextInt(PREDECESSOR + 3) | (random.nextInt(3) == 0 ? MAY_BE_LOST : 0);
    view(bytes).putInt(record + RECORD_KIND_OFFSET, kind);
    if (random.nextBoolean()) {
      // The shape of a family.
      view(bytes).putInt(record + RECORD_FIELDS_OFFSET, 1 << random.nextInt(Integer.SIZE));
    }
  }

  private void setPublished(byte[] bytes) {
    long published =
        switch (random.nextInt(4)) {
          case 0 -> random.nextLong();
          case 1 -> EXTREMES[random.nextInt(EXTREMES.length)];
          case 2 -> record();
          default -> random.nextInt(2 * bytes.length);
        };
    view(bytes).putLong(PUBLISHED_OFFSET, published);
  }

  private void swap(byte[] bytes, int from, int to) {
    int most = Math.min(bytes.length - Math.max(from, to), Math.abs(from - to));
    int length = Math.min(most, 8 * (1 + random.nextInt(600)));
    byte[] kept = Arrays.copyOfRange(bytes, from, from + length);
    System.arraycopy(bytes, to, bytes, from, length);
    System.arraycopy(kept, 0, bytes, to, length);
  }

  /** Makes the header, and the records that still are where they were, pass their checks. */
  private void repairChecksums(byte[] bytes) {
    ByteBuffer file = view(bytes);
    if (bytes.length < HEADER_LENGTH) {
      return;
    }
    file.putInt(HEADER_CHECKSUM_OFFSET, WorkerHeader.checksum(file));
    Incarnation incarnation =
        new Incarnation(file.getLong(INCARNATION_OFFSET), file.getLong(INCARNATION_OFFSET + 8));
    for (int at : records) {
      if (at + RECORD_FIELDS_OFFSET <= bytes.length) {
        int length = file.getInt(at);
        if (length >= RECORD_FIELDS_OFFSET && length <= bytes.length - at) {
          ByteBuffer record = file.duplicate().position(at);
          file.putInt(
              at + RECORD_CHECKSUM_OFFSET, new RecordChecksum(incarnation).of(at, record, length));
        }
      }
    }
  }
}
