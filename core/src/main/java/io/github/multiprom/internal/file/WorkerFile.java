package io.github.multiprom.internal.file;

import static io.github.multiprom.internal.file.WorkerFileLayout.*;
import static io.github.multiprom.model.RefinedCells.CHUNK_CELLS;
import static io.github.multiprom.model.SeriesLayout.EVEN_SUM_CELL;
import static io.github.multiprom.model.SeriesLayout.FIRST_BUCKET_CELL;
import static io.github.multiprom.model.SeriesLayout.NATIVE_PARITY_CELL;
import static io.github.multiprom.model.SeriesLayout.ODD_SUM_CELL;

import io.github.multiprom.model.ChunkKey;
import io.github.multiprom.model.FamilyDescriptor;
import io.github.multiprom.model.Incarnation;
import io.github.multiprom.model.MetricType;
import io.github.multiprom.model.RefinedCounts;
import io.github.multiprom.model.WorkerInfo;
import java.io.IOException;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.DoubleBuffer;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Writes one worker file. Thread-safe: what appends takes the monitor, what counts takes no lock.
 *
 * <p>The publish protocol: a record is written behind the last published one, complete and with its
 * checksum, and then one release store moves {@link WorkerFileLayout#PUBLISHED_OFFSET} past it. A
 * reader that sees the new end sees the whole record; a writer that is killed before the store has
 * changed nothing. Space is added before the record that tells of it, so the same holds for
 * segments, pages and blocks.
 */
public final class WorkerFile {
  private static final int FIRST_PAGE_CELLS = 64;

  /** Pages grow up to this, but for a series that needs a longer one. */
  private static final int LONG_PAGE_CELLS = 2048;

  private static final int CELLS_ALIGNMENT = BLOCK_ALIGNMENT / CELL_LENGTH;

  /** After a failure to grow, the next try waits so long: a full disk must not be slow as well. */
  public static final long GROWTH_PAUSE_NANOS = 1_000_000_000L;

  /** Pages of chunks grow up to this: a lane takes a block for a whole page. */
  private static final int LONG_CHUNK_PAGE_CELLS = 512;

  /** Bytes of the blocks that lanes have in pages of chunks, unless a worker is told otherwise. */
  public static final int DEFAULT_LANE_BYTES = 8 << 20;

  private static final double[] ZERO = {};

  /** What the cells of a page are for. */
  private enum Use {
    SUMS,
    SET,
    NATIVE,
    CHUNKS
  }

  private final WorkerInfo info;
  private final Segments segments;
  private final CellBlocks blocks;
  private final CrashPoint crashPoint;
  private final RecordEncoder encoder = new RecordEncoder();
  // publish() holds a record of the first while it adds a segment.
  private final RecordEncoder encoderForSegments = new RecordEncoder();
  private final RecordChecksum checksum;

  private final ByteBuffer header;
  private long totalLength;

  // The last segment, the only one with room.
  private ByteBuffer segment;
  private long segmentOffset;
  private int recordsEnd;
  private int blocksStart;

  private long pauseUntilNanos;
  private boolean paused;

  private FamilyDescriptor[] families = new FamilyDescriptor[16];
  private int familyCount;
  private int pageCount;
  private long blocksLength;
  private int cellCount;
  // The pages that have room, by their use.
  private final Map<Use, Page> lastPages = new EnumMap<>(Use.class);
  private final long maxChunkBytes;
  private long chunkBytes;
  private SeriesPlace[] series = new SeriesPlace[16];
  private int seriesCount;

  /** A run of logical cells that every lane may have a block for. */
  public static final class Page {
    public final int index;
    public final int cellCount;
    public final ByteBuffer shared;
    private final boolean hasChunks;
    private int usedCells;

    private Page(int index, int cellCount, ByteBuffer shared, boolean hasChunks) {
      this.index = index;
      this.cellCount = cellCount;
      this.shared = shared;
      this.hasChunks = hasChunks;
    }
  }

  /** Where a chunk of a native histogram lies. */
  public record ChunkPlace(Page page, int firstCell) {}

  /**
   * Where the cells of a series lie.
   *
   * @param chunks of a native histogram, those with which it was published
   */
  public record SeriesPlace(
      FamilyDescriptor family, Page page, int firstCell, Map<ChunkKey, ChunkPlace> chunks) {
    public int offset() {
      return firstCell * CELL_LENGTH;
    }

    /** The page's cells in the shared lane, for one writer at a time. */
    public DoubleBuffer sharedCells() {
      return doubles(page.shared);
    }
  }

  /**
   * Writes header and first segment.
   *
   * @param blocks where blocks lie as long as it has room; null for the segments
   * @param flags {@link WorkerFileLayout#FLAG_RETAINED} or 0
   * @throws IOException if there is no space
   */
  public WorkerFile(
      WorkerInfo info, Segments segments, CellBlocks blocks, int flags, CrashPoint crashPoint)
      throws IOException {
    this(info, segments, blocks, flags, DEFAULT_LANE_BYTES, crashPoint);
  }

  /**
   * As above.
   *
   * @param maxLaneBytes most bytes of the blocks that lanes have in pages of chunks, beside the
   *     shared lane
   */
  public WorkerFile(
      WorkerInfo info,
      Segments segments,
      CellBlocks blocks,
      int flags,
      long maxLaneBytes,
      CrashPoint crashPoint)
      throws IOException {
    this.info = info;
    this.maxChunkBytes = maxLaneBytes;
    this.checksum = new RecordChecksum(info.incarnation());
    this.segments = segments;
    this.blocks = blocks;
    this.crashPoint = crashPoint;
    header = segments.add(0, FIRST_SEGMENT_LENGTH);
    crashPoint.passed("first segment added");
    segment = header;
    totalLength = FIRST_SEGMENT_LENGTH;
    recordsEnd = HEADER_LENGTH;
    blocksStart = FIRST_SEGMENT_LENGTH;
    WorkerHeader.write(header, info, blocks == null ? flags : flags | FLAG_MAP);
    setWord(BEAT_TIME_OFFSET, info.createdNanos());
    if ((flags & FLAG_RETAINED) == 0) {
      setWord(MONOTONIC_BEAT_OFFSET, monotonicNanos());
    }
    setWord(PUBLISHED_OFFSET, HEADER_LENGTH);
    crashPoint.passed("header written");
  }

  public WorkerInfo info() {
    return info;
  }

  /** Publishes a family and returns its index. */
  public synchronized int addFamily(FamilyDescriptor family) throws IOException {
    if (familyCount == families.length) {
      families = Arrays.copyOf(families, 2 * familyCount);
    }
    int length = append(encoder.family(family));
    families[familyCount] = family;
    familyCount++;
    recordsEnd += length;
    publishRecords();
    return familyCount - 1;
  }

  /** Publishes a series, its cells 0, and returns its index. */
  public int addSeries(int family, List<String> labelValues, long createdNanos, String owner)
      throws IOException {
    return addSeries(family, labelValues, createdNanos, owner, ZERO);
  }

  /**
   * Publishes a series with its value and returns its index. The value is in its cells before the
   * record is published: a reader of the series sees it.
   *
   * @param value empty for 0; of a counter the sum; of a gauge the value and the set time; of a
   *     distribution the sum and the buckets; of a native histogram what {@link RefinedCounts} has
   */
  public synchronized int addSeries(
      int family, List<String> labelValues, long createdNanos, String owner, double[] value)
      throws IOException {
    FamilyDescriptor descriptor = families[family];
    int cells = descriptor.cellCount();
    Page page = pageWithRoom(useOf(descriptor), cells);
    // A native histogram's are added before it is published.
    Map<ChunkKey, ChunkPlace> chunks =
        descriptor.nativeShape() == null ? Map.of() : new TreeMap<>();
    SeriesPlace place = new SeriesPlace(descriptor, page, page.usedCells, chunks);
    if (seriesCount == series.length) {
      series = Arrays.copyOf(series, 2 * seriesCount);
    }
    // First: cells that a stack overflow leaves half written are never given to another series.
    page.usedCells += cells;
    int length;
    try {
      writeValue(place, value);
      length =
          appendAll(
              encoder.series(family, page.index, place.firstCell, createdNanos, owner, labelValues),
              chunks);
    } catch (IOException e) {
      chunks.values().forEach(chunk -> giveBack(chunk.page, chunk.firstCell, CHUNK_CELLS));
      giveBack(page, place.firstCell, cells);
      throw e;
    }
    series[seriesCount] = place;
    seriesCount++;
    recordsEnd += length;
    publishRecords();
    return seriesCount - 1;
  }

  private static Use useOf(FamilyDescriptor family) {
    if (family.nativeShape() != null) {
      return Use.NATIVE;
    }
    return family.type().isSet() ? Use.SET : Use.SUMS;
  }

  private static void giveBack(Page page, int firstCell, int count) {
    doubles(page.shared).put(firstCell, new double[count]);
    page.usedCells = Math.min(page.usedCells, firstCell);
  }

  /** Writes the cells of a native histogram that nobody sees yet, and those of its chunks. */
  private void writeChunks(SeriesPlace place, double[] numbers) throws IOException {
    RefinedCounts counts = RefinedCounts.of(numbers);
    for (Map.Entry<ChunkKey, double[]> chunk : counts.chunks().entrySet()) {
      ChunkPlace to = takeChunk();
      place.chunks.put(chunk.getKey(), to);
      doubles(to.page.shared).put(to.firstCell, chunk.getValue());
    }
    DoubleBuffer cells = place.sharedCells();
    cells.put(place.firstCell + ODD_SUM_CELL, numbers[0]);
    cells.put(place.firstCell + EVEN_SUM_CELL, numbers[0]);
    double parity = (double) ((long) counts.total() & 1);
    cells.put(place.firstCell + NATIVE_PARITY_CELL, parity);
  }

  /** Appends a series and its chunks, which are published together: all are in one segment. */
  private int appendAll(ByteBuffer seriesRecord, Map<ChunkKey, ChunkPlace> chunks)
      throws IOException {
    int length = seriesRecord.remaining();
    makeRoom(length + BUCKETS_RECORD_LENGTH * chunks.size());
    write(seriesRecord, recordsEnd);
    for (Map.Entry<ChunkKey, ChunkPlace> chunk : chunks.entrySet()) {
      ChunkPlace at = chunk.getValue();
      write(
          encoder.buckets(seriesCount, chunk.getKey(), at.page.index, at.firstCell),
          recordsEnd + length);
      length += BUCKETS_RECORD_LENGTH;
    }
    crashPoint.passed("record written");
    return length;
  }

  private ChunkPlace takeChunk() throws IOException {
    Page page = pageWithRoom(Use.CHUNKS, CHUNK_CELLS);
    ChunkPlace place = new ChunkPlace(page, page.usedCells);
    page.usedCells += CHUNK_CELLS;
    return place;
  }

  /**
   * Publishes a chunk of a native histogram, its cells 0.
   *
   * @throws IOException if there is no space
   */
  public synchronized ChunkPlace addChunk(int seriesIndex, ChunkKey key) throws IOException {
    ChunkPlace place = takeChunk();
    try {
      publish(encoder.buckets(seriesIndex, key, place.page.index, place.firstCell));
    } catch (IOException e) {
      giveBack(place.page, place.firstCell, CHUNK_CELLS);
      throw e;
    }
    return place;
  }

  /** Writes the cells of a series that nobody sees yet. */
  private void writeValue(SeriesPlace place, double[] value) throws IOException {
    boolean isZero = true;
    for (double part : value) {
      // As bits: -0 is a value of a gauge.
      isZero &= Double.doubleToRawLongBits(part) == 0;
    }
    if (isZero) {
      return;
    }
    MetricType type = place.family.type();
    DoubleBuffer cells = place.sharedCells();
    int first = place.firstCell;
    if (place.family.nativeShape() != null) {
      writeChunks(place, value);
    } else if (type.isDistribution()) {
      writeDistribution(cells, first, value);
    } else {
      cells.put(first, value);
    }
    if (!type.isSet()) {
      noteSharedLane();
    }
    crashPoint.passed("value written");
  }

  /** Writes the sum and the buckets of a distribution into cells of 0. */
  private static void writeDistribution(DoubleBuffer cells, int firstCell, double[] sumAndBuckets) {
    cells.put(firstCell + ODD_SUM_CELL, sumAndBuckets[0]);
    cells.put(firstCell + EVEN_SUM_CELL, sumAndBuckets[0]);
    int bucketCount = sumAndBuckets.length - 1;
    cells.put(firstCell + FIRST_BUCKET_CELL, sumAndBuckets, 1, bucketCount);
    double total = 0;
    for (int i = 1; i <= bucketCount; i++) {
      total += sumAndBuckets[i];
    }
    cells.put(firstCell + FIRST_BUCKET_CELL + bucketCount, (double) ((long) total & 1));
  }

  public synchronized SeriesPlace place(int seriesIndex) {
    return series[seriesIndex];
  }

  /** Publishes that a series was removed. */
  public synchronized void addTombstone(int seriesIndex, long removedNanos) throws IOException {
    publish(encoder.tombstone(seriesIndex, removedNanos));
  }

  /** Publishes that an incarnation was one of this worker before this one. */
  public synchronized void addPredecessor(Incarnation incarnation) throws IOException {
    publish(encoder.predecessor(incarnation));
  }

  /** Publishes that the totals of an incarnation are in this file. */
  public synchronized void addRetired(Incarnation incarnation) throws IOException {
    publish(encoder.retired(incarnation));
  }

  private static DoubleBuffer doubles(ByteBuffer block) {
    return block.asDoubleBuffer();
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
    CellBlocks.Block block = allocateBlock(length * CELL_LENGTH);
    Page page = new Page(pageCount, length, block.bytes(), use == Use.CHUNKS);
    int recordLength = append(encoder.page(length, block.position()));
    pageCount++;
    cellCount += length;
    lastPages.put(use, page);
    recordsEnd += recordLength;
    publishRecords();
    return page;
  }

  /**
   * Gives one lane a block of its own in a page.
   *
   * @throws IOException if there is no space, or lanes have as much in pages of chunks as they may
   */
  public synchronized ByteBuffer addBlock(int lane, Page page) throws IOException {
    int length = page.cellCount * CELL_LENGTH;
    if (page.hasChunks && chunkBytes + length > maxChunkBytes) {
      throw new NoSpaceException();
    }
    CellBlocks.Block block = allocateBlock(length);
    publish(encoder.block(lane, page.index, block.position()));
    chunkBytes += page.hasChunks ? length : 0;
    return block.bytes();
  }

  /**
   * Gives a series slots for its exemplars, in the place of those that it had.
   *
   * @param slotLength one of those of {@link ExemplarSlots}
   */
  public synchronized ExemplarSlots addExemplars(int seriesIndex, int slotCount, int slotLength)
      throws IOException {
    CellBlocks.Block block = allocateBlock(slotCount * slotLength);
    publish(encoder.exemplars(seriesIndex, slotCount, slotLength, block.position()));
    return new ExemplarSlots(block.bytes(), slotLength);
  }

  /** Takes a block: from the map, or where that has no room from the back of the last segment. */
  private CellBlocks.Block allocateBlock(int length) throws IOException {
    if (blocksLength + length > MAX_BLOCKS_LENGTH) {
      throw new FormatLimitException("it has no room for so many cells in so many lanes");
    }
    CellBlocks.Block block = newBlock(length);
    blocksLength += length;
    return block;
  }

  private CellBlocks.Block newBlock(int length) throws IOException {
    if (blocks != null) {
      // First: a block whose record finds no space would be lost.
      makeRoom(BLOCK_RECORD_LENGTH);
      CellBlocks.Block block = blocks.add(length);
      if (block != null) {
        return block;
      }
    }
    if (blockStart(length) < recordsEnd + SEGMENT_RECORD_LENGTH) {
      addSegment(length + BLOCK_ALIGNMENT);
    }
    blocksStart = blockStart(length);
    ByteBuffer bytes = segment.slice(blocksStart, length).order(ByteOrder.LITTLE_ENDIAN);
    long position = segmentOffset + blocksStart;
    return new CellBlocks.Block(blocks == null ? position : ~position, bytes);
  }

  private int blockStart(int length) {
    return (blocksStart - length) & -BLOCK_ALIGNMENT;
  }

  /** Appends a record; package-private for tests of what other writers might append. */
  synchronized void publish(ByteBuffer record) throws IOException {
    int length = append(record);
    recordsEnd += length;
    publishRecords();
  }

  /*
   * A record is published in three steps: write it; note in memory, without any call, that it is
   * there; publish it. A stack overflow, which any call may end in, leaves memory and file as they
   * were if it strikes before the second step. After that the record is published now or together
   * with the next one, and memory knows of it.
   */
  private int append(ByteBuffer record) throws IOException {
    int length = record.remaining();
    makeRoom(length);
    write(record, recordsEnd);
    crashPoint.passed("record written");
    return length;
  }

  private void makeRoom(int length) throws IOException {
    if (recordsEnd + length + SEGMENT_RECORD_LENGTH > blocksStart) {
      addSegment(length);
    }
  }

  private void publishRecords() {
    setWord(PUBLISHED_OFFSET, segmentOffset + recordsEnd);
    crashPoint.passed("record published");
  }

  private void write(ByteBuffer record, int at) {
    int length = record.remaining();
    long position = segmentOffset + at;
    record.putInt(RECORD_CHECKSUM_OFFSET, checksum.of(position, record, length));
    segment.put(at, record.array(), record.arrayOffset(), length);
  }

  /** Makes a new last segment with room for so many bytes, and a SEGMENT record behind them. */
  private void addSegment(int needed) throws IOException {
    if (paused && System.nanoTime() - pauseUntilNanos < 0) {
      throw new NoSpaceException();
    }
    long needLength = roundUp((long) needed + SEGMENT_RECORD_LENGTH);
    long wantedLength =
        Math.max(
            needLength,
            Math.max(FIRST_SEGMENT_LENGTH, roundUp(Math.min(totalLength / 2, MAX_SEGMENT_GROWTH))));
    ByteBuffer added;
    try {
      added = segments.add(totalLength, (int) wantedLength);
    } catch (IOException e) {
      wantedLength = needLength;
      added = addLastTry((int) needLength);
    }
    paused = false;
    crashPoint.passed("segment added");
    ByteBuffer record = encoderForSegments.segment(totalLength, (int) wantedLength);
    write(record, recordsEnd);
    crashPoint.passed("segment record written");
    segment = added;
    segmentOffset = totalLength;
    recordsEnd = 0;
    blocksStart = (int) wantedLength;
    totalLength += wantedLength;
    setWord(PUBLISHED_OFFSET, segmentOffset);
    crashPoint.passed("segment published");
  }

  /** The length in bytes. */
  public synchronized long length() {
    return totalLength;
  }

  /** Ends the pause after a failure to grow. */
  public synchronized void noteSpace() {
    paused = false;
  }

  private ByteBuffer addLastTry(int length) throws IOException {
    try {
      return segments.add(totalLength, length);
    } catch (IOException e) {
      pauseUntilNanos = System.nanoTime() + GROWTH_PAUSE_NANOS;
      paused = true;
      throw e;
    }
  }

  private static long roundUp(long length) {
    return (length + SEGMENT_ALIGNMENT - 1) & -SEGMENT_ALIGNMENT;
  }

  private void setWord(int offset, long value) {
    setWord(header, offset, value);
  }

  /** Sets a word, after everything that was written before. */
  public static void setWord(ByteBuffer header, int offset, long value) {
    VarHandle.releaseFence();
    // Aligned: one store.
    header.putLong(offset, value);
  }

  /** Must be called before additive cells of the shared lane are written. */
  public void noteSharedLane() {
    if (header.getLong(SHARED_LANE_USED_OFFSET) == 0) {
      setWord(SHARED_LANE_USED_OFFSET, 1);
    }
  }

  public void beat(long nowNanos) {
    setWord(BEAT_TIME_OFFSET, nowNanos);
    setWord(MONOTONIC_BEAT_OFFSET, monotonicNanos());
  }

  /** On Linux the clock of the kernel, equal in all processes; 0 stands for none. */
  private static long monotonicNanos() {
    long nanos = System.nanoTime();
    return nanos == 0 ? 1 : nanos;
  }

  public void noteSample(long nowNanos) {
    setWord(SAMPLE_TIME_OFFSET, nowNanos);
  }

  /** Tells at which port the worker serves its own metrics; 0 for none. */
  public void notePort(int port) {
    setWord(PORT_OFFSET, port);
  }

  public void markExit(long nowNanos) {
    setWord(EXIT_TIME_OFFSET, nowNanos);
  }

  /** Gives up the map; what is added from now on, which nobody sees, is in the segments. */
  public synchronized void closeMap() {
    if (blocks != null) {
      blocks.close();
    }
  }

  public boolean isReachable() {
    return segments.isReachable() && (blocks == null || blocks.isReachable());
  }

  /** Whether others find this file, and not the map that has its blocks. */
  public boolean hasLostItsMap() {
    return blocks != null && !blocks.isReachable() && segments.isReachable();
  }
}
