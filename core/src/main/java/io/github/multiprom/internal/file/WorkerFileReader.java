package io.github.multiprom.internal.file;

import static io.github.multiprom.internal.file.WorkerFileLayout.*;

import io.github.multiprom.internal.file.UnreadableFileException.Reason;
import io.github.multiprom.internal.ownership.StoreFiles;
import io.github.multiprom.model.Catalog;
import io.github.multiprom.model.FamilyDescriptor;
import io.github.multiprom.model.Incarnation;
import io.github.multiprom.model.SeriesDescriptor;
import io.github.multiprom.model.Snapshot;
import io.github.multiprom.model.WorkerInfo;
import java.io.Closeable;
import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Reads one worker file while its worker may be writing it. One thread.
 *
 * <p>Records are parsed once; after that a refresh reads four words of the header and the cells.
 * Nothing that a file says is believed beyond its own length and the limits of the format.
 */
public final class WorkerFileReader implements Closeable {
  private static final int CHUNK_LENGTH = 64 << 10;

  /** Stands for a family of a later kind, and its series. */
  private static final int PASSED_OVER = -1;

  private static final long HIGH_AND_LOW_BYTES = 2 * CELL_LENGTH;

  /** A small object, what it refers to, and its places in lists. */
  private static final long OBJECT_BYTES = 64;

  /** What the bytes of a family become, strings and boxed bounds above all. */
  private static final long FAMILY_COPIES = 4;

  /** What the bytes of exemplars become, and two copies of them while they are read. */
  private static final long EXEMPLAR_COPIES = 4;

  /** A reason may quote what the file says. */
  private static final int MAX_WHY_LENGTH = 200;

  private static final int MAX_PORT = 65_535;

  private final ByteSource source;
  // Where blocks lie; null for the file itself.
  private final ByteSource map;
  private final WorkerInfo worker;
  private final WorkerHeader header;
  private final RecordDecoder decoder;

  private long parsedTo = HEADER_LENGTH;
  private long lastPublished = HEADER_LENGTH;
  private UnreadableFileException damage;
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
  private final HeapBudget budget;
  private long takenBytes;
  private long bytes;

  private boolean catalogIsOld;
  private Catalog catalog = new Catalog(List.of(), List.of(), new long[0]);
  private final CellReader cells;
  private final ExemplarReader exemplars = new ExemplarReader();
  private final RecordChecksum checksum;
  private final ByteBuffer words =
      ByteBuffer.allocate(HEADER_WORDS_LENGTH).order(ByteOrder.LITTLE_ENDIAN);

  /**
   * Opens a worker file, and the map beside it if its cells lie there.
   *
   * @param labels shared by the readers of one thread
   * @throws UnreadableFileException if these are not files that can be read
   */
  public static WorkerFileReader open(Path path, LabelInterner labels) throws IOException {
    ByteSource source = new FileSource(path);
    try {
      return new WorkerFileReader(source, path, labels);
    } catch (IOException | RuntimeException e) {
      source.close();
      throw e;
    }
  }

  /** Reads the header of what has no file beside it. */
  WorkerFileReader(ByteSource source, LabelInterner labels) throws IOException {
    this(source, null, labels);
  }

  private WorkerFileReader(ByteSource source, Path path, LabelInterner labels) throws IOException {
    this.source = source;
    this.decoder = new RecordDecoder(labels);
    this.budget = labels.budget();
    this.cells = new CellReader(budget);
    header = WorkerHeader.read(source);
    worker = header.worker();
    map = header.hasMap() ? openMap(path) : null;
    checksum = new RecordChecksum(worker.incarnation());
  }

  private ByteSource openMap(Path path) throws IOException {
    if (path == null) {
      throw new UnreadableFileException(Reason.FOREIGN, "without the file of its cells");
    }
    try {
      return new FileSource(
          StoreFiles.map(path.toAbsolutePath().getParent(), worker.incarnation()));
    } catch (NoSuchFileException e) {
      // It is deleted after the worker file.
      if (Files.notExists(path, LinkOption.NOFOLLOW_LINKS)) {
        throw e;
      }
      throw new UnreadableFileException(Reason.TRUNCATED, "the file of its cells is missing");
    }
  }

  public WorkerInfo worker() {
    return worker;
  }

  public boolean isRetained() {
    return header.isRetained();
  }

  /** How many lanes, beside lane 0, have cells. */
  public int laneCount() {
    return lanes.cardinality();
  }

