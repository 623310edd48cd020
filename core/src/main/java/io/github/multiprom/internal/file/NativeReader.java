package io.github.multiprom.internal.file;

import static io.github.multiprom.internal.file.WorkerFileLayout.CELL_LENGTH;
import static io.github.multiprom.internal.file.WorkerFileLayout.SHARED_LANE;
import static io.github.multiprom.model.RefinedCells.CHUNK_CELLS;
import static io.github.multiprom.model.SeriesLayout.EARLIER_COUNT_CELL;
import static io.github.multiprom.model.SeriesLayout.EVEN_SUM_CELL;
import static io.github.multiprom.model.SeriesLayout.FIRST_STAMP_CELL;
import static io.github.multiprom.model.SeriesLayout.ODD_SUM_CELL;

import io.github.multiprom.internal.os.Scratch;
import io.github.multiprom.model.DoubleDouble;
import io.github.multiprom.model.FamilyDescriptor;
import java.io.IOException;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;

/** Reads the native histograms of one worker file. One thread. */
/* Mechanism: an observation stores a sum and then counts itself in a chunk, which lies in another
 * page. The total of a series' chunks in a lane, odd or even, tells which of the two sums is valid.
 * So of each lane all chunks are read, then all sums, then all chunks again. Counts only rise: where
 * a series' chunks are the same in both reads, nothing was counted in between, and the sum belongs to
 * them. A series that was observed meanwhile is read again by itself, in the same order, and a
 * bounded number of times. If that is not enough, its sum alone is behind: the counts, from which
 * all buckets and the count come, are always those of one read.
 */
final class NativeReader {
  /** As often a series is read again. */
  private static final int MAX_TRIES = 128;

  /** So many tries a read of a lane has for all series, and some for each of them. */
  private static final int TRIES_OF_A_LANE = 256;

  private static final int TRIES_OF_A_SERIES = 2;

  /** More cells than that are rare. */
  private static final int KEPT_CELLS = 64 << 10;

  private static final long SCRATCH_ARRAYS = 3;

  /** So often the cells of the series are kept here. */
  static final long COPIES = 3;

  /** Beyond that adding 1 changes nothing. */
  private static final double MAX_COUNT = 0x1p53;

  /** A page, and where its cells are among those of all pages of its kind. */
  private record Place(CellReader.Page page, int offset) {}

  /** One series: its page, and the places of its cells and chunks. */
  private static final class One {
    final CellReader.Page page;
    final int firstCell;
    final int cellCount;
    // Index of its first cell among those of all series.
    final int sums;
    final List<Chunk> chunks = new ArrayList<>();

    One(CellReader.Page page, int firstCell, int cellCount, int sums) {
      this.page = page;
      this.firstCell = firstCell;
      this.cellCount = cellCount;
      this.sums = sums;
    }
  }

  /** A chunk, and the index of its first cell among those of all chunks. */
  private record Chunk(CellReader.Page page, int firstCell, int counts) {}

  private final HeapBudget budget;
  private final List<Place> chunkPages = new ArrayList<>();
  private int chunkCells;
  private final List<One> all = new ArrayList<>();
  private int sumCells;
  private int triesLeft;
  private boolean hasLows;

  // By the cells of all series. Of the lane that is being read, and of all lanes.
  private double[] sums = {};
  private double[] sumHighs = {};
  private double[] sumLows = {};

  // By the cells of all chunks. Used by all readers of this JVM, one at a time.
  private static double[] before = {};
  private static double[] counts = {};
  private static double[] totals = {};

  NativeReader(HeapBudget budget) {
    this.budget = budget;
  }

  /** Notes a series, and returns its number. */
  int addSeries(CellReader.Page page, int firstCell, FamilyDescriptor family) {
    all.add(new One(page, firstCell, family.cellCount(), sumCells));
    sumCells += family.cellCount();
    return all.size() - 1;
  }

