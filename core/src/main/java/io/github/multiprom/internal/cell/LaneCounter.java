package io.github.multiprom.internal.cell;

import io.github.multiprom.internal.file.WorkerFile;
import io.github.multiprom.internal.file.WorkerFile.SeriesPlace;
import java.nio.DoubleBuffer;

/** A counter that each thread adds to in a cell of its lane. Thread-safe. */
public final class LaneCounter implements CounterCell {
  private final Lanes lanes;
  private final SharedLanes shared;
  private final WorkerFile.Page page;
  private final int pageIndex;
  private final int cell;

  public LaneCounter(Lanes lanes, SeriesPlace place) {
    this.lanes = lanes;
    this.page = place.page();
    this.shared = lanes.shared(page);
    this.pageIndex = page.index;
    this.cell = place.firstCell();
  }

  @Override
  public void add(double amount) {
    DoubleBuffer block = lanes.ownBlock(pageIndex);
    if (block != null) {
      add(block, cell, amount);
    } else if (Lanes.alwaysShares()) {
      shared.add(cell, amount);
    } else {
      lanes.update(page, shared, null, cell, amount);
    }
  }

  /**
   * Adds to a cell that only this thread writes: a plain load finds its last value, and no
   * compare-and-set is needed.
   */
  static void add(DoubleBuffer block, int cell, double amount) {
    Cells.putOrdered(block, cell, block.get(cell) + amount);
  }

  @Override
  public double get() {
    return shared.sum(cell) + lanes.sum(pageIndex, cell);
  }
}
