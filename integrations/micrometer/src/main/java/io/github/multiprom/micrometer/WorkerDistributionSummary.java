package io.github.multiprom.micrometer;

import io.micrometer.core.instrument.AbstractDistributionSummary;
import io.micrometer.core.instrument.Clock;
import io.micrometer.core.instrument.distribution.CountAtBucket;
import io.micrometer.core.instrument.distribution.DistributionStatisticConfig;
import io.micrometer.core.instrument.distribution.HistogramSnapshot;
import io.micrometer.core.instrument.distribution.TimeWindowMax;

/** A distribution summary in the cells of this worker. Thread-safe. */
final class WorkerDistributionSummary extends AbstractDistributionSummary {
  private final Distribution distribution;
  private final TimeWindowMax max;

  WorkerDistributionSummary(
      Id id,
      Clock clock,
      DistributionStatisticConfig config,
      double scale,
      Distribution distribution) {
    super(id, clock, withoutHistogram(config), scale, false);
    this.distribution = distribution;
    max = new TimeWindowMax(clock, config);
  }

  /** What is left to Micrometer, which would count the buckets on the heap once more. */
  static DistributionStatisticConfig withoutHistogram(DistributionStatisticConfig config) {
    return DistributionStatisticConfig.builder()
        .percentilesHistogram(false)
        .serviceLevelObjectives()
        .build()
        .merge(config);
  }

  static HistogramSnapshot withBuckets(HistogramSnapshot snapshot, CountAtBucket[] buckets) {
    return new HistogramSnapshot(
        snapshot.count(),
        snapshot.total(),
        snapshot.max(),
        snapshot.percentileValues(),
        buckets,
        snapshot::outputSummary);
  }

  @Override
  protected void recordNonNegative(double amount) {
    distribution.observe(amount);
    max.record(amount);
  }

  @Override
  public long count() {
    return (long) distribution.totals().count();
  }

  @Override
  public double totalAmount() {
    return distribution.totals().sum();
  }

  @Override
  public double max() {
    return max.poll();
  }

  @Override
  public HistogramSnapshot takeSnapshot() {
    HistogramSnapshot snapshot = super.takeSnapshot();
    return distribution.hasBuckets() ? withBuckets(snapshot, distribution.buckets(1)) : snapshot;
  }
}
