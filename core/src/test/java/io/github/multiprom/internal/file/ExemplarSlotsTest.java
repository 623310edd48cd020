package io.github.multiprom.internal.file;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.multiprom.model.SeriesExemplar;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ExemplarSlotsTest {
  private static final SeriesExemplar TRACE =
      new SeriesExemplar(
          0.25, 1_795_620_631_042L, List.of("trace_id", "0af7651916cd43dd8448eb211c80319c"));

  private final ByteBuffer bytes =
      ByteBuffer.allocate(2 * ExemplarSlots.SHORT_SLOT_LENGTH).order(ByteOrder.LITTLE_ENDIAN);
  private final ExemplarSlots slots = new ExemplarSlots(bytes, ExemplarSlots.SHORT_SLOT_LENGTH);

  private byte[] slot(int index) {
    byte[] slot = new byte[ExemplarSlots.SHORT_SLOT_LENGTH];
    bytes.get(index * slot.length, slot);
    return slot;
  }

  private SeriesExemplar read(int index) {
    return ExemplarSlots.read(slot(index), slot(index));
  }

  @Test
  void holdExemplarsOneOverTheOther() {
    assertNull(read(0));
    assertTrue(ExemplarSlots.isUnused(slot(0)));
    assertTrue(slots.write(1, TRACE));
    SeriesExemplar next = new SeriesExemplar(-1, 7, List.of());
    byte[] before = slot(1);
    assertEquals(TRACE, read(1));
    assertTrue(slots.write(1, next));
    assertEquals(next, read(1));
    assertNull(ExemplarSlots.read(before, slot(1)));
    assertTrue(ExemplarSlots.isUnused(slot(0)));
  }

  @Test
  void showNothingOfOneThatAKillInterrupted() {
    slots.write(0, TRACE);
    long sequence = bytes.getLong(0);
    bytes.putLong(0, sequence + 1);
    bytes.putDouble(8, 5);
    assertNull(read(0));
    slots.write(0, TRACE);
    assertEquals(TRACE, read(0));
    assertTrue(bytes.getLong(0) > sequence + 1);
  }

  @Test
  void tellWhatTheyHaveNoRoomFor() {
    assertEquals(ExemplarSlots.SHORT_SLOT_LENGTH, ExemplarSlots.slotLength(TRACE));
    // As many labels as 128 characters can be.
    List<String> labels = new ArrayList<>();
    for (char c = 'a'; c <= 'z'; c++) {
      labels.addAll(List.of("" + c, "", "" + Character.toUpperCase(c), ""));
    }
    for (int i = 0; i < 38; i++) {
      labels.addAll(List.of("a" + (char) ('0' + i % 10), ""));
    }
    SeriesExemplar most = new SeriesExemplar(1, 1, labels);
    assertEquals(ExemplarSlots.LONG_SLOT_LENGTH, ExemplarSlots.slotLength(most));
    assertFalse(slots.write(0, most));
    assertNull(read(0));
    ByteBuffer room =
        ByteBuffer.allocate(ExemplarSlots.LONG_SLOT_LENGTH).order(ByteOrder.LITTLE_ENDIAN);
    assertTrue(new ExemplarSlots(room, ExemplarSlots.LONG_SLOT_LENGTH).write(0, most));
    assertEquals(most, ExemplarSlots.read(room.array(), room.array()));
  }

  @Test
  void showNothingOfWhatMakesNoSense() {
    slots.write(0, TRACE);
    for (int count : new int[] {-1, 1, 3, Integer.MAX_VALUE}) {
      bytes.putInt(24, count);
      assertNull(read(0), "" + count);
    }
    bytes.putInt(24, 2);
    bytes.put(32, (byte) '-');
    assertNull(read(0));
  }
}
