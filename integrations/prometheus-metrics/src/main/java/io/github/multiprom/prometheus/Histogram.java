package io.github.multiprom.prometheus;

import io.github.multiprom.internal.os.StoreLog;
import io.prometheus.metrics.core.datapoints.DistributionDataPoint;
import io.prometheus.metrics.model.snapshots.Labels;
import java.util.concurrent.TimeUnit;

/**
 * A histogram as that of prometheus-metrics, in a worker's file. With a directory it has classic
 * buckets only. Thread-safe.
 *
 * <pre>{@code
 * Histogram latency = Histogram.builder()
 *     .name("latency_seconds").classicUpperBounds(.01, .1, 1).register(registry);
 * latency.time(() -> answer(request));
 * }</pre>
 */
public final class Histogram extends WorkerDistribution {
  private Histogram(
      Builder builder,
      io.prometheus.metrics.core.metrics.Histogram original,
      io.github.multiprom.metrics.Histogram family) {
    super(
        builder,
        original,
        family,
        family == null ? original::labelValues : values -> new Point(family.labels(values)),
        original::remove);
  }

  /** A builder. */
  public static Builder builder() {
    return new Builder();
  }

  /** Builds histograms. One thread. */
  public static final class Builder extends MetricBuilder<Builder, Histogram> {
    private final io.prometheus.metrics.core.metrics.Histogram.Builder original =
        io.prometheus.metrics.core.metrics.Histogram.builder();
    private final io.github.multiprom.metrics.Histogram.Builder family =
        io.github.multiprom.metrics.Histogram.build()
            .buckets(
                io.prometheus.metrics.core.metrics.Histogram.Builder.DEFAULT_CLASSIC_UPPER_BOUNDS);
    private boolean isClassicOnly;
    private boolean hasExemplars = true;

    private Builder() {}

    @Override
    Builder self() {
      return this;
    }

    /** Has classic buckets only. */
    public Builder classicOnly() {
      original.classicOnly();
      isClassicOnly = true;
      return this;
    }

    /** Has native buckets only; with a directory it has the classic ones all the same. */
    public Builder nativeOnly() {
      original.nativeOnly();
      return this;
    }

    /** Sets the upper bounds of the classic buckets, ascending. */
    public Builder classicUpperBounds(double... upperBounds) {
      original.classicUpperBounds(upperBounds);
      family.buckets(upperBounds);
      return this;
    }

    /** Sets {@code count} classic buckets, the first up to {@code start}, {@code width} wide. */
    public Builder classicLinearUpperBounds(double start, double width, int count) {
      original.classicLinearUpperBounds(start, width, count);
      family.linearBuckets(start, width, count);
      return this;
    }

    /** Sets {@code count} classic buckets, the first up to {@code start}, each a factor wider. */
    public Builder classicExponentialUpperBounds(double start, double factor, int count) {
      original.classicExponentialUpperBounds(start, factor, count);
      family.exponentialBuckets(start, factor, count);
      return this;
    }

    /** As in prometheus-metrics; without effect with a directory. */
    public Builder nativeInitialSchema(int schema) {
      original.nativeInitialSchema(schema);
      return this;
    }

    /** As in prometheus-metrics; without effect with a directory. */
    public Builder nativeMaxZeroThreshold(double threshold) {
      original.nativeMaxZeroThreshold(threshold);
      return this;
    }

    /** As in prometheus-metrics; without effect with a directory. */
    public Builder nativeMinZeroThreshold(double threshold) {
      original.nativeMinZeroThreshold(threshold);
      return this;
    }

    /** As in prometheus-metrics; without effect with a directory. */
    public Builder nativeMaxNumberOfBuckets(int buckets) {
      original.nativeMaxNumberOfBuckets(buckets);
      return this;
    }

    /** As in prometheus-metrics; without effect with a directory. */
    public Builder nativeResetDuration(long duration, TimeUnit unit) {
      original.nativeResetDuration(duration, unit);
      return this;
    }

    /** Has exemplars of the current span. */
    public Builder withExemplars() {
      hasExemplars = true;
      original.withExemplars();
      return this;
    }

    /** Has no exemplars of the current span. */
    public Builder withoutExemplars() {
      hasExemplars = false;
      original.withoutExemplars();
      return this;
    }

    @Override
    public Histogram build() {
      describe(original);
      var checked = original.build();
      if (!hasDirectory()) {
        return new Histogram(this, checked, null);
      }
      if (!isClassicOnly) {
        StoreLog.warnOnce(
            "classic-only",
            "Histogram "
                + checked.getPrometheusName()
                + ", and perhaps others, shows classic buckets without native ones");
      }
      family
          .name(checked.getPrometheusName())
          .help(helpText())
          .unit(unitName())
          .labelNames(allLabelNames())
          .worker(worker());
      if (hasExemplars) {
        family.withExemplarSampler(exemplars());
      } else {
        family.withoutExemplars();
      }
      return new Histogram(this, checked, family.create());
    }
  }

  private record Point(io.github.multiprom.metrics.Histogram.Child child)
      implements DistributionDataPoint {
    @Override
    public void observe(double value) {
      child.observe(value);
    }

    @Override
    public void observeWithExemplar(double value, Labels labels) {
      child.observeWithExemplar(value, ExemplarLabels.of(labels));
    }
  }
}
