package io.github.multiprom.micrometer;

import io.micrometer.core.instrument.AbstractTimer;
import io.micrometer.core.instrument.Clock;
import io.micrometer.core.instrument.distribution.DistributionStatisticConfig;
import io.micrometer.core.instrument.distribution.HistogramSnapshot;
import io.micrometer.core.instrument.distribution.TimeWindowMax;
import io.micrometer.core.instrument.distribution.pause.PauseDetector;
import io.micrometer.core.instrument.util.TimeUtils;
import java.util.concurrent.TimeUnit;

/** A timer in the cells of this worker, which hold seconds. Thread-safe. */
final class WorkerTimer extends AbstractTimer {
  private static final double NANOS_PER_SECOND = 1e9;

  private final Distribution distribution;
  private final TimeWindowMax max;

  WorkerTimer(
      Id id,
      Clock clock,
      DistributionStatisticConfig config,
      PauseDetector pauseDetector,
      Distribution distribution) {
    super(
        id,
        clock,
        WorkerDistributionSummary.withoutHistogram(config),
        pauseDetector,
        TimeUnit.SECONDS,
        false);
    this.distribution = distribution;
    max = new TimeWindowMax(clock, config);
  }

  @Override
  protected void recordNonNegative(long amount, TimeUnit unit) {
    double nanos = unit.toNanos(amount);
    distribution.observe(nanos / NANOS_PER_SECOND);
    max.record(nanos, TimeUnit.NANOSECONDS);
  }

  @Override
  public long count() {
    return (long) distribution.totals().count();
  }

  @Override
  public double totalTime(TimeUnit unit) {
    return TimeUtils.secondsToUnit(distribution.totals().sum(), unit);
  }

  @Override
  public double max(TimeUnit unit) {
    return max.poll(unit);
  }

  @Override
  public HistogramSnapshot takeSnapshot() {
    HistogramSnapshot snapshot = super.takeSnapshot();
    return distribution.hasBuckets()
        ? WorkerDistributionSummary.withBuckets(snapshot, distribution.buckets(NANOS_PER_SECOND))
        : snapshot;
  }
}
