package io.github.multiprom.internal.file;

import static io.github.multiprom.model.RefinedCells.CHUNK_CELLS;
import static io.github.multiprom.model.SeriesLayout.FIRST_STAMP_CELL;

import io.github.multiprom.model.ChunkKey;
import io.github.multiprom.model.QuantileWindow;
import io.github.multiprom.model.RefinedCounts;
import io.github.multiprom.model.WindowHistory;
import java.io.IOException;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads what the summaries of one worker file had counted before. Records are noted in one thread;
 * a merge and a retiring pass may ask at the same time.
 */
/* Mechanism: a place has a stamp, which the writer clears before it writes the snapshot's cells and
 * sets behind them. A stamp that is the same before and after the cells were read is theirs. A
 * merge wants the same snapshot until its window has moved on, so the last one of each series is
 * kept, and cells are read once in a step of the window.
 */
final class HistoryReader implements WindowHistory {
  /** The history of a chunk: its cells, once for each place. */
  private record Chunk(ChunkKey key, CellReader.Block block) {}

  private static final class One {
    final QuantileWindow window;
    final int firstCell;
    final CellReader.Block cells;
    final List<Chunk> chunks = new ArrayList<>();
    // By place, null where none was read. Of the totals all, else the last.
    final Map<Integer, Kept> kept = new HashMap<>();

    One(QuantileWindow window, int firstCell, CellReader.Block cells) {
      this.window = window;
      this.firstCell = firstCell;
      this.cells = cells;
    }
  }

  private record Kept(double stampMs, RefinedCounts counts) {}

  // By the index of the series in the catalog.
  private final Map<Integer, One> all = new HashMap<>();
  private boolean keepsAll;

  /** Notes a series, whose cells begin somewhere in a block of the shared lane. */
  synchronized void addSeries(
      int series, QuantileWindow window, int firstInPage, CellReader.Block cells) {
    all.put(series, new One(window, firstInPage, cells));
  }

  /** Notes where the history of one of its chunks is. */
  synchronized void addChunk(int series, ChunkKey key, CellReader.Block block) {
    One one = all.get(series);
    one.chunks.add(new Chunk(key, block));
    // A snapshot may be there that was read before this was known.
    one.kept.clear();
  }

  /** Reads all snapshots now, as the file is going to be closed. */
  synchronized void readAll() throws IOException {
    keepsAll = true;
    for (One one : all.values()) {
      double[] stamps = new double[one.window.places()];
      CellReader.readCells(stamps, 0, stamps.length, one.cells, one.firstCell + FIRST_STAMP_CELL);
      for (int place = 0; place < stamps.length; place++) {
        if (stamps[place] > 0) {
          one.kept.put(place, new Kept(stamps[place], read(one, place)));
        }
      }
    }
  }

  @Override
  public synchronized RefinedCounts at(int series, int place, double stampMs) {
    One one = all.get(series);
    if (one == null) {
      return null;
    }
    Kept last = one.kept.get(place);
    if (last != null && last.stampMs == stampMs) {
      return last.counts;
    }
    if (keepsAll) {
      return null;
    }
    try {
      RefinedCounts counts = read(one, place);
      VarHandle.loadLoadFence();
      double[] now = new double[1];
      CellReader.readCells(now, 0, 1, one.cells, one.firstCell + FIRST_STAMP_CELL + place);
      if (now[0] != stampMs) {
        return null;
      }
      one.kept.clear();
      one.kept.put(place, new Kept(stampMs, counts));
      return counts;
    } catch (IOException e) {
      return null;
    }
  }

  private static RefinedCounts read(One one, int place) throws IOException {
    RefinedCounts counts = new RefinedCounts();
    double[] cells = new double[CHUNK_CELLS];
    for (Chunk chunk : one.chunks) {
      CellReader.readCells(cells, 0, CHUNK_CELLS, chunk.block, place * CHUNK_CELLS);
      for (int i = 0; i < CHUNK_CELLS; i++) {
        cells[i] = NativeReader.isCount(cells[i]) ? cells[i] : 0;
      }
      counts.add(chunk.key, cells, 0);
    }
    return counts;
  }
}
