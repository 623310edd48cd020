package io.github.multiprom.internal.file;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.multiprom.internal.os.ProcessIdentity;
import io.github.multiprom.internal.worker.Fixtures;
import io.github.multiprom.internal.worker.MappedIncarnation;
import io.github.multiprom.model.ChunkKey;
import io.github.multiprom.model.FamilyDescriptor;
import io.github.multiprom.model.QuantileWindow;
import io.github.multiprom.model.RefinedCells;
import io.github.multiprom.model.RefinedCounts;
import io.github.multiprom.model.SeriesLayout;
import io.github.multiprom.model.Snapshot;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.DoubleBuffer;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Summaries with quantiles in a worker file: after each store of a writer, and damaged ones. */
class SummaryFileTest {
  private static final long STEP_MS = 1_000;
  private static final long BEGIN_MS = 50_000;
  private static final QuantileWindow WINDOW =
      Fixtures.summaryWithQuantiles("s", 5 * STEP_MS).window();

  private final MemorySegments segments = new MemorySegments();
  private final WorkerFile file;
  private final int series;
  private final WorkerFile.SeriesPlace place;
  private final WorkerFile.ChunkPlace chunk;

  SummaryFileTest() throws IOException {
    file =
        new WorkerFile(
            MappedIncarnation.newInfo(Fixtures.OPTIONS, ProcessIdentity.current()),
            segments,
            null,
            0,
            CrashPoint.NONE);
    int family = file.addFamily(Fixtures.summaryWithQuantiles("s", 5 * STEP_MS));
    series = file.addSeries(family, List.of(), BEGIN_MS * 1_000_000, "");
    place = file.place(series);
    chunk = file.addChunk(series, new ChunkKey(RefinedCells.POSITIVE, 0, 1));
  }

  private WorkerFileReader reader() throws IOException {
    WorkerFileReader reader = new WorkerFileReader(segments.source(), new LabelInterner());
    reader.readWords();
    reader.refresh(true);
    return reader;
  }

  private Map<Long, RefinedCounts> snapshots() throws IOException {
    return reader().snapshot(true).refinedCounts(series).snapshots();
  }

  private void stamp(long boundaryMs, double stamp) {
    int cell = place.firstCell() + SeriesLayout.FIRST_STAMP_CELL + WINDOW.placeOf(boundaryMs);
    place.sharedCells().put(cell, stamp);
  }

  private void history(long boundaryMs, int cell, double count) {
    chunk.historyCells().put(WINDOW.placeOf(boundaryMs) * RefinedCells.CHUNK_CELLS + cell, count);
  }

  /** A snapshot is there or it is not, and the others stay. */
  @Test
  void hasSnapshotsThatAreCompleteAfterEachStore() throws IOException {
    assertEquals(List.of(BEGIN_MS), List.copyOf(snapshots().keySet()));
    for (int step = 1; step < 20; step++) {
      long boundaryMs = BEGIN_MS + step * STEP_MS;
      stamp(boundaryMs, 0);
      int kept = Math.min(step, WINDOW.steps());
      assertEquals(kept, snapshots().size());
      for (int cell = 0; cell < RefinedCells.CHUNK_CELLS; cell++) {
        history(boundaryMs, cell, step * (cell + 1));
        assertEquals(kept, snapshots().size());
      }
      stamp(boundaryMs, (double) boundaryMs);
      Map<Long, RefinedCounts> now = snapshots();
      assertEquals(kept + 1, now.size());
      now.forEach(
          (stampMs, counts) ->
              assertEquals(
                  (double) ((stampMs - BEGIN_MS) / STEP_MS * 136), counts.total(), "" + stampMs));
    }
  }

