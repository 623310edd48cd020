package io.github.multiprom.internal.file;

import static io.github.multiprom.internal.file.WorkerFileLayout.CELL_LENGTH;
import static io.github.multiprom.model.SeriesLayout.EVEN_SUM_CELL;
import static io.github.multiprom.model.SeriesLayout.FIRST_BUCKET_CELL;
import static io.github.multiprom.model.SeriesLayout.ODD_SUM_CELL;
import static io.github.multiprom.model.SeriesLayout.SET_TIME_CELL;
import static io.github.multiprom.model.SeriesLayout.VALUE_CELL;

import io.github.multiprom.internal.file.UnreadableFileException.Reason;
import io.github.multiprom.internal.os.Scratch;
import io.github.multiprom.model.DoubleDouble;
import io.github.multiprom.model.FamilyDescriptor;
import io.github.multiprom.model.RefinedCells;
import java.io.IOException;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;

/**
 * Reads the cells of one worker file and adds up its lanes. One thread.
 *
 * <p>Blocks are read whole, by position. Those that hold more than counters are read twice: the
 * cells of a distribution belong together if nothing changed from the one read to the other;
 * otherwise its cells are read again, a bounded number of times, because a tight loop changes them
 * faster than anyone reads. Then the last read stands: it differs by no more than the observations
 * made meanwhile. Of a gauge the set time is taken from the first read and the value from the
 * second, so that a gauge that was set never shows the 0 from before.
 */
final class CellReader {
  /** Enough that a writer that pauses a microsecond between observations is caught in a pause. */
  private static final int MAX_TRIES = 128;

  /** Pages beyond that, of histograms of so many buckets, are rare. */
  private static final int KEPT_CELLS = 16 << 10;

  private static final long SCRATCH_ARRAYS = 4;

  private final List<Page> pages = new ArrayList<>();
  private int cellCount;
  private double[] high = {};
  private double[] low = {};

  private final HeapBudget budget;
  private final NativeReader natives;

  // Reused from block to block by all readers of this JVM, one at a time.
  private static double[] first = {};
  private static double[] second = {};
  private static double[] pageHigh = {};
  private static double[] pageLow = {};

  /** Where a lane's cells of a page lie. */
  record Block(ByteSource source, long offset) {}

  /** A run of logical cells, and where each lane that has a block for it keeps its share. */
  static final class Page {
    final int firstCell;
    final int count;
    final Block shared;
    // Every series stands behind those before it.
    int usedCells;
    final List<Block> lanes = new ArrayList<>();
    private final IntList laneNumbers = new IntList();
    private Use use = Use.NONE;
    // Of chunks, where they are among those of all pages.
    int chunksFrom;
    // Whether low words of other than 0 were ever stored.
    boolean hasLows;
    // First cells within the page.
    final List<Integer> gauges = new ArrayList<>();
    final List<Distribution> distributions = new ArrayList<>();

    Page(int firstCell, int count, Block shared) {
      this.firstCell = firstCell;
      this.count = count;
      this.shared = shared;
    }

    /** A lane's block; null if it has none. */
    Block block(int lane) {
      if (lane == WorkerFileLayout.SHARED_LANE) {
        return shared;
      }
      for (int i = 0; i < laneNumbers.size(); i++) {
        if (laneNumbers.get(i) == lane) {
          return lanes.get(i);
        }
      }
      return null;
    }

    void addLanesTo(BitSet numbers) {
      for (int i = 0; i < laneNumbers.size(); i++) {
        numbers.set(laneNumbers.get(i));
      }
    }

    /** Takes cells, behind those that were taken before. */
    void take(Use now, int first, int length) {
      if ((use != Use.NONE && use != now) || first < usedCells || first > count - length) {
        throw new IllegalArgumentException("cells beyond their page or of another series");
      }
      use = now;
      usedCells = first + length;
    }

    /** And nothing else. */
    boolean holdsCounters() {
      return gauges.isEmpty() && distributions.isEmpty();
    }
  }

  /** What the cells of a page are for; a page has one use. */
  private enum Use {
    NONE,
    SERIES,
    NATIVE_SERIES,
    CHUNKS
  }

  private record Distribution(int firstCell, int count) {}

  CellReader(HeapBudget budget) {
    this.budget = budget;
    natives = new NativeReader(budget);
  }