  int seriesCount() {
    return series.size();
  }

  /** The incarnations whose totals are in this file, those that were retired last at the end. */
  public Set<Incarnation> retired() {
    return retired;
  }

  /**
   * Earlier incarnations of the worker or, in the totals, of retired workers; those of the workers
   * that were retired last at the end.
   */
  public Set<Incarnation> predecessors() {
    return predecessors;
  }

  /** What stopped the parsing of records for good; null if nothing did. */
  public UnreadableFileException damage() {
    return damage;
  }

  /**
   * What of a later release the file holds that must not be lost, so that this reader shows the
   * rest but never retires, rewrites or deletes the file; null if there is nothing.
   */
  public UnreadableFileException newer() {
    return newer;
  }

  /** What tells whether the worker lives, by the last {@link #readWords()}. */
  public LifeSigns lifeSigns() {
    return new LifeSigns(exitNanos(), word(MONOTONIC_BEAT_OFFSET), word(PUBLISHED_OFFSET));
  }

  /** Bytes of the file, and of the blocks in the map. */
  public long size() throws IOException {
    return source.size() + mapBlocksLength;
  }

  /**
   * Reads the header's words that change: how much is published, exit, beat, and whether the shared
   * lane was used.
   *
   * @throws IOException if that fails
   */
  public void readWords() throws IOException {
    if (!source.read(words.clear(), PUBLISHED_OFFSET)) {
      throw new UnreadableFileException(Reason.TRUNCATED, "cut within its header");
    }
  }

  /** When the worker announced its exit, by the last {@link #readWords()}; 0 if it did not. */
  long exitNanos() {
    return word(EXIT_TIME_OFFSET);
  }

  /** A port, whatever the word says. */
  private int port() {
    long port = word(PORT_OFFSET);
    return port > 0 && port <= MAX_PORT ? (int) port : 0;
  }

  private long word(int offset) {
    return words.getLong(offset - PUBLISHED_OFFSET);
  }

  /**
   * Reads what was published and counted until the last {@link #readWords()}.
   *
   * @param live whether the writer may be writing
   * @throws IOException if that fails; the state of the last refresh is kept then
   */
  public void refresh(boolean live) throws IOException {
    refreshRecords();
    bytes = size();
    cells.read(live, word(SHARED_LANE_USED_OFFSET) != 0);
    // Behind the counts: no exemplar is of what is not counted yet.
    exemplars.read();
  }

  /**
   * Reads what was published until the last {@link #readWords()}, and no cells: those of a {@link
   * #snapshot} are missing then.
   *
   * @throws IOException if that fails; the state of the last refresh is kept then
   */
  public void refreshRecords() throws IOException {
    long published = word(PUBLISHED_OFFSET);
    if (published < lastPublished) {
      // Written over: its cells mean nothing any more.
      throw new UnreadableFileException(Reason.DAMAGED_HEADER, "it has lost records");
    }
    lastPublished = published;
    if (published != parsedTo && damage == null) {
      parseTo(published);
    }
  }

  /**
   * Reads as {@link #refresh} does, of a file that may have been cut or damaged what is whole at
   * its beginning, by the last {@link #readWords()}. Nobody may be writing it.
   */
  public void salvage() throws IOException {
    long size = source.size();
    parseTo(Math.max(parsedTo, Math.min(word(PUBLISHED_OFFSET), size)));
    if (damage == null && word(PUBLISHED_OFFSET) > size) {
      damage = new UnreadableFileException(Reason.TRUNCATED, "cut behind byte " + size);
    }
    cells.read(false, word(SHARED_LANE_USED_OFFSET) != 0);
    exemplars.read();
  }

  /** The state of the last refresh. */
  public Snapshot snapshot(boolean live) {
    return new Snapshot(
        worker,
        live,
        exitNanos(),
        word(BEAT_TIME_OFFSET),
        word(SAMPLE_TIME_OFFSET),
        catalog,
        Set.copyOf(predecessors),
        cells.high(),
        cells.low(),
        cells.lowIsZero(),
        exemplars.exemplars(),
        bytes,
        laneCount(),
        port());
  }