  /** A reader that saw a stamp does not take what was written over the snapshot meanwhile. */
  @Test
  void hasNoSnapshotThatWasWrittenOver() throws IOException {
    long boundaryMs = BEGIN_MS + STEP_MS;
    history(boundaryMs, 0, 7);
    stamp(boundaryMs, (double) boundaryMs);
    Snapshot before = reader().snapshot(true);
    Snapshot keeping = reader().snapshot(true);
    assertEquals(7, keeping.refinedCounts(series).snapshot(boundaryMs).total());
    long nextMs = boundaryMs + WINDOW.places() * STEP_MS;
    stamp(nextMs, 0);
    history(nextMs, 0, 9);
    assertNull(before.refinedCounts(series).snapshots().get(boundaryMs));
    stamp(nextMs, (double) nextMs);
    assertNull(before.refinedCounts(series).snapshots().get(boundaryMs));
    assertEquals(9, snapshots().get(nextMs).total());
  }

  /** A chunk may be published, and counted in a snapshot, after a reader has looked for records. */
  @Test
  void hasInASnapshotAChunkThatTheReaderFoundLater() throws IOException {
    WorkerFileReader reader = reader();
    long boundaryMs = BEGIN_MS + STEP_MS;
    WorkerFile.ChunkPlace later = file.addChunk(series, new ChunkKey(RefinedCells.POSITIVE, 0, 2));
    later.historyCells().put(WINDOW.placeOf(boundaryMs) * RefinedCells.CHUNK_CELLS, 5);
    history(boundaryMs, 0, 7);
    stamp(boundaryMs, (double) boundaryMs);
    int place = WINDOW.placeOf(boundaryMs);
    assertEquals(7, reader.snapshot(true).history().at(series, place, (double) boundaryMs).total());
    reader.readWords();
    reader.refresh(true);
    assertEquals(
        12, reader.snapshot(true).history().at(series, place, (double) boundaryMs).total());
  }

  private static WorkerFile newFile(MemorySegments bytes, int flags) throws IOException {
    return new WorkerFile(
        MappedIncarnation.newInfo(Fixtures.OPTIONS, ProcessIdentity.current()),
        bytes,
        null,
        flags,
        CrashPoint.NONE);
  }

  private static void assertTooLarge(MemorySegments bytes, boolean live) throws IOException {
    WorkerFileReader reader =
        new WorkerFileReader(bytes.source(), new LabelInterner(new HeapBudget(8 << 20)));
    reader.readWords();
    assertEquals(
        UnreadableFileException.Reason.TOO_LARGE,
        assertThrows(UnreadableFileException.class, () -> reader.refresh(live)).reason());
  }

  /** Of the totals a reader holds every snapshot, and so needs heap for all of them. */
  @Test
  void isTooLargeIfTheSnapshotsOfTotalsAre() throws IOException {
    MemorySegments bytes = new MemorySegments();
    WorkerFile totals = newFile(bytes, WorkerFileLayout.FLAG_RETAINED);
    FamilyDescriptor family =
        Fixtures.summaryWithQuantiles("s", 60 * STEP_MS)
            .withWindow(new QuantileWindow(WINDOW.quantiles(), 60 * STEP_MS, 60));
    int summary = totals.addSeries(totals.addFamily(family), List.of(), 1, "");
    for (int key = 0; key < 400; key++) {
      totals.addChunk(summary, new ChunkKey(RefinedCells.POSITIVE, 0, key));
    }
    assertTooLarge(bytes, false);
  }

  /** A full disk is tried again and again, while the map may still have room. */
  @Test
  void takesOneHistoryForAChunkThatFindsNoSpace() throws IOException {
    CountedBlocks blocks = new CountedBlocks();
    MemorySegments disk = new MemorySegments();
    boolean[] isFull = {false};
    Segments growing =
        new Segments() {
          @Override
          public ByteBuffer add(long offset, int length) throws IOException {
            if (isFull[0]) {
              throw new NoSpaceException();
            }
            return disk.add(offset, length);
          }

          @Override
          public boolean isReachable() {
            return true;
          }

          @Override
          public void close() {}
        };
    WorkerFile full =
        new WorkerFile(
            MappedIncarnation.newInfo(Fixtures.OPTIONS, ProcessIdentity.current()),
            growing,
            blocks,
            0,
            CrashPoint.NONE);
    FamilyDescriptor family = Fixtures.summaryWithQuantiles("s", 5 * STEP_MS);
    int summary = full.addSeries(full.addFamily(family), List.of(), 1, "");
    full.addChunk(summary, new ChunkKey(RefinedCells.POSITIVE, 0, 1));
    isFull[0] = true;
    // Until a record of a block has room, and those of a chunk and its history have none.
    while (room(disk)
        >= WorkerFileLayout.BUCKETS_RECORD_LENGTH + WorkerFileLayout.HISTORY_RECORD_LENGTH) {
      full.addTombstone(summary, 1);
    }
    assertTrue(room(disk) >= WorkerFileLayout.BLOCK_RECORD_LENGTH);
    ChunkKey key = new ChunkKey(RefinedCells.POSITIVE, 0, 2);
    int before = blocks.count;
    for (int i = 0; i < 100; i++) {
      assertThrows(IOException.class, () -> full.addChunk(summary, key));
    }
    isFull[0] = false;
    full.noteSpace();
    full.addChunk(summary, key);
    assertEquals(before + 1, blocks.count);
  }

