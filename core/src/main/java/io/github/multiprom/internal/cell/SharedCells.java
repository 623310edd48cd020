package io.github.multiprom.internal.cell;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Atomic operations on cells that several threads write. */
final class SharedCells {
  // Here alone, because a JVM takes milliseconds to link the first use of one.
  private static final VarHandle DOUBLES =
      MethodHandles.byteBufferViewVarHandle(double[].class, ByteOrder.LITTLE_ENDIAN);

  private SharedCells() {}

  /** Adds to a cell. A view of doubles has compare-and-set, but no {@code getAndAdd}. */
  static void add(ByteBuffer cells, int offset, double amount) {
    double old;
    do {
      old = (double) DOUBLES.getOpaque(cells, offset);
      // Compared by bits, so that a NaN equals itself.
    } while (!DOUBLES.weakCompareAndSet(cells, offset, old, old + amount));
  }
}
