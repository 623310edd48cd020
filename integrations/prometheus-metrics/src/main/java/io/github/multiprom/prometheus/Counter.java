package io.github.multiprom.prometheus;

import io.prometheus.metrics.config.PrometheusProperties;
import io.prometheus.metrics.core.datapoints.CounterDataPoint;
import io.prometheus.metrics.model.snapshots.Labels;

/**
 * A counter as that of prometheus-metrics, which counts in a worker's file: a killed worker loses
 * nothing. Thread-safe.
 *
 * <pre>{@code
 * Counter requests = Counter.builder().name("requests_total").labelNames("path").register(registry);
 * requests.labelValues("/").inc();
 * }</pre>
 */
public final class Counter extends WorkerMetric<CounterDataPoint> implements CounterDataPoint {
  private Counter(
      Builder builder,
      io.prometheus.metrics.core.metrics.Counter original,
      io.github.multiprom.metrics.Counter family) {
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

  /** Builds counters. One thread. */
  public static final class Builder extends MetricBuilder<Builder, Counter> {
    private final io.prometheus.metrics.core.metrics.Counter.Builder original;
    // Null unless told.
    private Boolean hasExemplars;

    private Builder(PrometheusProperties properties) {
      super(properties);
      original = io.prometheus.metrics.core.metrics.Counter.builder(properties);
    }

    @Override
    Builder self() {
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
    public Counter build() {
      describe(original);
      var checked = original.build();
      if (!hasDirectory()) {
        return new Counter(this, checked, null);
      }
      var family =
          io.github.multiprom.metrics.Counter.build(checked.getPrometheusName(), helpText())
              .unit(unitName())
              .labelNames(allLabelNames())
              .worker(worker());
      if (hasExemplars(checked.getPrometheusName(), hasExemplars)) {
        family.withExemplarSampler(exemplars());
      } else {
        family.withoutExemplars();
      }
      return new Counter(this, checked, family.create());
    }
  }

  private record Point(io.github.multiprom.metrics.Counter.Child child)
      implements CounterDataPoint {
    @Override
    public void inc() {
      child.inc();
    }

    @Override
    public void inc(double amount) {
      child.inc(amount);
    }

    @Override
    public void incWithExemplar(double amount, Labels labels) {
      child.incWithExemplar(amount, ExemplarLabels.of(labels));
    }

    @Override
    public double get() {
      return child.get();
    }

    @Override
    public long getLongValue() {
      return (long) child.get();
    }
  }

  @Override
  public void inc() {
    noLabels().inc();
  }

  @Override
  public void inc(double amount) {
    noLabels().inc(amount);
  }

  @Override
  public void incWithExemplar(double amount, Labels labels) {
    noLabels().incWithExemplar(amount, labels);
  }

  /** This worker's own sum. */
  @Override
  public double get() {
    return noLabels().get();
  }

  /** As {@link #get}. */
  @Override
  public long getLongValue() {
    return noLabels().getLongValue();
  }
}
