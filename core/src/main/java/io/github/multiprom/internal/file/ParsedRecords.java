package io.github.multiprom.internal.file;

import static io.github.multiprom.internal.file.WorkerFileLayout.*;

import io.github.multiprom.internal.file.UnreadableFileException.Reason;
import io.github.multiprom.model.BucketChunk;
import io.github.multiprom.model.Catalog;
import io.github.multiprom.model.FamilyDescriptor;
import io.github.multiprom.model.Incarnation;
import io.github.multiprom.model.RefinedCells;
import io.github.multiprom.model.SeriesDescriptor;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What the records of one worker file say, as far as they were parsed. One thread.
 *
 * <p>A record whose fields make no sense throws an {@link IllegalArgumentException} or a {@link
 * java.nio.BufferUnderflowException}; the file is damaged from there on. One for which there is no
 * heap can be parsed again.
 */
final class ParsedRecords {
  /** Stands for a family of a later kind, and its series. */
  private static final int PASSED_OVER = -1;

  private static final long HIGH_AND_LOW_BYTES = 2 * CELL_LENGTH;

  /** A small object, what it refers to, and its places in lists. */
  private static final long OBJECT_BYTES = 64;

  /** Of the cells of a native histogram, beside their words. */
  private static final long NATIVE_COPIES_BYTES = NativeReader.COPIES * CELL_LENGTH;

  /** What the bytes of a family become, strings and boxed bounds above all. */
  private static final long FAMILY_COPIES = 4;

  /** What the bytes of exemplars become, and two copies of them while they are read. */
  private static final long EXEMPLAR_COPIES = 4;

  private final ByteSource source;
  // Where blocks lie; null for the file itself.
  private final ByteSource map;
  private final RecordDecoder decoder;
  private final HeapBudget budget;
  private final boolean isRetained;
  private long takenBytes;

  private UnreadableFileException newer;
  private final List<FamilyDescriptor> families = new ArrayList<>();
  private final List<SeriesDescriptor> series = new ArrayList<>();
  // By number in the file: the index in the catalog, or PASSED_OVER.
  private final IntList familyIndexes = new IntList();
  private final IntList seriesIndexes = new IntList();
  // By index in the catalog, with room for more.
  private long[] removedNanos = new long[16];
  private final Set<Incarnation> retired = new LinkedHashSet<>();
  private final Set<Incarnation> predecessors = new LinkedHashSet<>();
  private long mapBlocksLength;
  private long fileBlocksLength;
  private final BitSet lanes = new BitSet();
  private final CellReader cells;
  private final ExemplarReader exemplars = new ExemplarReader();
  private final ParsedChunks chunks;
  private boolean catalogIsOld;
  private Catalog catalog = new Catalog(List.of(), List.of(), new long[0]);

  /**
   * No records yet of a file, and of the map beside it or null.
   *
   * @param isRetained whether they are those of the totals
   */
  ParsedRecords(ByteSource source, ByteSource map, LabelInterner labels, boolean isRetained) {
    this.source = source;
    this.map = map;
    this.isRetained = isRetained;
    decoder = new RecordDecoder(labels);
    budget = labels.budget();
    cells = new CellReader(budget);
    chunks = new ParsedChunks(cells);
  }

  /** The cells of all series. */
  CellReader cells() {
    return cells;
  }

  /** The exemplars of all series. */
  ExemplarReader exemplars() {
    return exemplars;
  }

  /** What summaries with quantiles had counted before. */
  HistoryReader history() {
    return chunks.history();
  }

  /** The chunks of native histograms, by the index of the series. */
  Map<Integer, List<BucketChunk>> chunks() {
    return chunks.all();
  }

  /** The families and series. */
  Catalog catalog() {
    if (catalogIsOld) {
      catalogIsOld = false;
      catalog =
          new Catalog(
              List.copyOf(families),
              List.copyOf(series),
              Arrays.copyOf(removedNanos, series.size()));
    }
    return catalog;
  }

  int seriesCount() {
    return series.size();
  }

  /** How many lanes, beside lane 0, have cells. */
  int laneCount() {
    return lanes.cardinality();
  }

  Set<Incarnation> retired() {
    return retired;
  }

