package io.github.multiprom.store;

import static io.github.multiprom.store.WorkerFileLayout.CELL_LENGTH;
import static io.github.multiprom.store.WorkerFileLayout.DOUBLES;
import static io.github.multiprom.store.WorkerFileLayout.FIRST_BUCKET_CELL;
import static io.github.multiprom.store.WorkerFileLayout.SUM_CELL;

import io.github.multiprom.store.WorkerFile.SeriesPlace;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;

/**
 * A histogram or summary that each thread observes in its own lane. Thread-safe.
 *
 * <p>The sequence cell of a lane is odd while an observation is being written to it. A reader that
 * finds it even and unchanged around its own read has buckets and a sum of the same observations.
 */
final class LaneDistribution implements DistributionCells {
  private final WorkerFile file;
  private final Lanes lanes;
  private final WorkerFile.Page page;
  private final int pageIndex;
  private final int sequenceOffset;
  private final int bucketCount;

  LaneDistribution(WorkerFile file, SeriesPlace place) {
    this.file = file;
    this.lanes = file.lanes();
    this.page = place.page();
    this.pageIndex = page.index;
    this.sequenceOffset = place.offset();
    this.bucketCount = place.family().upperBounds().size() + 1;
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
   * The order: sequence odd, then bucket and sum, then sequence even. Fences keep it; on x86 they
   * cost nothing. A stack overflow in between leaves the sequence odd: the next observation then
   * takes the next odd number, so that the sequence still changes with every observation.
   */
  private void write(ByteBuffer block, int bucket, double value) {
    int sumOffset = sequenceOffset + SUM_CELL * CELL_LENGTH;
    double last = (double) DOUBLES.get(block, sequenceOffset);
    double odd = last + 1 + ((long) last & 1);
    DOUBLES.setOpaque(block, sequenceOffset, odd);
    VarHandle.releaseFence();
    if (bucket != NO_BUCKET) {
      int offset = sequenceOffset + (FIRST_BUCKET_CELL + bucket) * CELL_LENGTH;
      DOUBLES.setOpaque(block, offset, (double) DOUBLES.get(block, offset) + 1);
    }
    DOUBLES.setOpaque(block, sumOffset, (double) DOUBLES.get(block, sumOffset) + value);
    DOUBLES.setRelease(block, sequenceOffset, odd + 1);
  }

  @Override
  public synchronized void addAll(double[] sumAndBuckets) {
    file.noteSharedLane();
    for (int i = 0; i < sumAndBuckets.length; i++) {
      SharedCells.add(page.shared, sequenceOffset + (SUM_CELL + i) * CELL_LENGTH, sumAndBuckets[i]);
    }
  }

  @Override
  public double[] read() {
    double[] sumAndBuckets = new double[1 + bucketCount];
    addCells(page.shared, sumAndBuckets);
    for (ByteBuffer block : lanes.blocksOf(pageIndex)) {
      addCells(block, sumAndBuckets);
    }
    return sumAndBuckets;
  }

  private void addCells(ByteBuffer block, double[] sumAndBuckets) {
    for (int i = 0; i < sumAndBuckets.length; i++) {
      int offset = sequenceOffset + (SUM_CELL + i) * CELL_LENGTH;
      sumAndBuckets[i] += (double) DOUBLES.getOpaque(block, offset);
    }
  }
}
