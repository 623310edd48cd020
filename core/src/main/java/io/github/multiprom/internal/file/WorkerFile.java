package io.github.multiprom.internal.file;

import static io.github.multiprom.internal.file.WorkerFileLayout.*;

import io.github.multiprom.model.ChunkKey;
import io.github.multiprom.model.EpochClock;
import io.github.multiprom.model.FamilyDescriptor;
import io.github.multiprom.model.Incarnation;
import io.github.multiprom.model.RefinedCounts;
import io.github.multiprom.model.WorkerInfo;
import java.io.IOException;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.DoubleBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * Writes one worker file. Thread-safe: what appends takes the monitor, what counts takes no lock.
 *
 * <p>{@link RecordWriter} has the protocol by which what is written here becomes visible.
 */
public final class WorkerFile {
  /** After a failure to grow, the next try waits so long: a full disk must not be slow as well. */
  public static final long GROWTH_PAUSE_NANOS = 1_000_000_000L;

  /** Bytes of the blocks that lanes have in pages of chunks, unless a worker is told otherwise. */
  public static final int DEFAULT_LANE_BYTES = 8 << 20;

  /** So many bits number the cells of a page of chunks. */
  public static final int CHUNK_PAGE_BITS = 9;

  private static final double[] ZERO = {};

  private final WorkerInfo info;
  private final Segments segments;
  // Null where all blocks lie in the segments.
  private final CellBlocks blocks;
  private final CrashPoint crashPoint;
  private final RecordEncoder encoder = new RecordEncoder();
  private final RecordWriter records;
  private final CellPages pages;
  private final ByteBuffer header;

  private FamilyDescriptor[] families = new FamilyDescriptor[16];
  private int familyCount;
  private SeriesPlace[] series = new SeriesPlace[16];
  private int seriesCount;

  /** A run of logical cells that every lane may have a block for. */
  public static final class Page {
    public final int index;
    public final int cellCount;
    public final ByteBuffer shared;
    final boolean hasChunks;
    int usedCells;

    Page(int index, int cellCount, ByteBuffer shared, boolean hasChunks) {
      this.index = index;
      this.cellCount = cellCount;
      this.shared = shared;
      this.hasChunks = hasChunks;
    }

    /** The page's cells in the shared lane, for one writer at a time. */
    DoubleBuffer sharedCells() {
      return shared.asDoubleBuffer();
    }
  }

  /**
   * Where a chunk of a native histogram lies.
   *
   * @param history of a summary with quantiles, for what the chunk had counted before; else null
   */
  public record ChunkPlace(Page page, int firstCell, CellBlocks.Block history) {
    /** The cells of the history, for one writer at a time. */
    public DoubleBuffer historyCells() {
      return history.bytes().asDoubleBuffer();
    }
  }

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
      return page.sharedCells();
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
    this.segments = segments;
    this.blocks = blocks;
    this.crashPoint = crashPoint;
    records = new RecordWriter(info.incarnation(), segments, blocks, crashPoint);
    pages = new CellPages(records, maxLaneBytes);
    header = records.header();
    crashPoint.passed("first segment added");
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
    records.append(encoder.family(family));
    families[familyCount] = family;
    familyCount++;
    records.publish();
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
    if (seriesCount == series.length) {
      series = Arrays.copyOf(series, 2 * seriesCount);
    }
    // First: cells that a stack overflow leaves half written are never given to another series.
    SeriesPlace place = pages.takeSeries(families[family]);
    try {
      writeValue(place, value);
      if (place.family.window() != null) {
        CellPages.writeFirstStamp(place, createdNanos / EpochClock.NANOS_PER_MILLISECOND);
        noteSharedLane();
      }
      append(
          encoder.series(
              family, place.page.index, place.firstCell, createdNanos, owner, labelValues),
          place.chunks);
    } catch (IOException e) {
      pages.giveBack(place);
      throw e;
    }
    series[seriesCount] = place;
    seriesCount++;
    records.publish();
    return seriesCount - 1;
  }

  /** Appends a series and its chunks, which are published together. */
  private void append(ByteBuffer seriesRecord, Map<ChunkKey, ChunkPlace> chunks)
      throws IOException {
    int chunkLength = BUCKETS_RECORD_LENGTH + HISTORY_RECORD_LENGTH;
    records.begin(seriesRecord.remaining() + chunkLength * chunks.size());
    records.write(seriesRecord);
    for (Map.Entry<ChunkKey, ChunkPlace> chunk : chunks.entrySet()) {
      writeChunk(seriesCount, chunk.getKey(), chunk.getValue());
    }
    records.end();
  }

  private void writeChunk(int seriesIndex, ChunkKey key, ChunkPlace place) throws IOException {
    records.write(encoder.buckets(seriesIndex, key, place));
    if (place.history != null) {
      records.write(encoder.history(seriesIndex, place.history.position()));
    }
  }

  /**
   * Publishes a chunk of a native histogram, its cells 0.
   *
   * @throws IOException if there is no space
   */
  public synchronized ChunkPlace addChunk(int seriesIndex, ChunkKey key) throws IOException {
    ChunkPlace place = pages.takeChunk(series[seriesIndex].family);
    try {
      records.begin(BUCKETS_RECORD_LENGTH + HISTORY_RECORD_LENGTH);
      writeChunk(seriesIndex, key, place);
      records.end();
      records.publish();
    } catch (IOException e) {
      pages.giveBack(place);
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
    pages.write(place, value);
    if (!place.family.type().isSet()) {
      noteSharedLane();
    }
    crashPoint.passed("value written");
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

  /**
   * Gives one lane a block of its own in a page.
   *
   * @throws IOException if there is no space, or lanes have as much in pages of chunks as they may
   */
  public synchronized ByteBuffer addBlock(int lane, Page page) throws IOException {
    return pages.addBlock(lane, page);
  }

  /**
   * Gives a series slots for its exemplars, in the place of those that it had.
   *
   * @param slotLength one of those of {@link ExemplarSlots}
   */
  public synchronized ExemplarSlots addExemplars(int seriesIndex, int slotCount, int slotLength)
      throws IOException {
    CellBlocks.Block block = records.takeBlock(slotCount * slotLength);
    publish(encoder.exemplars(seriesIndex, slotCount, slotLength, block.position()));
    return new ExemplarSlots(block.bytes(), slotLength);
  }

  /** Appends a record; package-private for tests of what other writers might append. */
  synchronized void publish(ByteBuffer record) throws IOException {
    records.appendAndPublish(record);
  }

  /** The length in bytes. */
  public synchronized long length() {
    return records.length();
  }

  /** Ends the pause after a failure to grow. */
  public synchronized void noteSpace() {
    records.noteSpace();
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
