package io.github.multiprom.internal.file;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.multiprom.internal.cell.LaneCounter;
import io.github.multiprom.internal.cell.LaneDistribution;
import io.github.multiprom.internal.cell.Lanes;
import io.github.multiprom.internal.os.ProcessIdentity;
import io.github.multiprom.internal.worker.Fixtures;
import io.github.multiprom.internal.worker.MappedIncarnation;
import io.github.multiprom.model.GaugeFold;
import io.github.multiprom.model.MetricType;
import io.github.multiprom.model.Snapshot;
import io.github.multiprom.model.WorkerInfo;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class WorkerFileReaderTest {
  private static final long MAX_NANOS = 10_000_000_000L;

  private final MemorySegments segments = new MemorySegments();
  private final WorkerInfo info =
      MappedIncarnation.newInfo(Fixtures.OPTIONS, ProcessIdentity.current());
  private final WorkerFile file;
  private final Lanes lanes;
  private final WorkerFileReader reader;

  WorkerFileReaderTest() throws IOException {
    file = new WorkerFile(info, segments, null, 0, CrashPoint.NONE);
    lanes = new Lanes(file, 8);
    reader = new WorkerFileReader(segments.source(), new LabelInterner());
  }

  private Snapshot refresh() throws IOException {
    reader.readWords();
    reader.refresh(true);
    return reader.snapshot(true);
  }

  @Test
  void keepsItsCatalogWhileNothingIsPublished() throws IOException {
    file.addSeries(file.addFamily(Fixtures.counter("c")), List.of(), 1, "");
    Snapshot first = refresh();
    new LaneCounter(lanes, file.place(0)).add(3);
    Snapshot second = refresh();
    assertSame(first.catalog(), second.catalog());
    assertEquals(3, Fixtures.sumOf(second, "c"));
    file.addTombstone(0, 9);
    assertEquals(9, refresh().catalog().removedNanos()[0]);
    assertEquals(0, second.catalog().removedNanos()[0]);
  }

  @Test
  void seesTheCellsOfALaneMadeBetweenTwoReads() throws Exception {
    file.addSeries(file.addFamily(Fixtures.counter("c")), List.of(), 1, "");
    LaneCounter counter = new LaneCounter(lanes, file.place(0));
    for (int thread = 1; thread <= 20; thread++) {
      Thread adding = new Thread(() -> counter.add(1));
      adding.start();
      adding.join();
      assertEquals(thread, Fixtures.sumOf(refresh(), "c"));
    }
  }

  @Test
  void passesOverKindsOfLaterReleases() throws IOException {
    file.addFamily(Fixtures.counter("before"));
    append(record(99, 5, 6, 7));
    append(record(1000, 1, 2, 3));
    assertEquals(1, refresh().catalog().families().size());
    assertNull(reader.damage());
  }

  @Test
  void servesWhatStandsBeforeADamagedRecord() throws IOException {
    file.addSeries(file.addFamily(Fixtures.counter("c")), List.of(), 1, "");
    new LaneCounter(lanes, file.place(0)).add(3);
    append(record(WorkerFileLayout.TOMBSTONE, 77, 0, 0));
    assertEquals(3, Fixtures.sumOf(refresh(), "c"));
    assertEquals(UnreadableFileException.Reason.DAMAGED_RECORD, reader.damage().reason());
    new LaneCounter(lanes, file.place(0)).add(1);
    assertEquals(4, Fixtures.sumOf(refresh(), "c"));
  }

  @Test
  void refusesSeriesThatShareCells() throws IOException {
    file.addSeries(file.addFamily(Fixtures.histogram("h", List.of(1.0))), List.of(), 1, "");
    append(record(WorkerFileLayout.SERIES, 0, 0, 4, 0, 0, 0, 0));
    assertEquals(1, refresh().catalog().series().size());
    assertEquals(UnreadableFileException.Reason.DAMAGED_RECORD, reader.damage().reason());
  }

  @Test
  void refusesBlocksInTheFileItselfByThePositionsOfOneWithAMap() throws IOException {
    file.addSeries(file.addFamily(Fixtures.counter("c")), List.of(), 1, "");
    int position = ~WorkerFileLayout.HEADER_LENGTH;
    append(record(WorkerFileLayout.BLOCK, 1, 0, position, -1));
    assertEquals(1, refresh().catalog().series().size());
    assertEquals(UnreadableFileException.Reason.DAMAGED_RECORD, reader.damage().reason());
  }

  @Test
  void endsSoonForManySeriesOfManyBuckets() throws IOException {
    List<Double> bounds = new ArrayList<>();
    for (int i = 0; i < 100_000; i++) {
      bounds.add((double) i);
    }
    file.addSeries(file.addFamily(Fixtures.histogram("h", bounds)), List.of(), 1, "");
    new LaneDistribution(lanes, file.place(0)).observe(0, 1);
    for (int i = 0; i < 20_000; i++) {
      append(record(WorkerFileLayout.SERIES, 0, 0, 0, 0, 0, 0, 0));
    }
    long start = System.nanoTime();
    refresh();
    assertTrue(System.nanoTime() - start < MAX_NANOS, "took " + (System.nanoTime() - start));
  }

  @Test
  void saysWhatIsWrongInShort() throws IOException {
    String name = "no name " + "y".repeat(100_000);
    byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
    int padded = (bytes.length + 7) & -8;
    int[] fields = new int[6 + padded / 4];
    fields[0] = MetricType.COUNTER.code() | GaugeFold.SUM.code() << 8;
    fields[1] = bytes.length;
    ByteBuffer text = ByteBuffer.allocate(padded).order(ByteOrder.LITTLE_ENDIAN).put(bytes);
    for (int i = 0; i < padded / 4; i++) {
      fields[2 + i] = text.getInt(4 * i);
    }
    append(record(WorkerFileLayout.FAMILY, fields));
    refresh();
    String message = reader.damage().getMessage();
    assertTrue(message.length() < 300, () -> "length " + message.length());
  }

  @Test
  void passesOverAFamilyOfALaterKindWithItsSeries() throws IOException {
    file.addSeries(file.addFamily(Fixtures.counter("c")), List.of(), 1, "");
    append(record(WorkerFileLayout.FAMILY, 1 << 17 | 1, 0, 0, 0, 0, 0));
    append(record(WorkerFileLayout.SERIES, 1, 0, 5, 0, 0, 0, 0));
    append(record(WorkerFileLayout.TOMBSTONE, 1, 7, 7));
    file.addFamily(Fixtures.counter("d"));
    Snapshot snapshot = refresh();
    assertEquals(
        List.of("c", "d"), snapshot.catalog().families().stream().map(f -> f.name()).toList());
    assertEquals(1, snapshot.catalog().series().size());
    assertEquals(0, snapshot.catalog().removedNanos()[0]);
    assertNull(reader.damage());
    assertEquals(UnreadableFileException.Reason.NEWER, reader.newer().reason());
  }

  @Test
  void tellsWhetherWhatItPassesOverMayBeLost() throws IOException {
    append(record(WorkerFileLayout.MAY_BE_LOST | 1000, 1, 2, 3));
    refresh();
    assertNull(reader.newer());
    append(record(1000, 1, 2, 3));
    refresh();
    assertEquals(UnreadableFileException.Reason.NEWER, reader.newer().reason());
  }

  /** A record of ints, without its checksum. */
  private static ByteBuffer record(int kind, int... fields) {
    int length = (WorkerFileLayout.RECORD_FIELDS_OFFSET + 4 * fields.length + 7) & -8;
    ByteBuffer record = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
    record.putInt(length).putInt(0).putInt(kind);
    for (int field : fields) {
      record.putInt(field);
    }
    return record.clear();
  }

  /** Publishes a record that the writer would not write, as a damaged or later writer could. */
  private void append(ByteBuffer record) throws IOException {
    file.publish(record);
  }
}