  Set<Incarnation> predecessors() {
    return predecessors;
  }

  /** What of a later release must not be lost; null if there is nothing. */
  UnreadableFileException newer() {
    return newer;
  }

  /** Bytes of the blocks in the map. */
  long mapBlocksLength() {
    return mapBlocksLength;
  }

  /** Gives back the heap that all of it took. */
  void forget() {
    budget.give(takenBytes);
    takenBytes = 0;
  }

  /**
   * Parses the fields of a record.
   *
   * @param next where the next record is, unless this one says where
   * @param size of the file
   * @param mapSize of the map
   * @return where the next record is
   * @throws UnreadableFileException if there is no room for what it says
   */
  long parse(int kind, ByteBuffer fields, long next, long size, long mapSize)
      throws UnreadableFileException {
    // Whatever is taken is taken before anything is changed, so that a record that finds no room
    // can be parsed again.
    catalogIsOld |= kind == FAMILY || kind == SERIES || kind == TOMBSTONE;
    switch (kind) {
      case FAMILY -> parseFamily(fields);
      case SERIES -> parseSeries(fields);
      case PAGE -> {
        int count = fields.getInt();
        if (count <= 0 || count > MAX_PAGE_CELLS || cells.cellCount() + count > MAX_CELLS) {
          throw new IllegalArgumentException("page of " + count + " cells");
        }
        take(HIGH_AND_LOW_BYTES * count);
        cells.addPage(count, block(fields.getLong(), count, size, mapSize));
      }
      case BLOCK -> {
        int lane = fields.getInt();
        int page = index(fields.getInt(), cells.pageCount());
        long position = fields.getLong();
        if (lane <= SHARED_LANE || lane > MAX_LANE) {
          throw new IllegalArgumentException("lane " + lane);
        }
        take(OBJECT_BYTES);
        cells.addBlock(page, lane, block(position, cells.cellCountOf(page), size, mapSize));
        lanes.set(lane);
      }
      case TOMBSTONE -> {
        int index = seriesIndexes.get(index(fields.getInt(), seriesIndexes.size()));
        if (index != PASSED_OVER) {
          removedNanos[index] = Math.max(1, fields.getLong());
        }
      }
      case BUCKETS -> {
        int index = seriesIndexes.get(index(fields.getInt(), seriesIndexes.size()));
        take(OBJECT_BYTES);
        if (index != PASSED_OVER) {
          chunks.parse(index, fields);
        }
      }
      case HISTORY -> {
        int index = seriesIndexes.get(index(fields.getInt(), seriesIndexes.size()));
        long position = fields.getLong();
        if (index != PASSED_OVER) {
          int count = chunks.historyCells(index);
          // Of the totals all snapshots are held, of others two at most.
          int held = isRetained ? count : 2 * RefinedCells.CHUNK_CELLS;
          take(held / RefinedCells.CHUNK_CELLS * OBJECT_BYTES + (long) CELL_LENGTH * held);
          chunks.addHistory(index, block(position, count, size, mapSize));
        }
      }
      case EXEMPLARS -> {
        int index = seriesIndexes.get(index(fields.getInt(), seriesIndexes.size()));
        int slotCount = fields.getInt();
        int slotLength = fields.getInt();
        if ((slotLength != ExemplarSlots.SHORT_SLOT_LENGTH
                && slotLength != ExemplarSlots.LONG_SLOT_LENGTH)
            || slotCount <= 0
            || slotCount > MAX_RECORD_LENGTH / slotLength) {
          throw new IllegalArgumentException(slotCount + " slots of " + slotLength);
        }
        int length = slotCount * slotLength;
        take(EXEMPLAR_COPIES * length);
        CellReader.Block block = block(fields.getLong(), length / CELL_LENGTH, size, mapSize);
        if (index != PASSED_OVER) {
          exemplars.add(index, block, slotCount, slotLength);
        }
      }
      case SEGMENT -> {
        int length = fields.getInt();
        long offset = fields.getLong();
        // Forward only, so that a walk ends.
        if (length <= 0 || offset < next || offset > size - length) {
          throw new IllegalArgumentException("segment at " + offset + " of " + length);
        }
        return offset;
      }
      case RETIRED -> {
        take(OBJECT_BYTES);
        fields.getInt();
        retired.add(decoder.incarnation(fields));
      }
      case PREDECESSOR -> {
        take(OBJECT_BYTES);
        fields.getInt();
        predecessors.add(decoder.incarnation(fields));
      }
      default -> {
        // A kind of a later release: what it adds is not needed to read the rest.
        if ((kind & MAY_BE_LOST) == 0) {
          noteNewer("records of kind " + kind);
        }
      }
    }
    return next;
  }

