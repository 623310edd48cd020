package io.github.multiprom.internal.file;

import io.github.multiprom.model.SeriesExemplar;
import java.lang.invoke.VarHandle;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/**
 * The exemplars of one series, each in a slot that is written again and again. One writer.
 *
 * <pre>
 *  slot
 *    0 sequence (8)   8 value (8)   16 time ms (8)   24 labels: list of strings
 * </pre>
 *
 * <p>The sequence is odd while the slot is written, and 0 if it never was. A reader takes what it
 * has read twice alike with an even sequence, so it never sees a part of an exemplar; of one that a
 * kill interrupted it sees nothing.
 */
public final class ExemplarSlots {
  /** Has room for the two labels of a trace. */
  public static final int SHORT_SLOT_LENGTH = 128;

  /** Has room for all that an exemplar may have. */
  public static final int LONG_SLOT_LENGTH = 1024;

  private static final int SEQUENCE_OFFSET = 0;
  private static final int VALUE_OFFSET = SEQUENCE_OFFSET + Long.BYTES;
  private static final int TIME_OFFSET = VALUE_OFFSET + Double.BYTES;
  private static final int LABELS_OFFSET = TIME_OFFSET + Long.BYTES;

  private final ByteBuffer slots;
  private final int slotLength;

  ExemplarSlots(ByteBuffer slots, int slotLength) {
    this.slots = slots;
    this.slotLength = slotLength;
  }

  /** The least length of a slot that an exemplar has room in. */
  public static int slotLength(SeriesExemplar exemplar) {
    return LABELS_OFFSET + labels(exemplar).remaining() <= SHORT_SLOT_LENGTH
        ? SHORT_SLOT_LENGTH
        : LONG_SLOT_LENGTH;
  }

  private static ByteBuffer labels(SeriesExemplar exemplar) {
    List<byte[]> all =
        exemplar.labels().stream().map(text -> text.getBytes(StandardCharsets.UTF_8)).toList();
    int length = Integer.BYTES;
    for (byte[] text : all) {
      length += Integer.BYTES + text.length;
    }
    ByteBuffer bytes = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putInt(all.size());
    all.forEach(text -> bytes.putInt(text.length).put(text));
    return bytes.flip();
  }

  /** Writes an exemplar over what a slot holds; whether it has room there. */
  public boolean write(int slot, SeriesExemplar exemplar) {
    ByteBuffer labels = labels(exemplar);
    if (LABELS_OFFSET + labels.remaining() > slotLength) {
      return false;
    }
    int at = slot * slotLength;
    // A kill may have left it odd.
    long sequence = slots.getLong(at + SEQUENCE_OFFSET) | 1;
    slots.putLong(at + SEQUENCE_OFFSET, sequence + 2);
    VarHandle.storeStoreFence();
    slots.putDouble(at + VALUE_OFFSET, exemplar.value());
    slots.putLong(at + TIME_OFFSET, exemplar.timeMs());
    slots.put(at + LABELS_OFFSET, labels, 0, labels.remaining());
    VarHandle.storeStoreFence();
    slots.putLong(at + SEQUENCE_OFFSET, sequence + 3);
    return true;
  }

  /** Whether a slot was never written. */
  static boolean isUnused(byte[] slot) {
    return ByteBuffer.wrap(slot).getLong(SEQUENCE_OFFSET) == 0;
  }

  /**
   * The exemplar in a slot.
   *
   * @param slot the slot's bytes
   * @param again the same, read later
   * @return null if there is none, or none that is whole
   */
  static SeriesExemplar read(byte[] slot, byte[] again) {
    ByteBuffer bytes = ByteBuffer.wrap(slot).order(ByteOrder.LITTLE_ENDIAN);
    long sequence = bytes.getLong(SEQUENCE_OFFSET);
    if (sequence == 0 || (sequence & 1) != 0 || !Arrays.equals(slot, again)) {
      return null;
    }
    try {
      bytes.position(LABELS_OFFSET);
      return new SeriesExemplar(
          bytes.getDouble(VALUE_OFFSET), bytes.getLong(TIME_OFFSET), RecordDecoder.strings(bytes));
    } catch (IllegalArgumentException | BufferUnderflowException e) {
      // Damage: what it says means nothing.
      return null;
    }
  }
}
