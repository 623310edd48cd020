package io.github.multiprom.internal.file;

import static io.github.multiprom.internal.file.WorkerFileLayout.*;
import static io.github.multiprom.model.RefinedCells.CHUNK_CELLS;
import static io.github.multiprom.model.SeriesLayout.EARLIER_COUNT_CELL;
import static io.github.multiprom.model.SeriesLayout.EVEN_SUM_CELL;
import static io.github.multiprom.model.SeriesLayout.FIRST_BUCKET_CELL;
import static io.github.multiprom.model.SeriesLayout.FIRST_STAMP_CELL;
import static io.github.multiprom.model.SeriesLayout.NATIVE_PARITY_CELL;
import static io.github.multiprom.model.SeriesLayout.ODD_SUM_CELL;

import io.github.multiprom.internal.file.WorkerFile.ChunkPlace;
import io.github.multiprom.internal.file.WorkerFile.Page;
import io.github.multiprom.internal.file.WorkerFile.SeriesPlace;
import io.github.multiprom.model.ChunkKey;
import io.github.multiprom.model.FamilyDescriptor;
import io.github.multiprom.model.QuantileWindow;
import io.github.multiprom.model.RefinedCounts;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.DoubleBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * The pages of one worker file: gives series and chunks cells in them, and lanes blocks. Cells are
 * taken once and never again, unless nobody has seen them. One thread at a time.
 */
final class CellPages {
  private static final int FIRST_PAGE_CELLS = 64;

  /** Pages grow up to this, but for a series that needs a longer one. */
  private static final int LONG_PAGE_CELLS = 2048;

  /** Pages of chunks grow up to this: a lane takes a block for a whole page. */
  private static final int LONG_CHUNK_PAGE_CELLS = 1 << WorkerFile.CHUNK_PAGE_BITS;

  private static final int CELLS_ALIGNMENT = BLOCK_ALIGNMENT / CELL_LENGTH;

  /** What the cells of a page are for. */
  private enum Use {
    SUMS,
    SET,
    NATIVE,
    CHUNKS
  }

  private final RecordWriter records;
  private final RecordEncoder encoder = new RecordEncoder();
  private int pageCount;
  private int cellCount;
  // The pages that have room, by their use.
  private final Map<Use, Page> lastPages = new EnumMap<>(Use.class);
  private final long maxChunkBytes;
  private long chunkBytes;
  // By their length, those of chunks that were given back; they are 0.
  private final Map<Integer, Deque<CellBlocks.Block>> histories = new HashMap<>();

  /**
   * Pages of a file that has none yet.
   *
   * @param maxLaneBytes most bytes of the blocks that lanes have in pages of chunks, beside the
   *     shared lane
   */
  CellPages(RecordWriter records, long maxLaneBytes) {
    this.records = records;
    this.maxChunkBytes = maxLaneBytes;
  }

  /** Takes cells for a series; they are 0. */
  SeriesPlace takeSeries(FamilyDescriptor family) throws IOException {
    int cells = family.cellCount();
    Page page = pageWithRoom(useOf(family), cells);
    // A native histogram's are added before it is published.
    Map<ChunkKey, ChunkPlace> chunks = family.nativeShape() == null ? Map.of() : new TreeMap<>();
    SeriesPlace place = new SeriesPlace(family, page, page.usedCells, chunks);
    page.usedCells += cells;
    return place;
  }

  private static Use useOf(FamilyDescriptor family) {
    if (family.nativeShape() != null) {
      return Use.NATIVE;
    }
    return family.type().isSet() ? Use.SET : Use.SUMS;
  }

  /** Gives back the cells of a series that nobody has seen, and those of its chunks. */
  void giveBack(SeriesPlace place) {
    place.chunks().values().forEach(this::giveBack);
    giveBack(place.page(), place.firstCell(), place.family().cellCount());
  }

  /** Takes cells for a chunk, and for its history if there is one; they are 0. */
  ChunkPlace takeChunk(FamilyDescriptor family) throws IOException {
    Page page = pageWithRoom(Use.CHUNKS, CHUNK_CELLS);
    CellBlocks.Block history =
        family.window() == null
            ? null
            : takeHistory(family.window().places() * CHUNK_CELLS * CELL_LENGTH);
    ChunkPlace place = new ChunkPlace(page, page.usedCells, history);
    page.usedCells += CHUNK_CELLS;
    return place;
  }

  private CellBlocks.Block takeHistory(int length) throws IOException {
    Deque<CellBlocks.Block> free = histories.get(length);
    return free == null || free.isEmpty() ? records.takeBlock(length) : free.pop();
  }

  /** Gives back the cells of a chunk that nobody has seen, and its history. */
  void giveBack(ChunkPlace place) {
    if (place.history() != null) {
      DoubleBuffer cells = place.historyCells();
      cells.put(new double[cells.capacity()]);
      histories
          .computeIfAbsent(place.history().bytes().capacity(), length -> new ArrayDeque<>())
          .push(place.history());
    }
    giveBack(place.page(), place.firstCell(), CHUNK_CELLS);
  }

