package io.github.multiprom.internal.cell;

import static io.github.multiprom.model.SeriesLayout.EVEN_SUM_CELL;
import static io.github.multiprom.model.SeriesLayout.NATIVE_PARITY_CELL;
import static io.github.multiprom.model.SeriesLayout.ODD_SUM_CELL;

import io.github.multiprom.internal.file.WorkerFile;
import io.github.multiprom.internal.file.WorkerFile.SeriesPlace;
import io.github.multiprom.model.ChunkKey;
import io.github.multiprom.model.ExponentialBuckets;
import io.github.multiprom.model.NativeBuckets;
import io.github.multiprom.model.RefinedCells;
import io.github.multiprom.model.RefinedCounts;
import java.io.IOException;
import java.nio.DoubleBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.DoubleAdder;

/** A native histogram that each thread observes in its lane. Thread-safe. */
/* Mechanism: as LaneDistribution, with the buckets elsewhere: an observation stores the sum that is
 * not in use and then counts itself in the cell of a chunk, which commits it. Both blocks are of one
 * lane, because the total of a series' chunks in a lane tells which of its sums is valid. A thread
 * that has a block in the page of the sums but none in that of the chunk makes the whole
 * observation in the shared lane, whose monitor is that of the page of the sums.
 *
 * Chunks are made when something falls into them, see ChunkDirectory. One that finds no space in
 * the file counts in memory, with its sum, until there is some: the worker's next beat tries again.
 */
public final class LaneNative implements DistributionCells, WrittenCells {
  private static final int CELL_MASK = RefinedCells.CHUNK_CELLS - 1;

  private final Lanes lanes;
  private final SharedLanes shared;
  private final WorkerFile file;
  private final int series;
  private final WaitingChunks waiting;
  private final WorkerFile.Page page;
  private final int pageIndex;
  private final int oddSum;
  private final int parity;
  private final ExponentialBuckets exponential;
  private final ChunkDirectory chunks;
  // Null unless it is a summary with quantiles.
  private final SnapshotRing ring;
  // Of what waits in memory.
  private final DoubleAdder waitingSum = new DoubleAdder();

  /**
   * The cells of a series.
   *
   * @param series its index in the file
   * @param waiting takes note of chunks that find no space
   */
  public LaneNative(Lanes lanes, WorkerFile file, int series, WaitingChunks waiting) {
    this.lanes = lanes;
    this.file = file;
    this.series = series;
    this.waiting = waiting;
    SeriesPlace place = file.place(series);
    page = place.page();
    pageIndex = page.index;
    shared = lanes.shared(page);
    oddSum = place.firstCell() + ODD_SUM_CELL;
    parity = place.firstCell() + NATIVE_PARITY_CELL;
    chunks = new ChunkDirectory(RefinedCells.of(place.family()));
    exponential = chunks.cells.exponential();
    place.chunks().forEach(this::place);
    ring = place.family().window() == null ? null : new SnapshotRing(place);
  }

  private void place(ChunkKey key, WorkerFile.ChunkPlace place) {
    Chunk chunk = chunks.chunk(key);
    chunk.setPlace(place);
    chunks.note(chunk);
  }

  @Override
  public void observe(int bucket, double value) {
    if (value > NativeBuckets.ZERO_THRESHOLD) {
      int number = exponential.indexOf(value) + bucket;
      int place = chunks.positive().place(number >> RefinedCells.CHUNK_BITS);
      Lanes.Lane lane = lanes.ownLane();
      if (lane != null && place >= 0) {
        DoubleBuffer sums = lane.block(pageIndex);
        DoubleBuffer cells = lane.block(Chunk.pageOf(place));
        if (sums != null && cells != null) {
          write(sums, cells, Chunk.cellOf(place) + (number & CELL_MASK), value, 1);
          return;
        }
      }
    }
    observe(bucket, value, value, 1);
  }

  @Override
  public void observe(int bucket, double value, long times) {
    if (times % 2 == 0) {
      // Each commit must change the parity, so one of them is made alone.
      observe(bucket, value, value, 1);
    }
    long odd = times % 2 == 0 ? times - 1 : times;
    observe(bucket, value, value * odd, odd);
  }

