package io.github.multiprom.prometheus;

import io.github.multiprom.metrics.MetricFamily;
import io.prometheus.metrics.core.datapoints.DistributionDataPoint;
import io.prometheus.metrics.model.registry.Collector;
import io.prometheus.metrics.model.snapshots.DistributionDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import java.util.function.Function;

/** A histogram or summary, which without labels is its own data point. Thread-safe. */
abstract class WorkerDistribution extends WorkerMetric<DistributionDataPoint>
    implements DistributionDataPoint {
  /** A data point in the worker's file; from 1.4 on the client's interface asks for these, too. */
  interface OwnNumbers {
    long getCount();

    double getSum();
  }

  /** As {@link WorkerMetric}. */
  WorkerDistribution(
      MetricBuilder<?, ?> builder,
      Collector original,
      MetricFamily family,
      Function<String[], DistributionDataPoint> points,
      Points<DistributionDataPoint> originals) {
    super(builder, original, family, points, originals);
  }

  @Override
  public void observe(double value) {
    noLabels().observe(value);
  }

  @Override
  public void observeWithExemplar(double value, Labels labels) {
    noLabels().observeWithExemplar(value, labels);
  }

  /** The number of observations in this worker. */
  public long getCount() {
    return noLabels() instanceof OwnNumbers own ? own.getCount() : originalNumbers().getCount();
  }

  /** The sum of what was observed in this worker. */
  public double getSum() {
    return noLabels() instanceof OwnNumbers own ? own.getSum() : originalNumbers().getSum();
  }

  private DistributionDataPointSnapshot originalNumbers() {
    return (DistributionDataPointSnapshot) original.collect().getDataPoints().get(0);
  }
}
