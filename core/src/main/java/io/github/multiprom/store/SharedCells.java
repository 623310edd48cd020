package io.github.multiprom.store;

import static io.github.multiprom.store.WorkerFileLayout.DOUBLES;

import java.nio.ByteBuffer;

/** Atomic operations on cells that several threads write. */
final class SharedCells {
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
