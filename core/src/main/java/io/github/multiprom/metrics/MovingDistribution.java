package io.github.multiprom.metrics;

import io.github.multiprom.internal.cell.DistributionCells;
import io.github.multiprom.internal.worker.IncarnationWriter;
import java.io.IOException;

/**
 * Observations that are kept in memory, or on their way from one worker file to another.
 * Thread-safe.
 */
final class MovingDistribution implements DistributionCells {
  // Null: the numbers are here.
  private DistributionCells target;
  private double[] sumAndBuckets;

  /** Numbers in memory, laid out as {@link #read()} returns them. */
  MovingDistribution(double[] sumAndBuckets) {
    this.sumAndBuckets = sumAndBuckets;
  }

  /** The numbers of cells; threads that still hold these cells may go on observing there. */
  MovingDistribution(DistributionCells from) {
    target = from;
  }

  @Override
  public synchronized void observe(int bucket, double value) {
    if (target != null) {
      target.observe(bucket, value);
      return;
    }
    sumAndBuckets[0] += value;
    if (bucket != NO_BUCKET) {
      sumAndBuckets[1 + bucket]++;
    }
  }

  @Override
  public synchronized void observe(int bucket, double value, long times) {
    if (target != null) {
      target.observe(bucket, value, times);
      return;
    }
    sumAndBuckets[0] += value * times;
    sumAndBuckets[1 + bucket] += times;
  }

  @Override
  public synchronized void addAll(double[] added) {
    if (target != null) {
      target.addAll(added);
      return;
    }
    for (int i = 0; i < added.length; i++) {
      sumAndBuckets[i] += added[i];
    }
  }

  @Override
  public synchronized double[] read() {
    return target == null ? sumAndBuckets.clone() : target.read();
  }

  /**
   * Publishes the numbers and returns their cells, which take over. No observation comes in
   * between.
   *
   * @throws IOException if they were not published
   */
  synchronized DistributionCells moveTo(IncarnationWriter writer, Publication publication)
      throws IOException {
    double[] current = read();
    DistributionCells moved = writer.distribution(publication.publish(current));
    // They may have been published before, with less, when no heap was left for the cells.
    double[] missed = moved.read();
    boolean isMissing = false;
    for (int i = 0; i < missed.length; i++) {
      missed[i] = current[i] - missed[i];
      isMissing |= i > 0 && missed[i] > 0;
    }
    if (isMissing) {
      missed[0] = Double.isFinite(missed[0]) ? missed[0] : 0;
      moved.addAll(missed);
    }
    sumAndBuckets = null;
    target = moved;
    return target;
  }

  /** Adds the numbers to other cells, which take over. No observation comes in between. */
  synchronized void join(DistributionCells other) {
    double[] own = read();
    // Without a directory it may be infinite or NaN, with one it must not.
    if (!Double.isFinite(own[0])) {
      own[0] = 0;
    }
    other.addAll(own);
    target = other;
    sumAndBuckets = null;
  }

  /** Goes on in memory. */
  synchronized void detach() {
    sumAndBuckets = read();
    target = null;
  }
}