  /** Notes that a page has chunks. */
  void addPage(CellReader.Page page) {
    page.chunksFrom = chunkCells;
    chunkPages.add(new Place(page, chunkCells));
    chunkCells += page.count;
  }

  /** Notes a chunk of a series. */
  void addChunk(int series, CellReader.Page page, int firstCell) {
    all.get(series).chunks.add(new Chunk(page, firstCell, page.chunksFrom + firstCell));
  }

  /** Whether low words of other than 0 were ever stored. */
  boolean hasLows() {
    return hasLows;
  }

  /**
   * Reads all series anew. After a failure all have their last values.
   *
   * @param live whether the worker may be writing
   * @param sharedLaneUsed whether additive cells of the shared lane were ever written
   * @param high the high words of all cells, into which they go; their low words into {@code low}
   */
  void read(boolean live, boolean sharedLaneUsed, double[] high, double[] low) throws IOException {
    if (all.isEmpty()) {
      return;
    }
    synchronized (Scratch.LOCK) {
      begin();
      BitSet lanes = lanes();
      lanes.set(SHARED_LANE, sharedLaneUsed);
      for (int lane = lanes.nextSetBit(0); lane >= 0; lane = lanes.nextSetBit(lane + 1)) {
        readLane(lane, live);
      }
      DoubleDouble.normalize(sumHighs, sumLows, sumCells);
      for (One one : all) {
        int even = one.sums + EVEN_SUM_CELL;
        int cell = one.page.firstCell + one.firstCell + EVEN_SUM_CELL;
        high[cell] = sumHighs[even];
        low[cell] = sumLows[even];
        hasLows |= low[cell] != 0;
        // Of a summary with quantiles.
        int more = one.cellCount - EARLIER_COUNT_CELL;
        if (more > 0) {
          int first = one.page.firstCell + one.firstCell + EARLIER_COUNT_CELL;
          System.arraycopy(sumHighs, one.sums + EARLIER_COUNT_CELL, high, first, more);
        }
      }
      for (Place place : chunkPages) {
        System.arraycopy(totals, place.offset, high, place.page.firstCell, place.page.usedCells);
      }
      if (counts.length > KEPT_CELLS) {
        lengthen(0);
      }
    }
  }

  private void begin() throws UnreadableFileException {
    if (counts.length < chunkCells) {
      lengthen(chunkCells);
    }
    if (sums.length < sumCells) {
      sums = new double[sumCells];
      sumHighs = new double[sumCells];
      sumLows = new double[sumCells];
    }
    Arrays.fill(totals, 0, chunkCells, 0);
    Arrays.fill(sumHighs, 0);
    Arrays.fill(sumLows, 0);
  }

  private void lengthen(int count) throws UnreadableFileException {
    budget.check(SCRATCH_ARRAYS * CELL_LENGTH * count);
    counts = new double[0];
    before = new double[count];
    totals = new double[count];
    // Last: its length stands for all.
    counts = new double[count];
  }

  private BitSet lanes() {
    BitSet lanes = new BitSet();
    chunkPages.forEach(place -> place.page.addLanesTo(lanes));
    all.forEach(one -> one.page.addLanesTo(lanes));
    return lanes;
  }

  private void readLane(int lane, boolean live) throws IOException {
    if (live) {
      readChunks(lane, before);
      VarHandle.loadLoadFence();
    }
    readSums(lane);
    VarHandle.loadLoadFence();
    readChunks(lane, counts);
    triesLeft = TRIES_OF_A_LANE + TRIES_OF_A_SERIES * all.size();
    for (One one : all) {
      if (one.page.block(lane) != null) {
        settle(one, lane, live);
        int sum = one.sums + (isOdd(one) ? ODD_SUM_CELL : EVEN_SUM_CELL);
        DoubleDouble.accumulate(sumHighs, sumLows, one.sums + EVEN_SUM_CELL, sums[sum]);
        if (one.cellCount > EARLIER_COUNT_CELL) {
          addEarlier(one, lane);
        }
      }
    }
    for (int i = 0; i < chunkCells; i++) {
      totals[i] += isCount(counts[i]) ? counts[i] : 0;
    }
  }

