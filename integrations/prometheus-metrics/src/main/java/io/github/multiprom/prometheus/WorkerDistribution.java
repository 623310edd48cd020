package io.github.multiprom.prometheus;

import io.github.multiprom.metrics.MetricFamily;
import io.prometheus.metrics.core.datapoints.DistributionDataPoint;
import io.prometheus.metrics.model.registry.Collector;
import io.prometheus.metrics.model.snapshots.Labels;
import java.util.function.Consumer;
import java.util.function.Function;

/** A histogram or summary, which without labels is its own data point. Thread-safe. */
abstract class WorkerDistribution extends WorkerMetric<DistributionDataPoint>
    implements DistributionDataPoint {
  /** As {@link WorkerMetric}. */
  WorkerDistribution(
      MetricBuilder<?, ?> builder,
      Collector original,
      MetricFamily family,
      Function<String[], DistributionDataPoint> points,
      Consumer<String[]> removal,
      Runnable clearing) {
    super(builder, original, family, points, removal, clearing);
  }

  @Override
  public void observe(double value) {
    noLabels().observe(value);
  }

  @Override
  public void observeWithExemplar(double value, Labels labels) {
    noLabels().observeWithExemplar(value, labels);
  }
}
