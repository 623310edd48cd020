package io.github.multiprom.metrics;

import io.github.multiprom.internal.cell.DistributionCells;
import io.github.multiprom.internal.cell.HeapNative;
import io.github.multiprom.internal.worker.IncarnationWriter;
import io.github.multiprom.model.RefinedCells;
import io.github.multiprom.model.RefinedCounts;

/** The sum and buckets of observations, as {@link MovingCells}. */
final class MovingDistribution extends MovingCells<DistributionCells> implements DistributionCells {
  // Of a native histogram; else null.
  private final RefinedCells refined;

  /**
   * Numbers in memory, of a classic histogram or a summary, laid out as {@link #read()} has them.
   */
  MovingDistribution(double[] sumAndBuckets) {
    super(null, sumAndBuckets);
    refined = null;
  }

  /**
   * The numbers of cells.
   *
   * @param refined null unless they are those of a native histogram
   */
  MovingDistribution(DistributionCells from, RefinedCells refined) {
    super(from, null);
    this.refined = refined;
  }

  /** Cells in memory of a native histogram, with its numbers. */
  static DistributionCells heap(RefinedCells refined, double[] numbers) {
    HeapNative cells = new HeapNative(refined);
    cells.addAll(numbers);
    return cells;
  }

  @Override
  DistributionCells inMemory(double[] numbers) {
    return refined == null ? null : heap(refined, numbers);
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
  public synchronized void observeUnsummed(int bucket, double value) {
    if (target() != null) {
      target().observeUnsummed(bucket, value);
      return;
    }
    own()[1 + bucket]++;
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
    if (refined != null) {
      completeNative(published, numbers);
      return;
    }
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

  private static void completeNative(DistributionCells published, double[] numbers) {
    double[] there = published.read();
    RefinedCounts missed = RefinedCounts.of(numbers);
    missed.subtract(there);
    double sum = numbers[0] - there[0];
    if (missed.total() > 0) {
      published.addAll(missed.toNumbers(Double.isFinite(sum) ? sum : 0));
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