  /** How many bytes the records may still take in the first segment. */
  private static int room(MemorySegments disk) throws IOException {
    ByteBuffer published = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    disk.source().read(published, WorkerFileLayout.PUBLISHED_OFFSET);
    return WorkerFileLayout.FIRST_SEGMENT_LENGTH
        - WorkerFileLayout.SEGMENT_RECORD_LENGTH
        - (int) published.getLong(0);
  }

  /** Blocks in memory, as a map has them. */
  private static final class CountedBlocks implements CellBlocks {
    int count;

    @Override
    public Block add(int length) {
      count++;
      return new Block(count, ByteBuffer.allocateDirect(length).order(ByteOrder.LITTLE_ENDIAN));
    }

    @Override
    public boolean isReachable() {
      return true;
    }

    @Override
    public void close() {}
  }

  /** A reader has the cells of such series three times more than those of others. */
  @Test
  void isTooLargeIfTheCellsOfAllSeriesAre() throws IOException {
    MemorySegments bytes = new MemorySegments();
    WorkerFile worker = newFile(bytes, 0);
    int family = worker.addFamily(Fixtures.summaryWithQuantiles("s", 60 * STEP_MS));
    for (int i = 0; i < 4000; i++) {
      worker.addSeries(family, List.of(), 1, "");
    }
    assertTooLarge(bytes, true);
  }

  @Test
  void countsTheSameWhateverIsInTheRing() throws IOException {
    chunk.page().shared.asDoubleBuffer().put(chunk.firstCell(), 5);
    file.noteSharedLane();
    double[] unusual = {-3, Double.NaN, Double.POSITIVE_INFINITY, 1e300, 0.5, -0.0, 1e18, 100};
    for (double stamp : unusual) {
      for (double count : unusual) {
        stamp(BEGIN_MS, stamp);
        history(BEGIN_MS, 0, count);
        RefinedCounts counts = reader().snapshot(true).refinedCounts(series);
        assertEquals(5, counts.total(), stamp + " " + count);
        RefinedCounts retired = counts.atSteps(WINDOW, BEGIN_MS + 3 * STEP_MS, 0);
        retired.forgetBeforeFirst();
        assertEquals(5, retired.total(), stamp + " " + count);
      }
    }
  }

  @Test
  void isDamagedByAHistoryThatNoWriterMakes() throws IOException {
    DoubleBuffer cells = place.sharedCells();
    cells.put(place.firstCell() + SeriesLayout.EARLIER_COUNT_CELL, 4);
    file.noteSharedLane();
    ByteBuffer record =
        ByteBuffer.allocate(WorkerFileLayout.HISTORY_RECORD_LENGTH).order(ByteOrder.LITTLE_ENDIAN);
    record.putInt(record.capacity()).putInt(0).putInt(WorkerFileLayout.HISTORY);
    record.putInt(series).putLong(1L << 40);
    file.publish(record.clear());
    WorkerFileReader reader = reader();
    assertEquals(UnreadableFileException.Reason.DAMAGED_RECORD, reader.damage().reason());
    assertEquals(4, reader.snapshot(true).refinedCounts(series).total());
  }
}