  int cellCount() {
    return cellCount;
  }

  int pageCount() {
    return pages.size();
  }

  int cellCountOf(int page) {
    return pages.get(page).count;
  }

  void addPage(int count, Block shared) {
    pages.add(new Page(cellCount, count, shared));
    cellCount += count;
  }

  void addBlock(int page, int lane, Block block) {
    pages.get(page).lanes.add(block);
    pages.get(page).laneNumbers.add(lane);
  }

  /**
   * Notes what the cells from one on are, and returns their place in {@link #high()}.
   *
   * @throws IllegalArgumentException if the cells leave the page or overlap another series.
   *     Overlaps would let a tiny hostile file declare unlimited work.
   */
  int addSeries(int page, int firstCell, FamilyDescriptor family) {
    Page place = pages.get(page);
    place.take(Use.SERIES, firstCell, family.cellCount());
    if (family.type().isDistribution()) {
      place.distributions.add(new Distribution(firstCell, family.cellCount()));
    } else if (family.type().isSet()) {
      place.gauges.add(firstCell);
    }
    return place.firstCell + firstCell;
  }

  /** As {@link #addSeries}, of a native histogram; returns its number among these. */
  int addNative(int page, int firstCell, FamilyDescriptor family) {
    pages.get(page).take(Use.NATIVE_SERIES, firstCell, family.cellCount());
    return natives.addSeries(pages.get(page), firstCell, family);
  }

  /**
   * Notes a chunk of a native histogram, and returns the place of its first cell.
   *
   * @param number of the histogram
   * @throws IllegalArgumentException as {@link #addSeries}
   */
  int addChunk(int number, int page, int firstCell) {
    Page place = pages.get(page);
    boolean isFirst = place.use == Use.NONE;
    place.take(Use.CHUNKS, firstCell, RefinedCells.CHUNK_CELLS);
    if (isFirst) {
      natives.addPage(place);
    }
    natives.addChunk(number, place, firstCell);
    return place.firstCell + firstCell;
  }

  /** The cells of a page in the shared lane. */
  Block sharedBlock(int page) {
    return pages.get(page).shared;
  }

  int firstCellOf(int page) {
    return pages.get(page).firstCell;
  }

  /** High words of the sums over all lanes. */
  double[] high() {
    return high;
  }

  /** Low words of the sums over all lanes. */
  double[] low() {
    return low;
  }

  /** Whether all low words are 0. */
  boolean lowIsZero() {
    for (int i = 0; i < pages.size(); i++) {
      if (pages.get(i).hasLows) {
        return false;
      }
    }
    return !natives.hasLows();
  }

  /**
   * Reads all cells anew. After a failure each page holds either its last or its new values.
   *
   * @param live whether the worker may be writing
   * @param sharedLaneUsed whether additive cells of the shared lane were ever written
   */
  void read(boolean live, boolean sharedLaneUsed) throws IOException {
    if (high.length < cellCount) {
      double[] longer = Arrays.copyOf(high, cellCount);
      low = Arrays.copyOf(low, cellCount);
      high = longer;
    }
    synchronized (Scratch.LOCK) {
      readPages(live, sharedLaneUsed);
      natives.read(live, sharedLaneUsed, high, low);
    }
  }

  private void readPages(boolean live, boolean sharedLaneUsed) throws IOException {
    for (int i = 0; i < pages.size(); i++) {
      Page page = pages.get(i);
      if (page.use == Use.NATIVE_SERIES || page.use == Use.CHUNKS) {
        continue;
      }
      if (first.length < page.count) {
        lengthenArrays(page.count);
      }
      boolean shared = sharedLaneUsed || !page.gauges.isEmpty();
      int lanes = page.lanes.size();
      if (shared && lanes == 0) {
        copy(page, page.shared, live);
      } else if (!shared && lanes == 1 && !page.hasLows) {
        copy(page, page.lanes.get(0), live);
      } else if (shared || lanes > 0) {
        add(page, shared, live);
      }
    }
    if (first.length > KEPT_CELLS) {
      lengthenArrays(0);
    }
  }

