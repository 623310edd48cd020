package io.github.multiprom.internal.file;

import static io.github.multiprom.internal.file.WorkerFileLayout.*;

import io.github.multiprom.internal.file.UnreadableFileException.Reason;
import io.github.multiprom.internal.ownership.FileOwnership;
import io.github.multiprom.internal.ownership.StoreFiles;
import io.github.multiprom.model.Catalog;
import io.github.multiprom.model.Incarnation;
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
import java.util.Set;
import java.util.function.Supplier;

/**
 * Reads one worker file while its worker may be writing it. One thread.
 *
 * <p>Records are parsed once; after that a refresh reads four words of the header and the cells.
 * Nothing that a file says is believed beyond its own length and the limits of the format.
 */
public final class WorkerFileReader implements Closeable {
  private static final int CHUNK_LENGTH = 64 << 10;

  /** A reason may quote what the file says. */
  private static final int MAX_WHY_LENGTH = 200;

  private static final int MAX_PORT = 65_535;

  private final ByteSource source;
  // Where blocks lie; null for the file itself.
  private final ByteSource map;
  private final WorkerInfo worker;
  private final WorkerHeader header;
  private final ParsedRecords records;
  private final HeapBudget budget;

  private long parsedTo = HEADER_LENGTH;
  // The position up to which the last parsing was to go.
  private long triedTo = HEADER_LENGTH;
  private UnreadableFileException damage;
  // A whole record failed, and may have been taken in part.
  private boolean isPartlyTaken;
  private Catalog catalog;
  private long bytes;
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
    return open(path, labels, () -> FileOwnership.of(path.toAbsolutePath().getParent()));
  }

  /**
   * As {@link #open(Path, LabelInterner)}, for one who looks at the directory for many files.
   *
   * @param ownership tells of the directory, whenever a file is opened
   */
  public static WorkerFileReader open(
      Path path, LabelInterner labels, Supplier<FileOwnership> ownership) throws IOException {
    ByteSource source = new FileSource(path, ownership);
    try {
      return new WorkerFileReader(source, path, labels, ownership);
    } catch (IOException | RuntimeException e) {
      source.close();
      throw e;
    }
  }

  /** Reads the header of what has no file beside it. */
  WorkerFileReader(ByteSource source, LabelInterner labels) throws IOException {
    this(source, null, labels, null);
  }

  private WorkerFileReader(
      ByteSource source, Path path, LabelInterner labels, Supplier<FileOwnership> ownership)
      throws IOException {
    this.source = source;
    this.budget = labels.budget();
    header = WorkerHeader.read(source);
    worker = header.worker();
    map = header.hasMap() ? openMap(path, ownership) : null;
    records = new ParsedRecords(source, map, labels, header.isRetained());
    catalog = records.catalog();
    checksum = new RecordChecksum(worker.incarnation());
  }

  private ByteSource openMap(Path path, Supplier<FileOwnership> ownership) throws IOException {
    if (path == null) {
      throw new UnreadableFileException(Reason.FOREIGN, "without the file of its cells");
    }
    try {
      return new FileSource(
          StoreFiles.map(path.toAbsolutePath().getParent(), worker.incarnation()), ownership);
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
    return records.laneCount();
  }

  int seriesCount() {
    return records.seriesCount();
  }

  /** The incarnations whose totals are in this file, those that were retired last at the end. */
  public Set<Incarnation> retired() {
    return records.retired();
  }

  /**
   * Earlier incarnations of the worker or, in the totals, of retired workers; those of the workers
   * that were retired last at the end.
   */
  public Set<Incarnation> predecessors() {
    return records.predecessors();
  }

  /** What stopped the parsing of records; null if nothing did. */
  public UnreadableFileException damage() {
    return damage;
  }

  /**
   * What of a later release the file holds that must not be lost, so that this reader shows the
   * rest but never retires, rewrites or deletes the file; null if there is nothing.
   */
  public UnreadableFileException newer() {
    return records.newer();
  }

  /** What tells whether the worker lives, by the last {@link #readWords()}. */
  public LifeSigns lifeSigns() {
    return new LifeSigns(exitNanos(), word(MONOTONIC_BEAT_OFFSET), word(PUBLISHED_OFFSET));
  }

  /** Bytes of the file, and of the blocks in the map. */
  public long size() throws IOException {
    return source.size() + records.mapBlocksLength();
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
    records.cells().read(live, word(SHARED_LANE_USED_OFFSET) != 0);
    // Behind the counts: no exemplar is of what is not counted yet.
    records.exemplars().read();
  }

  /**
   * Reads all that summaries with quantiles had counted before, which a snapshot otherwise reads
   * when it is asked: for a file that is closed before.
   */
  public void refreshHistory() throws IOException {
    records.history().readAll();
  }

  /**
   * Reads what was published until the last {@link #readWords()}, and no cells: those of a {@link
   * #snapshot} are missing then.
   *
   * @throws IOException if that fails; the state of the last refresh is kept then
   */
  public void refreshRecords() throws IOException {
    long published = word(PUBLISHED_OFFSET);
    if (published < parsedTo) {
      // Written over: its cells mean nothing any more.
      throw new UnreadableFileException(Reason.DAMAGED_HEADER, "it has lost records");
    }
    if (published != triedTo && !isPartlyTaken) {
      // Behind damage as well: the position may have been wrong, and its worker writes it again.
      damage = null;
      parseTo(published);
      triedTo = published;
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
    records.cells().read(false, word(SHARED_LANE_USED_OFFSET) != 0);
    records.exemplars().read();
    records.history().readAll();
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
        Set.copyOf(records.predecessors()),
        records.cells().high(),
        records.cells().low(),
        records.cells().lowIsZero(),
        records.exemplars().exemplars(),
        records.chunks(),
        records.history(),
        bytes,
        laneCount(),
        port());
  }

  private void parseTo(long published) throws IOException {
    ByteBuffer chunk = ByteBuffer.allocate(CHUNK_LENGTH).order(ByteOrder.LITTLE_ENDIAN).flip();
    long chunkStart = parsedTo;
    long size = source.size();
    long mapSize = map == null ? 0 : map.size();
    boolean isWhole = false;
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
        isWhole = true;
        parsedTo = records.parse(kind, chunk, parsedTo + length, size, mapSize);
        isWhole = false;
        chunk.limit(chunkEnd);
      }
    } catch (UnreadableFileException e) {
      if (e.reason() == Reason.TOO_LARGE) {
        // Another time there may be room.
        throw e;
      }
      isPartlyTaken = isWhole;
      damage = e;
    } catch (IllegalArgumentException | BufferUnderflowException e) {
      isPartlyTaken = isWhole;
      damage = damagedRecord(String.valueOf(e.getMessage()));
    }
    catalog = records.catalog();
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

  /** Whether the file's name, or the map's, leads to another file by now. */
  public boolean isReplaced() {
    return source.isReplaced() || (map != null && map.isReplaced());
  }

  @Override
  public void close() {
    records.forget();
    try (map) {
      source.close();
    } catch (IOException e) {
      // Nothing was written through it.
    }
  }
}
