package io.github.multiprom.metrics;

import io.github.multiprom.internal.cell.DistributionCells;
import io.github.multiprom.internal.worker.IncarnationWriter;
import java.io.IOException;
import java.util.function.Supplier;

/** A child that observes: of a histogram, of a summary. As {@link Series}. */
abstract class DistributionSeries extends Series {
  private final int bucketCount;
  volatile DistributionCells cells;

  /** A child with so many buckets, +Inf included. */
  DistributionSeries(
      MetricFamily family, String[] labelValues, long createdNanos, int bucketCount) {
    super(family, labelValues, createdNanos);
    this.bucketCount = bucketCount;
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
    cells = new MovingDistribution(new double[1 + bucketCount]);
  }

  @Override
  void startAlone() {
    cells = new HeapDistribution(bucketCount);
  }

  @Override
  void leave() {
    if (!(cells instanceof MovingDistribution)) {
      cells = new MovingDistribution(cells);
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
      cells = new MovingDistribution(cells.read());
    }
  }

  @Override
  void startAgain() {
    startInMemory();
  }
}
