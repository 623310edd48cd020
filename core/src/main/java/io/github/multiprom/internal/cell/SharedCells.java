package io.github.multiprom.internal.cell;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Additions to cells that several threads write. */
final class SharedCells {
  // Of longs: of doubles the JVM has no code ready, and its first use takes twice as long.
  private static final VarHandle CELLS =
      MethodHandles.byteBufferViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private SharedCells() {}

  /** Adds to a cell. */
  static void add(ByteBuffer cells, int offset, double amount) {
    while (!tryAdd(cells, offset, amount)) {}
  }

  /** Adds to a cell; false if another thread wrote it meanwhile. */
  static boolean tryAdd(ByteBuffer cells, int offset, double amount) {
    // Compared by bits, so that a NaN equals itself.
    long before = (long) CELLS.getOpaque(cells, offset);
    long after = Double.doubleToRawLongBits(Double.longBitsToDouble(before) + amount);
    return CELLS.weakCompareAndSetRelease(cells, offset, before, after);
  }
}