  private static void giveBack(Page page, int firstCell, int count) {
    page.sharedCells().put(firstCell, new double[count]);
    page.usedCells = Math.min(page.usedCells, firstCell);
  }

  /** Writes the cells of a series that nobody sees yet, and those of its chunks: they are 0. */
  void write(SeriesPlace place, double[] value) throws IOException {
    DoubleBuffer cells = place.sharedCells();
    int first = place.firstCell();
    if (place.family().nativeShape() != null) {
      writeSum(cells, first, value[0]);
      writeChunks(place, RefinedCounts.of(value));
    } else if (place.family().type().isDistribution()) {
      writeSum(cells, first, value[0]);
      writeBuckets(cells, first, value);
    } else {
      cells.put(first, value);
    }
  }

  private static void writeSum(DoubleBuffer cells, int firstCell, double sum) {
    cells.put(firstCell + ODD_SUM_CELL, sum);
    cells.put(firstCell + EVEN_SUM_CELL, sum);
  }

  private void writeChunks(SeriesPlace place, RefinedCounts counts) throws IOException {
    for (Map.Entry<ChunkKey, double[]> chunk : counts.chunks().entrySet()) {
      ChunkPlace to = takeChunk(place.family());
      place.chunks().put(chunk.getKey(), to);
      to.page().sharedCells().put(to.firstCell(), chunk.getValue());
    }
    place.sharedCells().put(place.firstCell() + NATIVE_PARITY_CELL, parity(counts.chunkTotal()));
    if (place.family().window() != null) {
      place.sharedCells().put(place.firstCell() + EARLIER_COUNT_CELL, counts.earlierCount());
      counts.snapshots().forEach((stampMs, snapshot) -> writeSnapshot(place, stampMs, snapshot));
    }
  }

  private static void writeSnapshot(SeriesPlace place, long stampMs, RefinedCounts snapshot) {
    int at = place.family().window().placeOf(stampMs);
    place
        .chunks()
        .forEach(
            (key, chunk) ->
                chunk
                    .historyCells()
                    .put(
                        at * CHUNK_CELLS,
                        snapshot.chunks().getOrDefault(key, new double[CHUNK_CELLS])));
    place.sharedCells().put(place.firstCell() + FIRST_STAMP_CELL + at, (double) stampMs);
  }

  /** Writes that a summary with quantiles had counted nothing when it was made, if none was. */
  static void writeFirstStamp(SeriesPlace place, long createdMs) {
    QuantileWindow window = place.family().window();
    DoubleBuffer cells = place.sharedCells();
    int first = place.firstCell() + FIRST_STAMP_CELL;
    for (int i = 0; i < window.places(); i++) {
      if (cells.get(first + i) != 0) {
        return;
      }
    }
    long boundaryMs = window.boundaryMs(createdMs);
    cells.put(first + window.placeOf(boundaryMs), (double) boundaryMs);
  }

  private static void writeBuckets(DoubleBuffer cells, int firstCell, double[] sumAndBuckets) {
    int bucketCount = sumAndBuckets.length - 1;
    cells.put(firstCell + FIRST_BUCKET_CELL, sumAndBuckets, 1, bucketCount);
    double total = 0;
    for (int i = 1; i <= bucketCount; i++) {
      total += sumAndBuckets[i];
    }
    cells.put(firstCell + FIRST_BUCKET_CELL + bucketCount, parity(total));
  }

  private static double parity(double total) {
    return (double) ((long) total & 1);
  }

  private Page pageWithRoom(Use use, int cells) throws IOException {
    Page last = lastPages.get(use);
    if (last != null && last.usedCells + cells <= last.cellCount) {
      return last;
    }
    int longest = use == Use.CHUNKS ? LONG_CHUNK_PAGE_CELLS : LONG_PAGE_CELLS;
    int wanted = last == null ? FIRST_PAGE_CELLS : Math.min(2 * last.cellCount, longest);
    int length = Math.max(wanted, -Math.floorDiv(-cells, CELLS_ALIGNMENT) * CELLS_ALIGNMENT);
    if (length > MAX_PAGE_CELLS || cellCount + length > MAX_CELLS) {
      throw new FormatLimitException("it has no room for so many series and buckets");
    }
    CellBlocks.Block block = records.takeBlock(length * CELL_LENGTH);
    Page page = new Page(pageCount, length, block.bytes(), use == Use.CHUNKS);
    records.append(encoder.page(length, block.position()));
    pageCount++;
    cellCount += length;
    lastPages.put(use, page);
    records.publish();
    return page;
  }

  /**
   * Gives one lane a block of its own in a page.
   *
   * @throws IOException if there is no space, or lanes have as much in pages of chunks as they may
   */
  ByteBuffer addBlock(int lane, Page page) throws IOException {
    int length = page.cellCount * CELL_LENGTH;
    if (page.hasChunks && chunkBytes + length > maxChunkBytes) {
      throw new NoSpaceException();
    }
    CellBlocks.Block block = records.takeBlock(length);
    records.appendAndPublish(encoder.block(lane, page.index, block.position()));
    chunkBytes += page.hasChunks ? length : 0;
    return block.bytes();
  }
}
