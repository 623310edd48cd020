package io.github.multiprom.internal.file;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.multiprom.internal.os.ProcessIdentity;
import io.github.multiprom.internal.worker.Fixtures;
import io.github.multiprom.internal.worker.MappedIncarnation;
import io.github.multiprom.model.ChunkKey;
import io.github.multiprom.model.RefinedCells;
import io.github.multiprom.model.SeriesLayout;
import io.github.multiprom.model.Snapshot;
import io.github.multiprom.model.WorkerInfo;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.DoubleBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Native histograms in a worker file: after each store of a writer, and to other readers. */
class NativeFileTest {
  private final MemorySegments segments = new MemorySegments();
  private final WorkerInfo info =
      MappedIncarnation.newInfo(Fixtures.OPTIONS, ProcessIdentity.current());
  private final WorkerFile file;

  NativeFileTest() throws IOException {
    file = new WorkerFile(info, segments, null, 0, CrashPoint.NONE);
    file.noteSharedLane();
  }

  private WorkerFileReader reader() throws IOException {
    WorkerFileReader reader = new WorkerFileReader(segments.source(), new LabelInterner());
    reader.readWords();
    reader.refresh(true);
    return reader;
  }

  private static double sum(Snapshot worker) {
    return worker.high()[worker.catalog().series().get(0).firstCell() + SeriesLayout.EVEN_SUM_CELL];
  }

  private void assertShown(double count, double sum, String when) throws IOException {
    Snapshot shown = reader().snapshot(true);
    assertEquals(count, shown.refinedCounts(0).total(), when);
    assertEquals(sum, sum(shown), when);
  }

  /** A writer that is stopped after any of its stores leaves the old or the new numbers. */
  @Test
  void holdsCountAndSumOfTheSameObservationsAfterEachStore() throws IOException {
    int series =
        file.addSeries(file.addFamily(Fixtures.nativeHistogram("h", List.of())), List.of(), 1, "");
    WorkerFile.SeriesPlace place = file.place(series);
    WorkerFile.ChunkPlace[] chunks = new WorkerFile.ChunkPlace[40];
    for (int i = 0; i < chunks.length; i++) {
      chunks[i] = file.addChunk(series, new ChunkKey(RefinedCells.POSITIVE, 0, i));
      assertShown(0, 0, "chunk " + i);
    }
    DoubleBuffer sums = place.sharedCells();
    Random random = new Random(5);
    double sum = 0;
    for (int i = 0; i < 100; i++) {
      double value = random.nextInt(1000);
      WorkerFile.ChunkPlace chunk = chunks[random.nextInt(chunks.length)];
      DoubleBuffer cells =
          chunk.page().shared.duplicate().order(ByteOrder.LITTLE_ENDIAN).asDoubleBuffer();
      int next =
          place.firstCell() + (i % 2 == 0 ? SeriesLayout.ODD_SUM_CELL : SeriesLayout.EVEN_SUM_CELL);
      int cell = chunk.firstCell() + random.nextInt(RefinedCells.CHUNK_CELLS);
      sums.put(next, sum + value);
      assertShown(i, sum, "sum " + i);
      sum += value;
      cells.put(cell, cells.get(cell) + 1);
      assertShown(i + 1, sum, "cell " + i);
      sums.put(place.firstCell() + SeriesLayout.NATIVE_PARITY_CELL, (i + 1) % 2);
      assertShown(i + 1, sum, "parity " + i);
    }
  }

  /** Readers from before there were native histograms know neither the shape nor the records. */
  @Test
  void isPassedOverAndKeptByAReaderThatDoesNotKnowIt() throws IOException {
    file.addSeries(file.addFamily(Fixtures.counter("c")), List.of(), 1, "", new double[] {5});
    int natives = file.addFamily(Fixtures.nativeHistogram("h", List.of(1.0)));
    int series = file.addSeries(natives, List.of(), 1, "");
    file.addChunk(series, new ChunkKey(RefinedCells.POSITIVE, 0, 3));
    file.addTombstone(series, 9);
    file.addSeries(file.addFamily(Fixtures.counter("d")), List.of(), 1, "", new double[] {6});
    rewrite(WorkerFileLayout.FAMILY, WorkerFileLayout.SHAPE_NATIVE, 1 << 18);
    rewrite(WorkerFileLayout.BUCKETS, 0, 0);

    WorkerFileReader reader = reader();

    assertNull(reader.damage());
    assertEquals(5, Fixtures.sumOf(reader.snapshot(true), "c"));
    assertEquals(6, Fixtures.sumOf(reader.snapshot(true), "d"));
    assertEquals(2, reader.snapshot(true).catalog().series().size());
    assertEquals(UnreadableFileException.Reason.NEWER, reader.newer().reason());
  }