  /** What a summary had counted before is in any lane, its stamps are in the shared one. */
  private void addEarlier(One one, int lane) {
    int earlier = one.sums + EARLIER_COUNT_CELL;
    sumHighs[earlier] += isCount(sums[earlier]) ? sums[earlier] : 0;
    for (int i = one.sums + FIRST_STAMP_CELL;
        lane == SHARED_LANE && i < one.sums + one.cellCount;
        i++) {
      sumHighs[i] = sums[i];
    }
  }

  /**
   * Whether a number counts something. What no writer makes is left out: for one negative bucket,
   * or a count that is not that of the buckets, Prometheus discards all that it scraped.
   */
  static boolean isCount(double number) {
    return number >= 0 && number <= MAX_COUNT && number == Math.rint(number);
  }

  private void readChunks(int lane, double[] into) throws IOException {
    for (Place place : chunkPages) {
      CellReader.Block block = place.page.block(lane);
      if (block == null) {
        Arrays.fill(into, place.offset, place.offset + place.page.usedCells, 0);
      } else {
        CellReader.readCells(into, place.offset, place.page.usedCells, block, 0);
      }
    }
  }

  /** Series follow one another in their pages, so most are read together. */
  private void readSums(int lane) throws IOException {
    for (int i = 0; i < all.size(); ) {
      One first = all.get(i);
      int end = i + 1;
      while (end < all.size()
          && all.get(end).page == first.page
          && all.get(end).firstCell - first.firstCell == all.get(end).sums - first.sums) {
        end++;
      }
      CellReader.Block block = first.page.block(lane);
      if (block != null) {
        One last = all.get(end - 1);
        int count = last.sums + last.cellCount - first.sums;
        CellReader.readCells(sums, first.sums, count, block, first.firstCell);
      }
      i = end;
    }
  }

  /** Makes a series' sums those of its counts, if that can be had. */
  private void settle(One one, int lane, boolean live) throws IOException {
    for (int tries = 0; live && tries < MAX_TRIES && triesLeft > 0; tries++, triesLeft--) {
      if (isAsBefore(one)) {
        return;
      }
      for (Chunk chunk : one.chunks) {
        System.arraycopy(counts, chunk.counts, before, chunk.counts, CHUNK_CELLS);
      }
      VarHandle.loadLoadFence();
      CellReader.readCells(sums, one.sums, one.cellCount, one.page.block(lane), one.firstCell);
      VarHandle.loadLoadFence();
      readChunksOf(one, lane);
    }
  }

  private void readChunksOf(One one, int lane) throws IOException {
    for (int i = 0; i < one.chunks.size(); ) {
      Chunk first = one.chunks.get(i);
      int end = i + 1;
      while (end < one.chunks.size()
          && one.chunks.get(end).page == first.page
          && one.chunks.get(end).firstCell == first.firstCell + CHUNK_CELLS * (end - i)) {
        end++;
      }
      CellReader.Block block = first.page.block(lane);
      if (block != null) {
        int cells = CHUNK_CELLS * (end - i);
        CellReader.readCells(counts, first.counts, cells, block, first.firstCell);
      }
      i = end;
    }
  }

  private static boolean isAsBefore(One one) {
    for (Chunk chunk : one.chunks) {
      int from = chunk.counts;
      int to = from + CHUNK_CELLS;
      if (!Arrays.equals(before, from, to, counts, from, to)) {
        return false;
      }
    }
    return true;
  }

  private static boolean isOdd(One one) {
    double total = 0;
    for (Chunk chunk : one.chunks) {
      for (int i = 0; i < CHUNK_CELLS; i++) {
        total += counts[chunk.counts + i];
      }
    }
    return ((long) total & 1) == 1;
  }
}
