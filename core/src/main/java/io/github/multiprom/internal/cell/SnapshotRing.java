package io.github.multiprom.internal.cell;

import static io.github.multiprom.model.RefinedCells.CHUNK_CELLS;
import static io.github.multiprom.model.SeriesLayout.EARLIER_COUNT_CELL;
import static io.github.multiprom.model.SeriesLayout.FIRST_STAMP_CELL;

import io.github.multiprom.internal.file.WorkerFile.SeriesPlace;
import io.github.multiprom.model.QuantileWindow;
import io.github.multiprom.model.RefinedCounts;
import java.nio.DoubleBuffer;
import java.util.List;

/**
 * What one summary with quantiles had counted at the last steps of its window, in its worker file.
 * One thread at a time.
 */
/* Mechanism: a stamp of 0, then the cells, then the stamp, in this order. A reader takes cells whose
 * stamp is the same before and behind them; what a kill leaves has no stamp and is passed over.
 */
final class SnapshotRing {
  private final QuantileWindow window;
  // Of lane 0.
  private final DoubleBuffer cells;
  private final int earlierCount;
  private final int firstStamp;
  private long lastMs;

  SnapshotRing(SeriesPlace place) {
    window = place.family().window();
    cells = place.sharedCells();
    earlierCount = place.firstCell() + EARLIER_COUNT_CELL;
    firstStamp = place.firstCell() + FIRST_STAMP_CELL;
    for (int i = 0; i < window.places(); i++) {
      lastMs = Math.max(lastMs, (long) cells.get(firstStamp + i));
    }
  }

  /** Begins a snapshot, unless there is one of the last step. */
  boolean begin(long nowMs) {
    long stepMs = window.boundaryMs(nowMs);
    if (stepMs == lastMs) {
      return false;
    }
    lastMs = stepMs;
    Cells.putOrdered(cells, firstStamp + window.placeOf(lastMs), 0);
    return true;
  }

  /** Writes what a chunk has counted. */
  void keep(Chunk.Place place, double[] counts) {
    int first = window.placeOf(lastMs) * CHUNK_CELLS;
    for (int i = 0; i < counts.length; i++) {
      Cells.putOrdered(place.history(), first + i, counts[i]);
    }
  }

  /** Completes the snapshot. */
  void end() {
    Cells.putOrdered(cells, firstStamp + window.placeOf(lastMs), (double) lastMs);
  }

  /** Adds to the count that is in no chunk, in any lane. */
  void addEarlier(DoubleBuffer sums, double count) {
    Cells.putOrdered(sums, earlierCount, sums.get(earlierCount) + count);
  }

  /** Adds all snapshots, and the count that is in no chunk. */
  void addTo(RefinedCounts counts, List<Chunk> chunks) {
    counts.addEarlier(cells.get(earlierCount));
    for (int place = 0; place < window.places(); place++) {
      long stampMs = (long) cells.get(firstStamp + place);
      if (stampMs > 0) {
        RefinedCounts snapshot = counts.snapshot(stampMs);
        for (Chunk chunk : chunks) {
          if (chunk.place() != null) {
            double[] then = new double[CHUNK_CELLS];
            chunk.place().history().get(place * CHUNK_CELLS, then);
            snapshot.add(chunk.key, then, 0);
          }
        }
      }
    }
  }
}
