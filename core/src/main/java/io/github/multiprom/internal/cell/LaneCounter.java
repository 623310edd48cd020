package io.github.multiprom.internal.cell;

import static io.github.multiprom.internal.file.WorkerFileLayout.CELL_LENGTH;

import io.github.multiprom.internal.file.WorkerFile;
import io.github.multiprom.internal.file.WorkerFile.SeriesPlace;
import java.lang.invoke.VarHandle;
import java.nio.DoubleBuffer;

/** A counter that each thread adds to in a cell of its own lane. Thread-safe. */
public final class LaneCounter implements CounterCell {
  private final WorkerFile file;
  private final Lanes lanes;
  private final WorkerFile.Page page;
  private final int pageIndex;
  private final int cell;

  public LaneCounter(WorkerFile file, Lanes lanes, SeriesPlace place) {
    this.file = file;
    this.lanes = lanes;
    this.page = place.page();
    this.pageIndex = page.index;
    this.cell = place.firstCell();
  }

  @Override
  public void add(double amount) {
    DoubleBuffer block = lanes.ownBlock(pageIndex);
    if (block == null) {
      block = lanes.claimBlock(file, page);
      if (block == null) {
        addShared(amount);
        return;
      }
    }
    add(block, cell, amount);
  }

  /*
   * Only this thread writes the cell, so a plain load finds its last value and no compare-and-set is
   * needed. The fence, which is no instruction on x86, keeps the compiler from moving the store out
   * of a loop: the increments before its end would be missing in scrapes and after a SIGKILL. The
   * cell is aligned, so the store is one instruction.
   */
  static void add(DoubleBuffer block, int cell, double amount) {
    block.put(cell, block.get(cell) + amount);
    VarHandle.releaseFence();
  }

  private void addShared(double amount) {
    file.noteSharedLane();
    SharedCells.add(page.shared, cell * CELL_LENGTH, amount);
  }

  @Override
  public double get() {
    VarHandle.acquireFence();
    double sum = page.shared.getDouble(cell * CELL_LENGTH);
    for (DoubleBuffer block : lanes.blocksOf(pageIndex)) {
      sum += block.get(cell);
    }
    return sum;
  }
}
