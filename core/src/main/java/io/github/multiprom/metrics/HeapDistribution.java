package io.github.multiprom.metrics;

import io.github.multiprom.internal.cell.DistributionCells;
import java.util.concurrent.atomic.DoubleAdder;

/** The observations of a histogram or summary without a directory. Thread-safe. */
final class HeapDistribution implements DistributionCells {
  // The sum, then the buckets.
  private final DoubleAdder[] cells;

  HeapDistribution(int bucketCount) {
    cells = new DoubleAdder[1 + bucketCount];
    for (int i = 0; i < cells.length; i++) {
      cells[i] = new DoubleAdder();
    }
  }

  @Override
  public void observe(int bucket, double value) {
    if (bucket != NO_BUCKET) {
      cells[1 + bucket].add(1);
    }
    cells[0].add(value);
  }

  @Override
  public void addAll(double[] sumAndBuckets) {
    for (int i = 0; i < cells.length; i++) {
      cells[i].add(sumAndBuckets[i]);
    }
  }

  @Override
  public double[] read() {
    double[] numbers = new double[cells.length];
    for (int i = 0; i < cells.length; i++) {
      numbers[i] = cells[i].sum();
    }
    return numbers;
  }
}