  @Override
  public void observeUnsummed(int bucket, double value) {
    observe(bucket, value, 0, 1);
  }

  /** Makes an odd number of observations, whose sum is given, whatever they need. */
  private void observe(int bucket, double value, double sum, long times) {
    if (bucket == NO_BUCKET) {
      // Not with a directory: it would be the sum for good.
      return;
    }
    int sign = RefinedCells.signOf(value);
    int j = chunks.cells.exponentialOf(sign, value);
    int classic = chunks.cells.classicOf(sign, bucket);
    Chunk chunk;
    try {
      chunk = chunks.chunk(sign, j, classic);
    } catch (OutOfMemoryError e) {
      // A metric never fails: without heap for a few words this observation is lost.
      return;
    }
    int cell = ChunkDirectory.number(j, classic, chunk.key.level()) & CELL_MASK;
    Chunk.Place place = chunk.place();
    if (place == null) {
      place = place(chunk, cell, sum, times);
      if (place == null) {
        return;
      }
    }
    DoubleBuffer sums = lanes.earnedBlock(page);
    DoubleBuffer cells = sums == null ? null : lanes.earnedBlock(place.page());
    if (cells != null) {
      write(sums, cells, place.firstCell() + cell, sum, times);
    } else {
      shared.observe(this, place.sharedCells(), place.firstCell() + cell, sum, times);
    }
  }

  /** The place of a chunk, which is taken now; if there is none, null, and it counts in memory. */
  private synchronized Chunk.Place place(Chunk chunk, int cell, double sum, long times) {
    if (chunk.place() == null) {
      try {
        takePlace(chunk);
      } catch (IOException | RuntimeException | OutOfMemoryError e) {
        chunk.count(cell, times);
        waitingSum.add(sum);
        waiting.add(this);
        // Even if it has a place by now: counted once.
        return null;
      }
    }
    return chunk.place();
  }

  private void takePlace(Chunk chunk) throws IOException {
    chunk.setPlace(file.addChunk(series, chunk.key));
    chunks.note(chunk);
  }

  /** Makes an odd number of observations, which add up to a sum, in blocks of one lane. */
  void write(DoubleBuffer sums, DoubleBuffer cells, int cell, double sum, long times) {
    write(sums, oddSum, parity, cells, cell, sum, times);
  }

  static void write(
      DoubleBuffer sums,
      int oddSum,
      int parity,
      DoubleBuffer cells,
      int cell,
      double sum,
      long times) {
    double odd = sums.get(parity);
    int current = odd != 0 ? oddSum : oddSum + 1;
    int next = odd != 0 ? oddSum + 1 : oddSum;
    Cells.putOrdered(sums, next, sums.get(current) + sum);
    Cells.putOrdered(cells, cell, cells.get(cell) + times);
    Cells.putOrdered(sums, parity, 1 - odd);
  }

  /**
   * Moves what waits in memory into the file.
   *
   * @return whether all of it found space
   */
  synchronized boolean moveWaiting() {
    try {
      RefinedCounts moved = new RefinedCounts();
      List<Chunk> placed = new ArrayList<>();
      boolean all = true;
      for (Chunk chunk : chunks.all()) {
        if (hasPlace(chunk)) {
          moved.add(chunk.key, chunk.counted(), 0);
          placed.add(chunk);
        } else {
          all = false;
        }
      }
      double[] numbers = moved.toNumbers(all ? waitingSum.sum() : 0);
      if (numbers.length > 1 || numbers[0] != 0) {
        shared.addAll(this, numbers);
        // Behind it: what fails before that is moved another time.
        placed.forEach(Chunk::clear);
        if (all) {
          waitingSum.reset();
        }
      }
      return all;
    } catch (OutOfMemoryError e) {
      return false;
    }
  }

  private boolean hasPlace(Chunk chunk) {
    try {
      if (chunk.place() == null) {
        takePlace(chunk);
      }
      return true;
    } catch (IOException | RuntimeException | OutOfMemoryError e) {
      return false;
    }
  }

