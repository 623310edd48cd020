package io.github.multiprom.internal.directory;

import static io.github.multiprom.internal.file.WorkerFileLayout.CELL_LENGTH;
import static io.github.multiprom.model.SeriesLayout.EVEN_SUM_CELL;
import static io.github.multiprom.model.SeriesLayout.NATIVE_PARITY_CELL;
import static io.github.multiprom.model.SeriesLayout.ODD_SUM_CELL;

import io.github.multiprom.internal.file.CrashPoint;
import io.github.multiprom.internal.file.ExemplarSlots;
import io.github.multiprom.internal.file.HeapSegments;
import io.github.multiprom.internal.file.WorkerFile;
import io.github.multiprom.internal.file.WorkerFile.Page;
import io.github.multiprom.internal.file.WorkerFile.SeriesPlace;
import io.github.multiprom.internal.file.WorkerFileLayout;
import io.github.multiprom.internal.os.Incarnations;
import io.github.multiprom.internal.os.Interrupts;
import io.github.multiprom.internal.os.ProcessIdentity;
import io.github.multiprom.model.Incarnation;
import io.github.multiprom.model.RetainedFamily;
import io.github.multiprom.model.RetainedSeries;
import io.github.multiprom.model.SeriesExemplar;
import io.github.multiprom.model.WorkerInfo;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * One generation of the totals of retired workers, in the format of a worker file. Its incarnation
 * names the generation. High words stand in the shared lane and low words in lane 1, so that their
 * sum, which any reader forms, is the total. One thread.
 *
 * <p>It is made on the heap and written through a channel: a mapping would keep the blocks of a
 * file that was replaced until the garbage collector comes by.
 */
public final class RetainedFile {
  private static final int LOW_LANE = 1;

  private static final double[] ZERO = {};

  private final Incarnation generation;
  private final HeapSegments segments;

  private RetainedFile(Incarnation generation, HeapSegments segments) {
    this.generation = generation;
    this.segments = segments;
  }

  /**
   * A complete generation.
   *
   * @param retired the incarnations that it contains, those that were retired last at the end
   * @param predecessors earlier incarnations of these workers
   * @throws IOException if a record would be too long
   */
  public static RetainedFile of(
      Iterable<RetainedFamily> totals,
      Iterable<Incarnation> retired,
      Iterable<Incarnation> predecessors,
      int maxSeries)
      throws IOException {
    WorkerInfo info = Incarnations.newWorker("retained", maxSeries, ProcessIdentity.current());
    HeapSegments segments = new HeapSegments();
    WorkerFile file =
        new WorkerFile(info, segments, null, WorkerFileLayout.FLAG_RETAINED, CrashPoint.NONE);
    file.noteSharedLane();
    for (Incarnation incarnation : retired) {
      file.addRetired(incarnation);
    }
    for (Incarnation incarnation : predecessors) {
      file.addPredecessor(incarnation);
    }
    Map<Integer, ByteBuffer> lowBlocks = new HashMap<>();
    for (RetainedFamily family : totals) {
      int familyIndex = file.addFamily(family.descriptor());
      for (RetainedSeries series : family.series()) {
        writeSeries(file, familyIndex, series, lowBlocks);
      }
    }
    return new RetainedFile(info.incarnation(), segments);
  }

  /**
   * The generation that a file holds. The file may belong to any user.
   *
   * @return null if there is no such file
   * @throws IOException if it cannot be read or is no regular file
   */
  static Incarnation generationOf(Path path) throws IOException {
    if (!Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS)) {
      if (Files.notExists(path, LinkOption.NOFOLLOW_LINKS)) {
        return null;
      }
      throw new IOException(path + " is not a regular file");
    }
    return Interrupts.retrying(
        () -> {
          try (FileChannel file =
              FileChannel.open(path, StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS)) {
            ByteBuffer id = ByteBuffer.allocate(2 * Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
            file.read(id, WorkerFileLayout.INCARNATION_OFFSET);
            return new Incarnation(id.getLong(0), id.getLong(Long.BYTES));
          }
        });
  }

  /** What tells it from all others. */
  Incarnation generation() {
    return generation;
  }

  /** Bytes of the file. */
  long length() {
    return segments.length();
  }

  /**
   * Writes it over what a file begins with, and forces it to the disk. What the file holds behind
   * it does not matter: a reader goes by the published position.
   *
   * @param crashPoint is told of each part
   * @throws IOException if there is no space; a part may have been written
   */
  public void writeTo(FileChannel file, CrashPoint crashPoint) throws IOException {
    segments.writeTo(file, crashPoint);
    file.force(true);
  }

  private static void writeExemplars(WorkerFile file, int series, List<SeriesExemplar> exemplars)
      throws IOException {
    if (exemplars.isEmpty()) {
      return;
    }
    int slotLength = exemplars.stream().mapToInt(ExemplarSlots::slotLength).max().orElseThrow();
    ExemplarSlots slots = file.addExemplars(series, exemplars.size(), slotLength);
    for (int i = 0; i < exemplars.size(); i++) {
      slots.write(i, exemplars.get(i));
    }
  }

  private static void writeSeries(
      WorkerFile file, int family, RetainedSeries series, Map<Integer, ByteBuffer> lowBlocks)
      throws IOException {
    double[] value =
        series.counts() == null ? ZERO : series.counts().toNumbers(series.high()[EVEN_SUM_CELL]);
    int index =
        file.addSeries(family, series.labelValues(), series.createdNanos(), series.owner(), value);
    // The end of the last contributor's life; see SERIES and TOMBSTONE in the format.
    file.addTombstone(index, series.endNanos());
    writeExemplars(file, index, series.exemplars());
    SeriesPlace place = file.place(index);
    Page page = place.page();
    if (place.family().type().isDistribution()) {
      // Whatever the parity of the buckets' total in each lane, the sum is right.
      series.high()[ODD_SUM_CELL] = series.high()[EVEN_SUM_CELL];
      series.low()[ODD_SUM_CELL] = series.low()[EVEN_SUM_CELL];
    }
    // Of a native histogram the sums: all else is there.
    int count = series.counts() == null ? series.high().length : NATIVE_PARITY_CELL;
    for (int i = 0; i < count; i++) {
      int offset = place.offset() + i * CELL_LENGTH;
      page.shared.putDouble(offset, series.high()[i]);
      if (series.low()[i] != 0) {
        ByteBuffer lows = lowBlocks.get(page.index);
        if (lows == null) {
          lows = file.addBlock(LOW_LANE, page);
          lowBlocks.put(page.index, lows);
        }
        lows.putDouble(offset, series.low()[i]);
      }
    }
  }
}
