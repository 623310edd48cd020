package io.github.multiprom.internal.file;

import io.github.multiprom.model.BucketChunk;
import io.github.multiprom.model.ChunkKey;
import io.github.multiprom.model.FamilyDescriptor;
import io.github.multiprom.model.QuantileWindow;
import io.github.multiprom.model.RefinedCells;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The native histograms of one worker file, and their chunks, as far as they were parsed. One
 * thread.
 */
final class ParsedChunks {
  private static final class One {
    // Among those that the cells are read of.
    final int number;
    final RefinedCells refined;
    // Of a summary with quantiles; else null.
    final QuantileWindow window;
    final List<BucketChunk> chunks = new ArrayList<>();

    One(int number, RefinedCells refined, QuantileWindow window) {
      this.number = number;
      this.refined = refined;
      this.window = window;
    }
  }

  private final CellReader cells;
  private final HistoryReader history;
  // Of the last series: those of a family mostly follow one another.
  private FamilyDescriptor lastFamily;
  private RefinedCells lastRefined;
  // By the index of the series in the catalog.
  private final Map<Integer, One> natives = new HashMap<>();
  private Map<Integer, List<BucketChunk>> all = Map.of();
  // Since all was made.
  private final Set<Integer> changed = new HashSet<>();

  ParsedChunks(CellReader cells) {
    this.cells = cells;
    history = new HistoryReader();
  }

  /** Notes a series, and returns the place of its first cell. */
  @SuppressWarnings(
      "ReferenceEquality") // Of equal families that are two objects, each has its own.
  int addSeries(int series, int page, int firstInPage, FamilyDescriptor family) {
    int number = cells.addNative(page, firstInPage, family);
    if (family != lastFamily) {
      lastFamily = family;
      lastRefined = RefinedCells.of(family);
    }
    natives.put(series, new One(number, lastRefined, family.window()));
    int firstCell = cells.firstCellOf(page) + firstInPage;
    if (family.window() != null) {
      history.addSeries(series, family.window(), firstInPage, cells.sharedBlock(page));
    }
    return firstCell;
  }

  /** How many cells the history of a chunk has. */
  int historyCells(int series) {
    One one = natives.get(series);
    if (one == null || one.window == null || one.chunks.isEmpty()) {
      throw new IllegalArgumentException("history of series " + series);
    }
    return one.window.places() * RefinedCells.CHUNK_CELLS;
  }

  /** Notes where the history of a series' last chunk is. */
  void addHistory(int series, CellReader.Block block) {
    List<BucketChunk> ofSeries = natives.get(series).chunks;
    history.addChunk(series, ofSeries.get(ofSeries.size() - 1).key(), block);
  }

  HistoryReader history() {
    return history;
  }

  /** Parses the fields of a chunk of a series. */
  void parse(int series, ByteBuffer fields) {
    int signAndLevel = fields.getInt();
    ChunkKey key = new ChunkKey(signAndLevel & 0xFF, signAndLevel >>> Byte.SIZE, fields.getInt());
    int page = fields.getInt();
    int firstInPage = fields.getInt();
    One one = natives.get(series);
    if (one == null
        || !one.refined.isPossible(key)
        || page < 0
        || page >= cells.pageCount()
        || firstInPage % RefinedCells.CHUNK_CELLS != 0) {
      throw new IllegalArgumentException(key + " of series " + series);
    }
    one.chunks.add(new BucketChunk(key, cells.addChunk(one.number, page, firstInPage)));
    changed.add(series);
  }

  /** The chunks by the index of their series. The same object while none is added. */
  Map<Integer, List<BucketChunk>> all() {
    if (!changed.isEmpty()) {
      Map<Integer, List<BucketChunk>> now = new HashMap<>(all);
      changed.forEach(series -> now.put(series, List.copyOf(natives.get(series).chunks)));
      changed.clear();
      all = now;
    }
    return all;
  }
}
