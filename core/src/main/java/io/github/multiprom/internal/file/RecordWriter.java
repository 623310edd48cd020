package io.github.multiprom.internal.file;

import static io.github.multiprom.internal.file.WorkerFileLayout.*;

import io.github.multiprom.model.Incarnation;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Writes the records of one worker file and takes the blocks that they tell of. Records fill a
 * segment from its front, blocks from its back. One thread at a time.
 *
 * <p>The publish protocol: a record is written behind the last published one, complete and with its
 * checksum, and then one release store moves {@link WorkerFileLayout#PUBLISHED_OFFSET} past it. A
 * reader that sees the new end sees the whole record; a writer that is killed before the store has
 * changed nothing. Space is added before the record that tells of it, so the same holds for
 * segments, pages and blocks.
 *
 * <p>A record is published in three steps: {@link #append} it; note in memory, without any call,
 * what it says; {@link #publish} it. A stack overflow, which any call may end in, leaves memory and
 * file as they were if it strikes before the second step. After that the record is published now or
 * together with the next one, and memory knows of it.
 */
final class RecordWriter {
  private final Segments segments;
  // Null where all blocks lie in the segments.
  private final CellBlocks blocks;
  private final CrashPoint crashPoint;
  private final RecordChecksum checksum;
  // Of segments: the caller holds a record of its own while one is added.
  private final RecordEncoder encoder = new RecordEncoder();

  private final ByteBuffer header;
  private long totalLength;

  // The last segment, the only one with room.
  private ByteBuffer segment;
  private long segmentOffset;
  private int recordsEnd;
  private int blocksStart;

  // Of the records that are being appended.
  private int writtenLength;
  private long blocksLength;

  private long pauseUntilNanos;
  private boolean paused;

  /**
   * Adds the first segment, of which the caller writes the header.
   *
   * @param blocks where blocks lie as long as it has room; null for the segments
   * @throws IOException if there is no space
   */
  RecordWriter(Incarnation incarnation, Segments segments, CellBlocks blocks, CrashPoint crashPoint)
      throws IOException {
    this.checksum = new RecordChecksum(incarnation);
    this.segments = segments;
    this.blocks = blocks;
    this.crashPoint = crashPoint;
    header = segments.add(0, FIRST_SEGMENT_LENGTH);
    segment = header;
    totalLength = FIRST_SEGMENT_LENGTH;
    recordsEnd = HEADER_LENGTH;
    blocksStart = FIRST_SEGMENT_LENGTH;
  }

  /** The header of the file. */
  ByteBuffer header() {
    return header;
  }

  /** The length of the file in bytes. */
  long length() {
    return totalLength;
  }

  /** Appends a record and publishes it. */
  void appendAndPublish(ByteBuffer record) throws IOException {
    append(record);
    publish();
  }

  /** Appends a record. */
  void append(ByteBuffer record) throws IOException {
    begin(record.remaining());
    write(record);
    end();
  }

  /**
   * Begins to append records that are published together: all are in one segment.
   *
   * @param length bytes of them all
   */
  void begin(int length) throws IOException {
    if (recordsEnd + length + SEGMENT_RECORD_LENGTH > blocksStart) {
      addSegment(length);
    }
    writtenLength = 0;
  }

  /** Writes the next of these records. */
  void write(ByteBuffer record) {
    write(record, recordsEnd + writtenLength);
    writtenLength += record.remaining();
  }

  /** All of them are written. */
  void end() {
    crashPoint.passed("record written");
    // Last: from here on they will be published.
    recordsEnd += writtenLength;
  }

  /** Publishes what was appended. */
  void publish() {
    WorkerFile.setWord(header, PUBLISHED_OFFSET, segmentOffset + recordsEnd);
    crashPoint.passed("record published");
  }

  private void write(ByteBuffer record, int at) {
    int length = record.remaining();
    long position = segmentOffset + at;
    record.putInt(RECORD_CHECKSUM_OFFSET, checksum.of(position, record, length));
    segment.put(at, record.array(), record.arrayOffset(), length);
  }

  /** Takes a block: from the map, or where that has no room from the back of the last segment. */
  CellBlocks.Block takeBlock(int length) throws IOException {
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
      begin(BLOCK_RECORD_LENGTH);
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
    ByteBuffer record = encoder.segment(totalLength, (int) wantedLength);
    write(record, recordsEnd);
    crashPoint.passed("segment record written");
    segment = added;
    segmentOffset = totalLength;
    recordsEnd = 0;
    blocksStart = (int) wantedLength;
    totalLength += wantedLength;
    WorkerFile.setWord(header, PUBLISHED_OFFSET, segmentOffset);
    crashPoint.passed("segment published");
  }

  private ByteBuffer addLastTry(int length) throws IOException {
    try {
      return segments.add(totalLength, length);
    } catch (IOException e) {
      pauseUntilNanos = System.nanoTime() + WorkerFile.GROWTH_PAUSE_NANOS;
      paused = true;
      throw e;
    }
  }

  private static long roundUp(long length) {
    return (length + SEGMENT_ALIGNMENT - 1) & -SEGMENT_ALIGNMENT;
  }

  /** Ends the pause after a failure to grow. */
  void noteSpace() {
    paused = false;
  }
}
