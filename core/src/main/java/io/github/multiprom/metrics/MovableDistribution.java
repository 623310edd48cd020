package io.github.multiprom.metrics;

import io.github.multiprom.store.DistributionCells;

/**
 * Observations that are kept in memory, or on their way from one worker file to another.
 * Thread-safe.
 */
final class MovableDistribution implements DistributionCells {
  // Null: the numbers are here.
  private DistributionCells target;
  private double[] sumAndBuckets;

  /** No observations yet, in memory. */
  MovableDistribution(int bucketCount) {
    sumAndBuckets = new double[1 + bucketCount];
  }

  /** The numbers of cells; threads that still hold these cells may go on observing there. */
  MovableDistribution(DistributionCells from) {
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

  /** Adds the numbers to cells, which take over. */
  synchronized void moveTo(DistributionCells to) {
    to.addAll(read());
    target = to;
    sumAndBuckets = null;
  }
}
