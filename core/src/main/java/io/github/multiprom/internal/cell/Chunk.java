package io.github.multiprom.internal.cell;

import io.github.multiprom.internal.file.WorkerFile;
import io.github.multiprom.model.ChunkKey;
import io.github.multiprom.model.RefinedCells;
import java.nio.DoubleBuffer;
import java.util.concurrent.atomic.AtomicLongArray;

/** A chunk of cells of one native histogram: in a worker file, or in memory. Thread-safe. */
final class Chunk {
  private static final int CELL_BITS = WorkerFile.CHUNK_PAGE_BITS;

  final ChunkKey key;

  // Null while it has no place in a file; set once.
  private volatile Place place;
  // What is counted as long as it has none.
  private volatile AtomicLongArray counts;

  /**
   * Where it lies in a file.
   *
   * @param history of a summary with quantiles, what it had counted before; else null
   */
  record Place(
      WorkerFile.Page page, int firstCell, DoubleBuffer sharedCells, DoubleBuffer history) {}

  Chunk(ChunkKey key) {
    this.key = key;
  }

  /** Where it lies in a file; null while it has no place there. */
  Place place() {
    return place;
  }

  void setPlace(WorkerFile.ChunkPlace found) {
    place =
        new Place(
            found.page(),
            found.firstCell(),
            found.page().shared.asDoubleBuffer(),
            found.history() == null ? null : found.historyCells());
  }

  /** Page and first cell as one number; see {@link #pageOf} and {@link #cellOf}. */
  int packedPlace() {
    Place there = place;
    return there == null
        ? ChunkDirectory.NO_PLACE
        : there.page.index << CELL_BITS | there.firstCell;
  }

  static int pageOf(int packedPlace) {
    return packedPlace >>> CELL_BITS;
  }

  static int cellOf(int packedPlace) {
    return packedPlace & ((1 << CELL_BITS) - 1);
  }

  /** The total of its cells in the shared lane. */
  double sharedTotal() {
    Place there = place;
    double total = 0;
    for (int i = 0; there != null && i < RefinedCells.CHUNK_CELLS; i++) {
      total += there.sharedCells.get(there.firstCell + i);
    }
    return total;
  }

  /** Counts in memory. */
  void count(int cell, long times) {
    counts().addAndGet(cell, times);
  }

  private AtomicLongArray counts() {
    AtomicLongArray there = counts;
    if (there == null) {
      synchronized (this) {
        there = counts;
        if (there == null) {
          there = new AtomicLongArray(RefinedCells.CHUNK_CELLS);
          counts = there;
        }
      }
    }
    return there;
  }

  /** What is counted in memory. */
  double[] counted() {
    double[] counted = new double[RefinedCells.CHUNK_CELLS];
    AtomicLongArray there = counts;
    for (int i = 0; there != null && i < counted.length; i++) {
      counted[i] = there.get(i);
    }
    return counted;
  }

  /** Forgets what is counted in memory. */
  void clear() {
    counts = null;
  }
}
