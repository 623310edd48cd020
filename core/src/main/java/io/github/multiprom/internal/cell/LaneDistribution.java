package io.github.multiprom.internal.cell;

import static io.github.multiprom.internal.file.WorkerFileLayout.FIRST_BUCKET_CELL;
import static io.github.multiprom.internal.file.WorkerFileLayout.ODD_SUM_CELL;

import io.github.multiprom.internal.file.WorkerFile;
import io.github.multiprom.internal.file.WorkerFile.SeriesPlace;
import java.lang.invoke.VarHandle;
import java.nio.DoubleBuffer;

/**
 * A histogram or summary that each thread observes in its own lane. Thread-safe.
 *
 * <p>A lane has two sums, one for an even and one for an odd number of observations. An observation
 * writes the sum that is not in use and then counts itself in its bucket. That one store is the
 * commit: it makes the total of the buckets even or odd, and with that chooses the sum. So buckets
 * and sum belong to the same observations wherever the writer is stopped or killed.
 */
public final class LaneDistribution implements DistributionCells {
  private final WorkerFile file;
  private final Lanes lanes;
  private final WorkerFile.Page page;
  private final int pageIndex;
  private final int oddSum;
  private final int firstBucket;
  private final int parity;
  private final DoubleBuffer shared;

  public LaneDistribution(WorkerFile file, Lanes lanes, SeriesPlace place) {
    this.file = file;
    this.lanes = lanes;
    this.page = place.page();
    this.pageIndex = page.index;
    this.oddSum = place.firstCell() + ODD_SUM_CELL;
    this.firstBucket = place.firstCell() + FIRST_BUCKET_CELL;
    this.parity = place.firstCell() + place.family().cellCount() - 1;
    this.shared = place.sharedCells();
  }

  @Override
  public void observe(int bucket, double value) {
    DoubleBuffer block = lanes.ownBlock(pageIndex);
    if (block == null) {
      block = lanes.claimBlock(file, page);
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
    write(shared, bucket, value);
  }

  /*
   * The parity is for this writer alone: 1 if it has finished an odd number of observations. It is
   * stored last. If a StackOverflowError hits between the bucket store and the parity store, the
   * parity stays wrong: the sum that a reader chooses falls once, at the next observation, and from
   * then on misses the most recent one. The buckets stay exact. The fences, no instructions on x86,
   * keep the order: first the sum, then the bucket, and no later sum before that.
   */
  private void write(DoubleBuffer block, int bucket, double value) {
    write(block, oddSum, parity, bucket == NO_BUCKET ? NO_BUCKET : firstBucket + bucket, value);
  }

  static void write(DoubleBuffer block, int oddSum, int parity, int bucketCell, double value) {
    double odd = block.get(parity);
    int evenSum = oddSum + 1;
    int current = odd != 0 ? oddSum : evenSum;
    int next = odd != 0 ? evenSum : oddSum;
    double sum = block.get(current) + value;
    block.put(next, sum);
    VarHandle.releaseFence();
    if (bucketCell == NO_BUCKET) {
      // Nothing commits it: NaN becomes the sum for good, as in simpleclient.
      block.put(current, sum);
      return;
    }
    block.put(bucketCell, block.get(bucketCell) + 1);
    VarHandle.releaseFence();
    block.put(parity, 1 - odd);
    VarHandle.releaseFence();
  }

  @Override
  public synchronized void addAll(double[] sumAndBuckets) {
    file.noteSharedLane();
    double sum = shared.get(shared.get(parity) != 0 ? oddSum : oddSum + 1) + sumAndBuckets[0];
    shared.put(oddSum, sum);
    shared.put(oddSum + 1, sum);
    VarHandle.releaseFence();
    double total = 0;
    for (int i = 1; i < sumAndBuckets.length; i++) {
      int bucket = firstBucket + i - 1;
      shared.put(bucket, shared.get(bucket) + sumAndBuckets[i]);
      total += shared.get(bucket);
    }
    shared.put(parity, (double) ((long) total & 1));
    VarHandle.releaseFence();
  }

  @Override
  public double[] read() {
    double[] sumAndBuckets = new double[1 + parity - firstBucket];
    addCells(shared, sumAndBuckets);
    for (DoubleBuffer block : lanes.blocksOf(pageIndex)) {
      addCells(block, sumAndBuckets);
    }
    return sumAndBuckets;
  }

  private void addCells(DoubleBuffer block, double[] sumAndBuckets) {
    VarHandle.acquireFence();
    double total = 0;
    for (int i = 1; i < sumAndBuckets.length; i++) {
      double observed = block.get(firstBucket + i - 1);
      sumAndBuckets[i] += observed;
      total += observed;
    }
    VarHandle.acquireFence();
    sumAndBuckets[0] += block.get(oddSum + 1 - ((int) (long) total & 1));
  }
}
