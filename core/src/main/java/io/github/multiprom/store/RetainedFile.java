package io.github.multiprom.store;

import static io.github.multiprom.store.WorkerFileLayout.CELL_LENGTH;
import static io.github.multiprom.store.WorkerFileLayout.EVEN_SUM_CELL;
import static io.github.multiprom.store.WorkerFileLayout.ODD_SUM_CELL;

import io.github.multiprom.model.Incarnation;
import io.github.multiprom.model.RetainedFamily;
import io.github.multiprom.model.RetainedSeries;
import io.github.multiprom.store.WorkerFile.Page;
import io.github.multiprom.store.WorkerFile.SeriesPlace;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * Writes the totals of retired workers as a worker file. Its incarnation names the generation of
 * the totals. High words stand in the shared lane and low words in lane 1, so that their sum, which
 * any reader forms, is the total.
 */
final class RetainedFile {
  private static final int LOW_LANE = 1;

  private RetainedFile() {}

  /**
   * Writes a complete file and forces it to the disk.
   *
   * @throws IOException if there is no space; a part of the file may be left
   */
  static void write(
      Path path,
      Iterable<RetainedFamily> totals,
      Set<Incarnation> retired,
      int maxSeries,
      CrashPoint crashPoint)
      throws IOException {
    StoreOptions options = new StoreOptions("retained", 0, maxSeries, StoreKind.MAPPED);
    WorkerFile file =
        new WorkerFile(
            MappedIncarnation.newInfo(options, ProcessIdentity.current()),
            new FileSegments(path, FileOwnership.of(path.getParent())),
            null,
            options.maxLanes(),
            WorkerFileLayout.FLAG_RETAINED,
            crashPoint);
    file.noteSharedLane();
    for (Incarnation incarnation : retired) {
      file.addRetired(incarnation);
    }
    Map<Integer, ByteBuffer> lowBlocks = new HashMap<>();
    for (RetainedFamily family : totals) {
      int familyIndex = file.addFamily(family.descriptor());
      for (RetainedSeries series : family.series()) {
        writeSeries(file, familyIndex, series, lowBlocks);
      }
    }
    StoreFiles.force(path);
  }

  private static void writeSeries(
      WorkerFile file, int family, RetainedSeries series, Map<Integer, ByteBuffer> lowBlocks)
      throws IOException {
    int index = file.addSeries(family, series.labelValues(), series.createdNanos(), series.owner());
    // The end of the last contributor's life; see SERIES and TOMBSTONE in the format.
    file.addTombstone(index, series.endNanos());
    SeriesPlace place = file.place(index);
    Page page = place.page();
    if (place.family().type().isDistribution()) {
      // Whatever the parity of the buckets' total in each lane, the sum is right.
      series.high()[ODD_SUM_CELL] = series.high()[EVEN_SUM_CELL];
      series.low()[ODD_SUM_CELL] = series.low()[EVEN_SUM_CELL];
    }
    for (int i = 0; i < series.high().length; i++) {
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