  /** Keeps what a summary with quantiles has counted by now, if a step of its window is over. */
  synchronized void keepSnapshot(long nowMs) {
    if (ring.begin(nowMs)) {
      for (Chunk chunk : chunks.all()) {
        Chunk.Place place = chunk.place();
        if (place != null) {
          double[] counts = new double[RefinedCells.CHUNK_CELLS];
          addCells(place.sharedCells(), place, counts);
          for (Lanes.Lane lane : lanes.owned()) {
            addCells(lanes.blockOf(lane, place.page().index), place, counts);
          }
          ring.keep(place, counts);
        }
      }
      ring.end();
    }
  }

  private static void addCells(DoubleBuffer block, Chunk.Place place, double[] counts) {
    for (int i = 0; block != null && i < counts.length; i++) {
      counts[i] += Cells.getOrdered(block, place.firstCell() + i);
    }
  }

  @Override
  public synchronized void addAll(double[] numbers) {
    for (ChunkKey key : RefinedCounts.of(numbers).chunks().keySet()) {
      if (!hasPlace(chunks.chunk(key))) {
        waiting.add(this);
      }
    }
    shared.addAll(this, numbers);
  }

  /** Adds several observations in the shared lane; what has no place in the file waits. */
  @Override
  public void addAll(DoubleBuffer sums, double[] numbers) {
    RefinedCounts all = RefinedCounts.of(numbers);
    Map<ChunkKey, double[]> added = all.chunks();
    if (all.earlierCount() != 0) {
      ring.addEarlier(sums, all.earlierCount());
    }
    double sum = sums.get(sums.get(parity) != 0 ? oddSum : oddSum + 1) + numbers[0];
    Cells.putOrdered(sums, oddSum, sum);
    Cells.putOrdered(sums, oddSum + 1, sum);
    for (Map.Entry<ChunkKey, double[]> each : added.entrySet()) {
      Chunk chunk = chunks.chunk(each.getKey());
      Chunk.Place place = chunk.place();
      double[] counts = each.getValue();
      for (int i = 0; i < counts.length; i++) {
        if (counts[i] != 0 && place == null) {
          chunk.count(i, (long) counts[i]);
        } else if (counts[i] != 0) {
          int cell = place.firstCell() + i;
          Cells.putOrdered(place.sharedCells(), cell, place.sharedCells().get(cell) + counts[i]);
        }
      }
    }
    mendParity(sums);
  }

  @Override
  public void mendParity(DoubleBuffer sums) {
    Cells.putOrdered(sums, parity, (double) ((long) chunks.sharedTotal() & 1));
  }

  @Override
  public synchronized double[] read() {
    RefinedCounts counts = new RefinedCounts();
    double sum = waitingSum.sum();
    for (Chunk chunk : chunks.all()) {
      counts.add(chunk.key, chunk.counted(), 0);
    }
    sum += addLane(shared.first(), Chunk.Place::sharedCells, counts);
    for (Lanes.Lane lane : lanes.owned()) {
      DoubleBuffer sums = lanes.blockOf(lane, pageIndex);
      if (sums != null) {
        sum += addLane(sums, place -> lanes.blockOf(lane, place.page().index), counts);
      }
    }
    if (ring != null) {
      ring.addTo(counts, chunks.all());
    }
    return counts.toNumbers(sum);
  }

  private interface BlockOf {
    DoubleBuffer block(Chunk.Place place);
  }

  /** Adds the counts of a lane, and returns its sum. */
  private double addLane(DoubleBuffer sums, BlockOf blockOf, RefinedCounts counts) {
    RefinedCounts ofLane = new RefinedCounts();
    for (Chunk chunk : chunks.all()) {
      Chunk.Place place = chunk.place();
      DoubleBuffer block = place == null ? null : blockOf.block(place);
      double[] cells = new double[RefinedCells.CHUNK_CELLS];
      for (int i = 0; block != null && i < cells.length; i++) {
        cells[i] = Cells.getOrdered(block, place.firstCell() + i);
      }
      ofLane.add(chunk.key, cells, 0);
    }
    counts.add(ofLane);
    boolean odd = ((long) ofLane.total() & 1) == 1;
    return Cells.getOrdered(sums, oddSum + (odd ? ODD_SUM_CELL : EVEN_SUM_CELL));
  }
}
