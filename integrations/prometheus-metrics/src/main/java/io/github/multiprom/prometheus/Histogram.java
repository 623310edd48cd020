package io.github.multiprom.prometheus;

import io.prometheus.metrics.config.MetricsProperties;
import io.prometheus.metrics.config.PrometheusProperties;
import io.prometheus.metrics.core.datapoints.DistributionDataPoint;
import io.prometheus.metrics.model.snapshots.ClassicHistogramBuckets;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot.HistogramDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;

/**
 * A histogram as that of prometheus-metrics, in a worker's file: with classic and native buckets,
 * unless it is told to have only one of these. With a directory it is never reset, and its zero
 * bucket never widens. Thread-safe.
 *
 * <pre>{@code
 * Histogram latency = Histogram.builder()
 *     .name("latency_seconds").classicUpperBounds(.01, .1, 1).register(registry);
 * latency.time(() -> answer(request));
 * }</pre>
 */
public final class Histogram extends WorkerDistribution {
  private static final int DEFAULT_MAX_NATIVE_BUCKETS = 160;

  private Histogram(
      Builder builder,
      io.prometheus.metrics.core.metrics.Histogram original,
      io.github.multiprom.metrics.Histogram family) {
    super(
        builder,
        original,
        family,
        values -> new Point(family.labels(values)),
        new Points<>(original::labelValues, original::remove, original::removeIf, original::clear));
  }

  /** A builder with the client's properties. */
  public static Builder builder() {
    return builder(PrometheusProperties.get());
  }

  /** A builder with properties of one's own. */
  public static Builder builder(PrometheusProperties properties) {
    return new Builder(properties);
  }

  /** Builds histograms. One thread. */
  public static final class Builder extends MetricBuilder<Builder, Histogram> {
    private final io.prometheus.metrics.core.metrics.Histogram.Builder original;
    private final io.github.multiprom.metrics.Histogram.Builder family =
        io.github.multiprom.metrics.Histogram.build();
    // Null unless told, as the next one.
    private Integer maxNativeBuckets;
    private Boolean hasExemplars;

    private Builder(PrometheusProperties properties) {
      super(properties);
      original = io.prometheus.metrics.core.metrics.Histogram.builder(properties);
    }

    @Override
    Builder self() {
      return this;
    }

    /** Has classic buckets only. */
    public Builder classicOnly() {
      original.classicOnly();
      return this;
    }

    /** Has native buckets only. */
    public Builder nativeOnly() {
      original.nativeOnly();
      return this;
    }

    /** Sets the upper bounds of the classic buckets, ascending. */
    public Builder classicUpperBounds(double... upperBounds) {
      original.classicUpperBounds(upperBounds);
      return this;
    }

    /** Sets {@code count} classic buckets, the first up to {@code start}, {@code width} wide. */
    public Builder classicLinearUpperBounds(double start, double width, int count) {
      original.classicLinearUpperBounds(start, width, count);
      return this;
    }

    /** Sets {@code count} classic buckets, the first up to {@code start}, each a factor wider. */
    public Builder classicExponentialUpperBounds(double start, double factor, int count) {
      original.classicExponentialUpperBounds(start, factor, count);
      return this;
    }

    /** Sets how fine the native buckets are, from -4 to 8; by default 5. */
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

    /**
     * Sets how many native buckets are shown at most; if more of them hold something, they are
     * shown more coarsely. By default 160; 0 for any number.
     */
    public Builder nativeMaxNumberOfBuckets(int buckets) {
      original.nativeMaxNumberOfBuckets(buckets);
      maxNativeBuckets = buckets;
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
      shape(pointOf(checked), maxNativeBuckets(checked.getPrometheusName()));
      family
          .name(checked.getPrometheusName())
          .help(helpText())
          .unit(unitName())
          .labelNames(allLabelNames())
          .worker(worker());
      if (hasExemplars(checked.getPrometheusName(), hasExemplars)) {
        family.withExemplarSampler(exemplars());
      } else {
        family.withoutExemplars();
      }
      return new Histogram(this, checked, family.create());
    }

    /** A data point of a histogram as it was built, with what its settings say. */
    private HistogramDataPointSnapshot pointOf(io.prometheus.metrics.core.metrics.Histogram built) {
      String[] labelValues = new String[labelCount()];
      Arrays.fill(labelValues, "");
      built.initLabelValues(labelValues);
      return built.collect().getDataPoints().get(0);
    }

    private int maxNativeBuckets(String metric) {
      Integer buckets =
          setting(
              metric, maxNativeBuckets, MetricsProperties::getHistogramNativeMaxNumberOfBuckets);
      if (buckets == null) {
        return DEFAULT_MAX_NATIVE_BUCKETS;
      }
      return buckets == 0 ? Integer.MAX_VALUE : buckets;
    }

    private void shape(HistogramDataPointSnapshot point, int maxNativeBuckets) {
      if (point.hasClassicHistogramData()) {
        ClassicHistogramBuckets buckets = point.getClassicBuckets();
        double[] bounds = new double[buckets.size()];
        Arrays.setAll(bounds, buckets::getUpperBound);
        family.buckets(bounds);
      }
      if (point.hasNativeHistogramData()) {
        family
            .nativeInitialSchema(point.getNativeSchema())
            .nativeMaxNumberOfBuckets(maxNativeBuckets);
        if (point.hasClassicHistogramData()) {
          family.withNative();
        } else {
          family.nativeOnly();
        }
      }
    }
  }

  private record Point(io.github.multiprom.metrics.Histogram.Child child)
      implements DistributionDataPoint, OwnNumbers {
    @Override
    public void observe(double value) {
      child.observe(value);
    }

    @Override
    public void observeWithExemplar(double value, Labels labels) {
      child.observeWithExemplar(value, ExemplarLabels.of(labels));
    }

    @Override
    public long getCount() {
      double[] cumulative = child.get().buckets;
      return (long) cumulative[cumulative.length - 1];
    }

    @Override
    public double getSum() {
      return child.get().sum;
    }
  }
}
