package io.github.multiprom.metrics;

import io.github.multiprom.internal.cell.DistributionCells;
import io.github.multiprom.internal.worker.IncarnationWriter;

/** The sum and buckets of observations, as {@link MovingCells}. */
final class MovingDistribution extends MovingCells<DistributionCells> implements DistributionCells {
  /** Numbers in memory, laid out as {@link #read()} returns them. */
  MovingDistribution(double[] sumAndBuckets) {
    super(null, sumAndBuckets);
  }

  /** The numbers of cells. */
  MovingDistribution(DistributionCells from) {
    super(from, null);
  }

  @Override
  public synchronized void observe(int bucket, double value) {
    if (target() != null) {
      target().observe(bucket, value);
      return;
    }
    own()[0] += value;
    if (bucket != NO_BUCKET) {
      own()[1 + bucket]++;
    }
  }

  @Override
  public synchronized void observe(int bucket, double value, long times) {
    if (target() != null) {
      target().observe(bucket, value, times);
      return;
    }
    own()[0] += value * times;
    own()[1 + bucket] += times;
  }

  @Override
  public synchronized void addAll(double[] added) {
    if (target() != null) {
      target().addAll(added);
      return;
    }
    for (int i = 0; i < added.length; i++) {
      own()[i] += added[i];
    }
  }

  @Override
  public double[] read() {
    return numbers();
  }

  @Override
  double[] numbers(DistributionCells cells) {
    return cells.read();
  }

  @Override
  DistributionCells cells(IncarnationWriter writer, int series) {
    return writer.distribution(series);
  }

  @Override
  void complete(DistributionCells published, double[] numbers) {
    double[] missed = published.read();
    boolean isMissing = false;
    for (int i = 0; i < missed.length; i++) {
      missed[i] = numbers[i] - missed[i];
      isMissing |= i > 0 && missed[i] > 0;
    }
    if (isMissing) {
      missed[0] = Double.isFinite(missed[0]) ? missed[0] : 0;
      published.addAll(missed);
    }
  }

  @Override
  void addTo(DistributionCells other, double[] numbers) {
    // Without a directory it may be infinite or NaN, with one it must not.
    if (!Double.isFinite(numbers[0])) {
      numbers[0] = 0;
    }
    other.addAll(numbers);
  }
}