  private void parseTo(long published) throws IOException {
    ByteBuffer chunk = ByteBuffer.allocate(CHUNK_LENGTH).order(ByteOrder.LITTLE_ENDIAN).flip();
    long chunkStart = parsedTo;
    long size = source.size();
    long mapSize = map == null ? 0 : map.size();
    try {
      while (parsedTo != published) {
        if (published > size) {
          throw new UnreadableFileException(Reason.TRUNCATED, "cut behind byte " + size);
        }
        int at = (int) Math.min(parsedTo - chunkStart, Integer.MAX_VALUE - RECORD_FIELDS_OFFSET);
        int length = at >= 0 && at + RECORD_FIELDS_OFFSET <= chunk.limit() ? chunk.getInt(at) : 0;
        if (at < 0 || length < RECORD_FIELDS_OFFSET || length > chunk.limit() - at) {
          chunk = readRecordChunk(size);
          chunkStart = parsedTo;
          at = 0;
          length = chunk.getInt(0);
        }
        int chunkEnd = chunk.limit();
        int expected = checksum.of(parsedTo, chunk.position(at), length);
        if (chunk.getInt(at + RECORD_CHECKSUM_OFFSET) != expected) {
          throw damagedRecord("checksum does not match");
        }
        chunk.limit(at + length).position(at + RECORD_FIELDS_OFFSET);
        int kind = chunk.getInt(at + RECORD_KIND_OFFSET);
        catalogIsOld |= kind == FAMILY || kind == SERIES || kind == TOMBSTONE;
        parsedTo = parse(kind, chunk, parsedTo + length, size, mapSize);
        chunk.limit(chunkEnd);
      }
    } catch (UnreadableFileException e) {
      if (e.reason() == Reason.TOO_LARGE) {
        // Another time there may be room.
        throw e;
      }
      damage = e;
    } catch (IllegalArgumentException | BufferUnderflowException e) {
      damage = damagedRecord(String.valueOf(e.getMessage()));
    }
    if (catalogIsOld) {
      catalogIsOld = false;
      catalog =
          new Catalog(
              List.copyOf(families),
              List.copyOf(series),
              Arrays.copyOf(removedNanos, series.size()));
    }
  }

  private UnreadableFileException damagedRecord(String why) {
    String cut = why.substring(0, Math.min(why.length(), MAX_WHY_LENGTH));
    return new UnreadableFileException(
        Reason.DAMAGED_RECORD, "record at byte " + parsedTo + ": " + cut);
  }

  /** Reads a chunk from the next record on that holds at least that record. */
  private ByteBuffer readRecordChunk(long size) throws IOException {
    ByteBuffer chunk = readChunk(CHUNK_LENGTH, size);
    int length = chunk.limit() < RECORD_FIELDS_OFFSET ? 0 : chunk.getInt(RECORD_LENGTH_OFFSET);
    if (length < RECORD_FIELDS_OFFSET
        || length > MAX_RECORD_LENGTH
        || (length & 7) != 0
        || length > size - parsedTo) {
      throw damagedRecord("length " + length);
    }
    if (length > chunk.limit()) {
      budget.check(length);
      chunk = readChunk(length, size);
    }
    return chunk;
  }

  private ByteBuffer readChunk(int capacity, long size) throws IOException {
    ByteBuffer chunk =
        ByteBuffer.allocate((int) Math.min(capacity, size - parsedTo))
            .order(ByteOrder.LITTLE_ENDIAN);
    source.read(chunk, parsedTo);
    return chunk.flip();
  }

  /** Parses the fields of a record and returns the position of the next one. */
  private long parse(int kind, ByteBuffer fields, long next, long size, long mapSize)
      throws UnreadableFileException {
    // Whatever is taken is taken before anything is changed, so that a record that finds no room
    // can be parsed again.
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
        cells.addBlock(page, block(position, cells.cellCountOf(page), size, mapSize));
        lanes.set(lane);
      }
      case TOMBSTONE -> {
        int index = seriesIndexes.get(index(fields.getInt(), seriesIndexes.size()));
        if (index != PASSED_OVER) {
          removedNanos[index] = Math.max(1, fields.getLong());
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
    take(OBJECT_BYTES);
    int firstCell = cells.addSeries(page, firstInPage, descriptor);
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

  /** Whether the file's name, or the map's, leads to another file by now. */
  public boolean isReplaced() {
    return source.isReplaced() || (map != null && map.isReplaced());
  }

  @Override
  public void close() {
    budget.give(takenBytes);
    takenBytes = 0;
    try (map) {
      source.close();
    } catch (IOException e) {
      // Nothing was written through it.
    }
  }
}
