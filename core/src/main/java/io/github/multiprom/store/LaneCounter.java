package io.github.multiprom.store;

import static io.github.multiprom.store.WorkerFileLayout.DOUBLES;

import io.github.multiprom.store.WorkerFile.SeriesPlace;
import java.nio.ByteBuffer;

/** A counter that each thread adds to in a cell of its own lane. Thread-safe. */
final class LaneCounter implements CounterCell {
  private final WorkerFile file;
  private final Lanes lanes;
  private final WorkerFile.Page page;
  private final int pageIndex;
  private final int offset;

  LaneCounter(WorkerFile file, SeriesPlace place) {
    this.file = file;
    this.lanes = file.lanes();
    this.page = place.page();
    this.pageIndex = page.index;
    this.offset = place.offset();
  }

  /*
   * Only this thread writes the cell, so a plain load finds its last value and no compare-and-set is
   * needed. The store is opaque: a plain one might be moved out of a loop, and the increments before
   * its end would be missing in scrapes and after a SIGKILL.
   */
  @Override
  public void add(double amount) {
    ByteBuffer block = lanes.ownBlock(pageIndex);
    if (block == null) {
      block = file.claimBlock(page);
      if (block == null) {
        file.noteSharedLane();
        SharedCells.add(page.shared, offset, amount);
        return;
      }
    }
    DOUBLES.setOpaque(block, offset, (double) DOUBLES.get(block, offset) + amount);
  }

  @Override
  public double get() {
    double sum = (double) DOUBLES.getOpaque(page.shared, offset);
    for (ByteBuffer block : lanes.blocksOf(pageIndex)) {
      sum += (double) DOUBLES.getOpaque(block, offset);
    }
    return sum;
  }
}
