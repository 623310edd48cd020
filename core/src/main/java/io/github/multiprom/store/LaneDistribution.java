package io.github.multiprom.store;

import static io.github.multiprom.store.WorkerFileLayout.CELL_LENGTH;
import static io.github.multiprom.store.WorkerFileLayout.DOUBLES;
import static io.github.multiprom.store.WorkerFileLayout.EVEN_SUM_CELL;
import static io.github.multiprom.store.WorkerFileLayout.FIRST_BUCKET_CELL;
import static io.github.multiprom.store.WorkerFileLayout.LONGS;
import static io.github.multiprom.store.WorkerFileLayout.ODD_SUM_CELL;

import io.github.multiprom.store.WorkerFile.SeriesPlace;
import java.nio.ByteBuffer;

/**
 * A histogram or summary that each thread observes in its own lane. Thread-safe.
 *
 * <p>A lane has two sums, one for an even and one for an odd number of observations. An observation
 * writes the sum that is not in use and then counts itself in its bucket. That one store is the
 * commit: it makes the total of the buckets even or odd, and with that chooses the sum. So buckets
 * and sum belong to the same observations wherever the writer is stopped or killed.
 */
final class LaneDistribution implements DistributionCells {
  private final WorkerFile file;
  private final Lanes lanes;
  private final WorkerFile.Page page;
  private final int pageIndex;
  private final int offset;
  private final int bucketsOffset;
  private final int countOffset;

  LaneDistribution(WorkerFile file, SeriesPlace place) {
    this.file = file;
    this.lanes = file.lanes();
    this.page = place.page();
    this.pageIndex = page.index;
    this.offset = place.offset();
    this.bucketsOffset = offset + FIRST_BUCKET_CELL * CELL_LENGTH;
    this.countOffset = offset + (place.family().cellCount() - 1) * CELL_LENGTH;
  }

  @Override
  public void observe(int bucket, double value) {
    ByteBuffer block = lanes.ownBlock(pageIndex);
    if (block == null) {
      block = file.claimBlock(page);
      if (block == null) {
        observeShared(bucket, value);
        return;
      }
    }
    write(block, bucket, value);
  }

  /** Several threads write the shared block, so one at a time; a reader is not locked out. */
  private synchronized void observeShared(int bucket, double value) {
    file.noteSharedLane();
    write(page.shared, bucket, value);
  }

  /*
   * The count is for this writer alone: it tells which sum is in use. It is stored last, so after a
   * stack overflow in between it may be one behind, and the sum that a reader chooses then lacks one
   * observation; nothing else goes wrong.
   */
  private void write(ByteBuffer block, int bucket, double value) {
    long count = (long) LONGS.get(block, countOffset);
    int current = (int) (~count & 1) * CELL_LENGTH;
    double sum = (double) DOUBLES.get(block, offset + current) + value;
    // Release: not before the last observation's commit, which took this sum out of use.
    DOUBLES.setRelease(block, offset + (current ^ CELL_LENGTH), sum);
    if (bucket == NO_BUCKET) {
      // Nothing commits it: NaN becomes the sum for good, as in simpleclient.
      DOUBLES.setOpaque(block, offset + current, sum);
      return;
    }
    int bucketOffset = bucketsOffset + bucket * CELL_LENGTH;
    DOUBLES.setRelease(block, bucketOffset, (double) DOUBLES.get(block, bucketOffset) + 1);
    LONGS.setOpaque(block, countOffset, count + 1);
  }

  @Override
  public synchronized void addAll(double[] sumAndBuckets) {
    file.noteSharedLane();
    ByteBuffer block = page.shared;
    long count = (long) LONGS.get(block, countOffset);
    double sum = (double) DOUBLES.get(block, offset + (int) (~count & 1) * CELL_LENGTH);
    sum += sumAndBuckets[0];
    DOUBLES.setOpaque(block, offset + ODD_SUM_CELL * CELL_LENGTH, sum);
    DOUBLES.setOpaque(block, offset + EVEN_SUM_CELL * CELL_LENGTH, sum);
    for (int i = 1; i < sumAndBuckets.length; i++) {
      int bucketOffset = bucketsOffset + (i - 1) * CELL_LENGTH;
      double bucket = (double) DOUBLES.get(block, bucketOffset) + sumAndBuckets[i];
      DOUBLES.setRelease(block, bucketOffset, bucket);
      count += (long) sumAndBuckets[i];
    }
    LONGS.setOpaque(block, countOffset, count);
  }

  @Override
  public double[] read() {
    double[] sumAndBuckets = new double[1 + (countOffset - bucketsOffset) / CELL_LENGTH];
    addCells(page.shared, sumAndBuckets);
    for (ByteBuffer block : lanes.blocksOf(pageIndex)) {
      addCells(block, sumAndBuckets);
    }
    return sumAndBuckets;
  }

  private void addCells(ByteBuffer block, double[] sumAndBuckets) {
    double total = 0;
    for (int i = 1; i < sumAndBuckets.length; i++) {
      double count = (double) DOUBLES.getAcquire(block, bucketsOffset + (i - 1) * CELL_LENGTH);
      sumAndBuckets[i] += count;
      total += count;
    }
    int current = (int) (~(long) total & 1) * CELL_LENGTH;
    sumAndBuckets[0] += (double) DOUBLES.getOpaque(block, offset + current);
  }
}
