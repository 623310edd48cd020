package io.github.multiprom.internal.cell;

import java.nio.DoubleBuffer;

/** What threads that share a lane write one at a time. In the monitor of the lane. */
interface WrittenCells {
  /** Adds several observations in a block that nobody else writes meanwhile. */
  void addAll(DoubleBuffer block, double[] numbers);

  /** Makes the parity of a block agree with its buckets. */
  void mendParity(DoubleBuffer block);
}