  private void noteNewer(String what) {
    if (newer == null) {
      newer =
          new UnreadableFileException(
              Reason.NEWER, what + ", which this release does not know and leaves out");
    }
  }

  private void take(long bytes) throws UnreadableFileException {
    budget.take(bytes);
    takenBytes += bytes;
  }

  private void parseFamily(ByteBuffer fields) throws UnreadableFileException {
    take(FAMILY_COPIES * fields.remaining());
    FamilyDescriptor family = decoder.family(fields);
    if (family == null) {
      noteNewer("a family of a later kind");
      familyIndexes.add(PASSED_OVER);
    } else {
      familyIndexes.add(families.size());
      families.add(family);
      if (!family.ownRegistries()) {
        families.replaceAll(
            other ->
                other.ownRegistries() && other.name().equals(family.name())
                    ? other.withOwnRegistries(false)
                    : other);
      }
    }
  }

  private void parseSeries(ByteBuffer fields) throws UnreadableFileException {
    int family = familyIndexes.get(index(fields.getInt(), familyIndexes.size()));
    if (family == PASSED_OVER) {
      seriesIndexes.add(PASSED_OVER);
      return;
    }
    int page = index(fields.getInt(), cells.pageCount());
    int firstInPage = fields.getInt();
    FamilyDescriptor descriptor = families.get(family);
    long createdNanos = fields.getLong();
    String owner = RecordDecoder.string(fields);
    List<String> labelValues = decoder.labelValues(fields);
    if (labelValues.size() != descriptor.labelNames().size()) {
      throw new IllegalArgumentException(labelValues.size() + " label values");
    }
    boolean isNative = descriptor.nativeShape() != null;
    int nativeCells = isNative ? descriptor.cellCount() : 0;
    // It has no cells for its classic buckets; those who add it up have.
    int buckets = isNative ? descriptor.upperBounds().size() + 1 : 0;
    take(OBJECT_BYTES + HIGH_AND_LOW_BYTES * buckets + NATIVE_COPIES_BYTES * nativeCells);
    int firstCell =
        isNative
            ? chunks.addSeries(series.size(), page, firstInPage, descriptor)
            : cells.addSeries(page, firstInPage, descriptor);
    if (series.size() == removedNanos.length) {
      removedNanos = Arrays.copyOf(removedNanos, 2 * series.size());
    }
    seriesIndexes.add(series.size());
    series.add(new SeriesDescriptor(family, labelValues, createdNanos, owner, firstCell));
  }

  /** The block at a position that a record tells. */
  private CellReader.Block block(long position, int count, long size, long mapSize) {
    long length = (long) count * CELL_LENGTH;
    if (map != null && position >= 0) {
      mapBlocksLength += length;
      checkBlock(position, length, mapBlocksLength, mapSize);
      return new CellReader.Block(map, position);
    }
    long offset = map == null ? position : ~position;
    fileBlocksLength += length;
    checkBlock(offset, length, fileBlocksLength, size);
    return new CellReader.Block(source, offset);
  }

  /** Blocks do not overlap, so together they are no longer than their file. */
  private static void checkBlock(long offset, long length, long allLengths, long size) {
    if (offset < HEADER_LENGTH
        || offset % CELL_LENGTH != 0
        || offset > size - length
        || allLengths > Math.min(size, MAX_BLOCKS_LENGTH)) {
      throw new IllegalArgumentException("block at " + offset);
    }
  }

  private static int index(int index, int size) {
    if (index < 0 || index >= size) {
      throw new IllegalArgumentException("index " + index + " of " + size);
    }
    return index;
  }
}