  /** Gives families with a bit of the shape another one, or records of a kind an unknown kind. */
  private void rewrite(int kind, int bit, int otherBit) throws IOException {
    ByteBuffer bytes =
        ByteBuffer.allocate((int) segments.source().size()).order(ByteOrder.LITTLE_ENDIAN);
    segments.source().read(bytes, 0);
    int end = (int) bytes.getLong(WorkerFileLayout.PUBLISHED_OFFSET);
    int found = 0;
    for (int at = WorkerFileLayout.HEADER_LENGTH; at != end; at += bytes.getInt(at)) {
      int shape = bytes.getInt(at + WorkerFileLayout.RECORD_FIELDS_OFFSET);
      if (bytes.getInt(at + WorkerFileLayout.RECORD_KIND_OFFSET) == kind
          && (bit == 0 || (shape & bit) != 0)) {
        found++;
        if (bit == 0) {
          bytes.putInt(at + WorkerFileLayout.RECORD_KIND_OFFSET, 1000);
        } else {
          bytes.putInt(at + WorkerFileLayout.RECORD_FIELDS_OFFSET, (shape & ~bit) | otherBit);
        }
        ByteBuffer record = bytes.duplicate().order(ByteOrder.LITTLE_ENDIAN).position(at);
        bytes.putInt(
            at + WorkerFileLayout.RECORD_CHECKSUM_OFFSET,
            new RecordChecksum(info.incarnation()).of(at, record, bytes.getInt(at)));
        segments.overwrite(at, bytes.array(), bytes.getInt(at));
      }
    }
    assertTrue(found > 0);
  }

  @Test
  void refusesChunksThatNoWriterMakes() throws IOException {
    assertNull(damageBy(0, 1, 1, 2, 16));
    int[][] refused = {
      // Of a counter; an unknown sign; too coarse; too large.
      {1, 1, 1, 2, 16},
      {0, 3, 1, 2, 16},
      {0, 1 | 8 << 8, 1, 2, 16},
      {0, 1, 1 << 20, 2, 16},
      // Where another chunk is; between two; behind the page; in none; where sums or counters are.
      {0, 1, 1, 2, 0},
      {0, 1, 1, 2, 24},
      {0, 1, 1, 2, 64},
      {0, 1, 1, 3, 16},
      {0, 1, 1, 0, 16},
      {0, 1, 1, 1, 16}
    };
    for (int[] fields : refused) {
      assertEquals(
          UnreadableFileException.Reason.DAMAGED_RECORD,
          damageBy(fields).reason(),
          () -> Arrays.toString(fields));
    }
  }

  /** What a reader says of a chunk that is published behind the chunk of a native histogram. */
  private static UnreadableFileException damageBy(int... fields) throws IOException {
    MemorySegments bytes = new MemorySegments();
    WorkerFile other =
        new WorkerFile(
            MappedIncarnation.newInfo(Fixtures.OPTIONS, ProcessIdentity.current()),
            bytes,
            null,
            0,
            CrashPoint.NONE);
    int natives = other.addFamily(Fixtures.nativeHistogram("h", List.of(1.0)));
    int series = other.addSeries(natives, List.of(), 1, "");
    other.addSeries(other.addFamily(Fixtures.counter("c")), List.of(), 1, "");
    other.addChunk(series, new ChunkKey(RefinedCells.POSITIVE, 0, 0));
    ByteBuffer record =
        ByteBuffer.allocate(WorkerFileLayout.BUCKETS_RECORD_LENGTH).order(ByteOrder.LITTLE_ENDIAN);
    record.putInt(record.capacity()).putInt(0).putInt(WorkerFileLayout.BUCKETS);
    for (int field : fields) {
      record.putInt(field);
    }
    other.publish(record.clear());
    WorkerFileReader reader = new WorkerFileReader(bytes.source(), new LabelInterner());
    reader.readWords();
    reader.refresh(true);
    return reader.damage();
  }

  /** One negative bucket would cost a server all that it scraped. */
  @Test
  void leavesOutCountsThatNoWriterMakes() throws IOException {
    int series =
        file.addSeries(file.addFamily(Fixtures.nativeHistogram("h", List.of())), List.of(), 1, "");
    WorkerFile.ChunkPlace chunk = file.addChunk(series, new ChunkKey(RefinedCells.POSITIVE, 0, 1));
    double[] counts = {3, -4, Double.NaN, 0.5, Double.POSITIVE_INFINITY, 1e300, -0.0, 2};
    chunk.page().shared.asDoubleBuffer().put(chunk.firstCell(), counts);

    assertEquals(5, reader().snapshot(true).refinedCounts(0).total());
  }

  /** Classic buckets take no cells in the file, but heap where they are added up. */
  @Test
  void isTooLargeIfItsClassicBucketsAre() throws IOException {
    List<Double> bounds = IntStream.range(0, 10_000).mapToObj(i -> (double) i).toList();
    int family = file.addFamily(Fixtures.nativeHistogram("h", bounds, "a"));
    for (int i = 0; i < 1000; i++) {
      file.addSeries(family, List.of("" + i), 1, "");
    }
    WorkerFileReader reader =
        new WorkerFileReader(segments.source(), new LabelInterner(new HeapBudget(128 << 20)));
    reader.readWords();

    UnreadableFileException failure =
        assertThrows(UnreadableFileException.class, () -> reader.refresh(true));

    assertEquals(UnreadableFileException.Reason.TOO_LARGE, failure.reason());
  }
}
