package io.github.multiprom.internal.cell;

import java.lang.invoke.VarHandle;
import java.nio.DoubleBuffer;

/**
 * Loads and stores of single cells, whose names tell their order. A cell is aligned, so each is one
 * instruction. None is a full barrier on any processor.
 *
 * <p>They are plain accesses between fences and not those of a {@code VarHandle}: a cold JVM needs
 * as long to link the first of these as for the rest of a first increment.
 */
public final class Cells {
  private Cells() {}

  /**
   * Stores a value. No reader sees a later ordered store of this thread before it, and no compiler
   * moves it out of a loop: there it would be missing in scrapes, and after a SIGKILL.
   */
  static void putOrdered(DoubleBuffer cells, int cell, double value) {
    cells.put(cell, value);
    // Nothing on x86, a barrier of stores alone on AArch64.
    VarHandle.storeStoreFence();
  }

  /** Loads what a thread stored last, after what this thread loaded before. */
  static double getOrdered(DoubleBuffer cells, int cell) {
    VarHandle.loadLoadFence();
    return cells.get(cell);
  }
}