  private void lengthenArrays(int count) throws UnreadableFileException {
    budget.check(SCRATCH_ARRAYS * CELL_LENGTH * count);
    first = new double[0];
    second = new double[count];
    pageHigh = new double[count];
    pageLow = new double[count];
    // Last: its length stands for all.
    first = new double[count];
  }

  /** Reads a page that has one block. */
  private void copy(Page page, Block block, boolean live) throws IOException {
    if (page.holdsCounters()) {
      // Without a copy in between, which would be a sixth of a warm scrape.
      readCells(high, page.firstCell, page.count, block, 0);
    } else {
      System.arraycopy(readBlock(page, block, live), 0, high, page.firstCell, page.count);
    }
  }

  /** The sums of a page's blocks. */
  private void add(Page page, boolean shared, boolean live) throws IOException {
    Arrays.fill(pageHigh, 0, page.count, 0);
    Arrays.fill(pageLow, 0, page.count, 0);
    if (shared) {
      double[] cells = readBlock(page, page.shared, live);
      addCells(cells, page.count);
      for (int i = 0; i < page.gauges.size(); i++) {
        // As it is: adding to 0 would lose the sign of -0.0.
        int value = page.gauges.get(i) + VALUE_CELL;
        pageHigh[value] = cells[value];
      }
    }
    for (int i = 0; i < page.lanes.size(); i++) {
      addCells(readBlock(page, page.lanes.get(i), live), page.count);
    }
    DoubleDouble.normalize(pageHigh, pageLow, page.count);
    System.arraycopy(pageHigh, 0, high, page.firstCell, page.count);
    System.arraycopy(pageLow, 0, low, page.firstCell, page.count);
    page.hasLows = true;
  }

  private void addCells(double[] cells, int count) {
    DoubleDouble.accumulate(pageHigh, pageLow, cells, 0, count);
  }

  /** Reads a block; what is returned is overwritten by the next. */
  private double[] readBlock(Page page, Block block, boolean live) throws IOException {
    readCells(first, 0, page.count, block, 0);
    if (page.holdsCounters()) {
      return first;
    }
    VarHandle.loadLoadFence();
    readCells(second, 0, page.count, block, 0);
    for (int i = 0; i < page.gauges.size(); i++) {
      int setTime = page.gauges.get(i) + SET_TIME_CELL;
      second[setTime] = first[setTime];
    }
    for (int i = 0; i < page.distributions.size(); i++) {
      settle(page.distributions.get(i), block, live);
    }
    return second;
  }

  /** Makes the second read of a distribution consistent, if that can be had. */
  private void settle(Distribution distribution, Block block, boolean live) throws IOException {
    int from = distribution.firstCell;
    int to = from + distribution.count;
    for (int tries = 0; live && tries < MAX_TRIES; tries++) {
      if (Arrays.equals(first, from, to, second, from, to)) {
        break;
      }
      System.arraycopy(second, from, first, from, distribution.count);
      VarHandle.loadLoadFence();
      readCells(second, from, distribution.count, block, from);
    }
    chooseSum(from, to - 1);
  }

  /** The total of the buckets, which end before the parity cell, tells which sum is in use. */
  private void chooseSum(int from, int parityCell) {
    double total = 0;
    for (int i = from + FIRST_BUCKET_CELL; i < parityCell; i++) {
      total += second[i];
    }
    boolean odd = ((long) total & 1) == 1;
    second[from + EVEN_SUM_CELL] = second[from + (odd ? ODD_SUM_CELL : EVEN_SUM_CELL)];
    // Of no use to anyone but the writer.
    second[from + ODD_SUM_CELL] = 0;
    second[parityCell] = 0;
  }

  static void readCells(double[] into, int to, int count, Block block, int from)
      throws IOException {
    long offset = block.offset + (long) from * CELL_LENGTH;
    synchronized (Scratch.LOCK) {
      ByteBuffer buffer = Scratch.buffer();
      for (int read = 0; read < count; ) {
        int cells = Math.min(count - read, buffer.capacity() / CELL_LENGTH);
        buffer.clear().limit(cells * CELL_LENGTH);
        if (!block.source.read(buffer, offset + (long) read * CELL_LENGTH)) {
          throw new UnreadableFileException(Reason.TRUNCATED, "cut within its cells");
        }
        buffer.flip().asDoubleBuffer().get(into, to + read, cells);
        read += cells;
      }
    }
  }
}
