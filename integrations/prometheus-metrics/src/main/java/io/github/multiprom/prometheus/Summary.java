package io.github.multiprom.prometheus;

import io.prometheus.metrics.config.MetricsProperties;
import io.prometheus.metrics.config.PrometheusProperties;
import io.prometheus.metrics.core.datapoints.DistributionDataPoint;
import io.prometheus.metrics.model.snapshots.Labels;
import java.util.ArrayList;
import java.util.List;

/**
 * A summary as that of prometheus-metrics, in a worker's file. With a directory its quantiles are
 * those of all workers together, with an exact rank and a value within 1.083 %, and it has no
 * exemplars. Thread-safe.
 *
 * <pre>{@code
 * Summary received = Summary.builder().name("received_bytes").register(registry);
 * received.observe(1024);
 * }</pre>
 */
public final class Summary extends WorkerDistribution {
  private Summary(
      Builder builder,
      io.prometheus.metrics.core.metrics.Summary original,
      io.github.multiprom.metrics.Summary family) {
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

  /** Builds summaries. One thread. */
  public static final class Builder extends MetricBuilder<Builder, Summary> {
    /** The client's word wants one; ranks are exact here. */
    private static final double RANK_ERROR = 0.01;

    private final io.prometheus.metrics.core.metrics.Summary.Builder original;
    // Of what the builder was told; null, or empty, unless it was.
    private final List<Double> quantiles = new ArrayList<>();
    private Long maxAgeSeconds;
    private Integer ageBuckets;

    private Builder(PrometheusProperties properties) {
      super(properties);
      original = io.prometheus.metrics.core.metrics.Summary.builder(properties);
    }

    @Override
    Builder self() {
      return this;
    }

    /** Adds a quantile. */
    public Builder quantile(double quantile) {
      original.quantile(quantile);
      quantiles.add(quantile);
      return this;
    }

    /** Adds a quantile with an error of its rank; with a directory the rank is exact. */
    public Builder quantile(double quantile, double error) {
      original.quantile(quantile, error);
      quantiles.add(quantile);
      return this;
    }

    /** Sets of how long before the scrape quantiles are; 5 minutes by default. */
    public Builder maxAgeSeconds(long maxAgeSeconds) {
      original.maxAgeSeconds(maxAgeSeconds);
      this.maxAgeSeconds = maxAgeSeconds;
      return this;
    }

    /** Sets in how many steps that time moves on; 5 by default, with a directory 60 at most. */
    public Builder numberOfAgeBuckets(int ageBuckets) {
      original.numberOfAgeBuckets(ageBuckets);
      this.ageBuckets = ageBuckets;
      return this;
    }

    /** Exemplars without a directory; with one there are none. */
    public Builder withExemplars() {
      original.withExemplars();
      return this;
    }

    /** No exemplars. */
    public Builder withoutExemplars() {
      original.withoutExemplars();
      return this;
    }

    @Override
    public Summary build() {
      describe(original);
      var checked = original.build();
      if (!hasDirectory()) {
        return new Summary(this, checked, null);
      }
      var family =
          io.github.multiprom.metrics.Summary.build(checked.getPrometheusName(), helpText())
              .unit(unitName())
              .labelNames(allLabelNames())
              .worker(worker());
      shape(family, checked.getPrometheusName());
      return new Summary(this, checked, family.create());
    }

    private void shape(io.github.multiprom.metrics.Summary.Builder family, String metric) {
      List<Double> shown =
          setting(
              metric,
              quantiles.isEmpty() ? null : quantiles,
              MetricsProperties::getSummaryQuantiles);
      if (shown != null) {
        shown.forEach(quantile -> family.quantile(quantile, RANK_ERROR));
      }
      Long age = setting(metric, maxAgeSeconds, MetricsProperties::getSummaryMaxAgeSeconds);
      family.maxAgeSeconds(
          age != null
              ? age
              : io.prometheus.metrics.core.metrics.Summary.Builder.DEFAULT_MAX_AGE_SECONDS);
      Integer steps = setting(metric, ageBuckets, MetricsProperties::getSummaryNumberOfAgeBuckets);
      family.ageBuckets(
          steps != null
              ? steps
              : io.prometheus.metrics.core.metrics.Summary.Builder.DEFAULT_NUMBER_OF_AGE_BUCKETS);
    }
  }

  private record Point(io.github.multiprom.metrics.Summary.Child child)
      implements DistributionDataPoint, OwnNumbers {
    @Override
    public void observe(double value) {
      child.observe(value);
    }

    @Override
    public void observeWithExemplar(double value, Labels labels) {
      child.observe(value);
    }

    @Override
    public long getCount() {
      return (long) child.get().count;
    }

    @Override
    public double getSum() {
      return child.get().sum;
    }
  }
}
