package io.github.multiprom.internal.cell;

import static io.github.multiprom.model.SeriesLayout.FIRST_BUCKET_CELL;
import static io.github.multiprom.model.SeriesLayout.ODD_SUM_CELL;

import io.github.multiprom.internal.file.WorkerFile;
import io.github.multiprom.internal.file.WorkerFile.SeriesPlace;
import java.nio.DoubleBuffer;

/** A histogram or summary that each thread observes in its lane. Thread-safe. */
/* Mechanism: a lane has two sums, one for an even and one for an odd number of observations. An
 * observation writes the sum that is not in use and then counts itself in its bucket. That one
 * store is the commit: it makes the total of the buckets even or odd, and with that chooses the
 * sum. So buckets and sum belong to the same observations wherever the writer is stopped or killed.
 *
 * The parity, stored last, is for the next writer of the lane alone: 1 if the number of
 * observations is odd. In the file it may be one behind, after a kill or a StackOverflowError
 * between two stores. Nobody writes the lane after a kill. After an error a shared lane is mended,
 * see SharedLanes. In a thread's own lane, where no store is to spare for it, the sum that readers
 * choose then falls once, at the next observation, and from then on misses the most recent one; the
 * buckets stay exact.
 */
public final class LaneDistribution implements DistributionCells, WrittenCells {
  private final Lanes lanes;
  private final SharedLanes shared;
  private final WorkerFile.Page page;
  private final int pageIndex;
  private final int oddSum;
  private final int firstBucket;
  private final int parity;

  public LaneDistribution(Lanes lanes, SeriesPlace place) {
    this.lanes = lanes;
    this.page = place.page();
    this.shared = lanes.shared(page);
    this.pageIndex = page.index;
    this.oddSum = place.firstCell() + ODD_SUM_CELL;
    this.firstBucket = place.firstCell() + FIRST_BUCKET_CELL;
    this.parity = place.firstCell() + place.family().cellCount() - 1;
  }

  @Override
  public void observe(int bucket, double value) {
    DoubleBuffer block = lanes.ownBlock(pageIndex);
    if (block != null) {
      write(block, bucket, value);
    } else if (Lanes.alwaysShares()) {
      shared.observe(this, bucket, value);
    } else {
      lanes.update(page, shared, this, bucket, value);
    }
  }

  /** Makes an observation in a block that nobody else writes meanwhile. */
  void write(DoubleBuffer block, int bucket, double value) {
    write(block, oddSum, parity, bucket == NO_BUCKET ? NO_BUCKET : firstBucket + bucket, value);
  }

  static void write(DoubleBuffer block, int oddSum, int parity, int bucketCell, double value) {
    write(block, oddSum, parity, bucketCell, value, 1);
  }

  /** Makes observations, an odd number of them, that add up to a value: one commit. */
  private static void write(
      DoubleBuffer block, int oddSum, int parity, int bucketCell, double value, double count) {
    double odd = block.get(parity);
    int evenSum = oddSum + 1;
    int current = odd != 0 ? oddSum : evenSum;
    int next = odd != 0 ? evenSum : oddSum;
    double sum = block.get(current) + value;
    Cells.putOrdered(block, next, sum);
    if (bucketCell == NO_BUCKET) {
      // Nothing commits it: NaN becomes the sum for good, as in simpleclient.
      Cells.putOrdered(block, current, sum);
      return;
    }
    Cells.putOrdered(block, bucketCell, block.get(bucketCell) + count);
    Cells.putOrdered(block, parity, 1 - odd);
  }

  @Override
  public void observe(int bucket, double value, long times) {
    DoubleBuffer block = lanes.ownBlock(pageIndex);
    if (block != null) {
      write(block, bucket, value, times);
    } else {
      shared.observe(this, bucket, value, times);
    }
  }

  /** Makes equal observations in a block that nobody else writes meanwhile. */
  void write(DoubleBuffer block, int bucket, double value, long times) {
    int bucketCell = firstBucket + bucket;
    if (times % 2 == 0) {
      // Each commit must change the parity, so one of them is made alone.
      write(block, oddSum, parity, bucketCell, value);
    }
    long odd = times % 2 == 0 ? times - 1 : times;
    write(block, oddSum, parity, bucketCell, value * odd, (double) odd);
  }

  @Override
  public void addAll(double[] sumAndBuckets) {
    shared.addAll(this, sumAndBuckets);
  }

  @Override
  public void addAll(DoubleBuffer block, double[] sumAndBuckets) {
    double sum = block.get(block.get(parity) != 0 ? oddSum : oddSum + 1) + sumAndBuckets[0];
    Cells.putOrdered(block, oddSum, sum);
    Cells.putOrdered(block, oddSum + 1, sum);
    for (int i = 1; i < sumAndBuckets.length; i++) {
      int bucket = firstBucket + i - 1;
      Cells.putOrdered(block, bucket, block.get(bucket) + sumAndBuckets[i]);
    }
    mendParity(block);
  }

  @Override
  public void mendParity(DoubleBuffer block) {
    double total = 0;
    for (int cell = firstBucket; cell < parity; cell++) {
      total += block.get(cell);
    }
    Cells.putOrdered(block, parity, (double) ((long) total & 1));
  }

  @Override
  public double[] read() {
    double[] sumAndBuckets = new double[1 + parity - firstBucket];
    for (DoubleBuffer block : lanes.blocksOf(page)) {
      addCells(block, sumAndBuckets);
    }
    return sumAndBuckets;
  }

  private void addCells(DoubleBuffer block, double[] sumAndBuckets) {
    double total = 0;
    for (int i = 1; i < sumAndBuckets.length; i++) {
      double observed = Cells.getOrdered(block, firstBucket + i - 1);
      sumAndBuckets[i] += observed;
      total += observed;
    }
    sumAndBuckets[0] += Cells.getOrdered(block, oddSum + 1 - ((int) (long) total & 1));
  }
}
