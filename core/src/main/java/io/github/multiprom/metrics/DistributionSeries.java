package io.github.multiprom.metrics;

import io.github.multiprom.internal.cell.DistributionCells;
import io.github.multiprom.internal.cell.HeapNative;
import io.github.multiprom.internal.worker.IncarnationWriter;
import io.github.multiprom.model.RefinedCells;
import java.io.IOException;
import java.util.function.Supplier;

/** A child that observes: of a histogram, of a summary. As {@link Series}. */
abstract class DistributionSeries extends Series {
  private final int bucketCount;
  // Null unless it is a native histogram.
  final RefinedCells refined;
  volatile DistributionCells cells;

  /**
   * A child.
   *
   * @param bucketCount of its classic buckets, +Inf included
   * @param refined null unless it is a native histogram
   */
  DistributionSeries(
      MetricFamily family,
      String[] labelValues,
      long createdNanos,
      int bucketCount,
      RefinedCells refined) {
    super(family, labelValues, createdNanos);
    this.bucketCount = bucketCount;
    this.refined = refined;
  }

  @Override
  final DistributionCells distribution() {
    return cells;
  }

  @Override
  void attach(IncarnationWriter writer, int series) {
    cells = writer.distribution(series);
  }

  @Override
  void startInMemory() {
    cells = inMemory(new double[refined == null ? 1 + bucketCount : 1]);
  }

  private MovingDistribution inMemory(double[] numbers) {
    return refined == null
        ? new MovingDistribution(numbers)
        : new MovingDistribution(MovingDistribution.heap(refined, numbers), refined);
  }

  @Override
  void startAlone() {
    cells = refined == null ? new HeapDistribution(bucketCount) : new HeapNative(refined);
  }

  @Override
  void leave() {
    if (!(cells instanceof MovingDistribution)) {
      cells = new MovingDistribution(cells, refined);
    }
  }

  @Override
  void moveTo(IncarnationWriter writer, Publication publication) throws IOException {
    cells = ((MovingDistribution) cells).moveTo(writer, publication);
  }

  @Override
  void join(Supplier<Series> leader) {
    DistributionCells joined =
        new DistributionCells() {
          private DistributionCells cells() {
            return leader.get().distribution();
          }

          @Override
          public void observe(int bucket, double value) {
            cells().observe(bucket, value);
          }

          @Override
          public void observe(int bucket, double value, long times) {
            cells().observe(bucket, value, times);
          }

          @Override
          public void observeUnsummed(int bucket, double value) {
            cells().observeUnsummed(bucket, value);
          }

          @Override
          public void addAll(double[] sumAndBuckets) {
            cells().addAll(sumAndBuckets);
          }

          @Override
          public double[] read() {
            return cells().read();
          }
        };
    ((MovingDistribution) cells).join(joined);
    cells = joined;
  }

  @Override
  void detach() {
    if (cells instanceof MovingDistribution movable) {
      movable.detach();
    } else {
      cells = inMemory(cells.read());
    }
  }

  @Override
  void startAgain() {
    startInMemory();
  }
}
