package io.github.multiprom.prometheus;

import io.github.multiprom.metrics.GaugeMode;
import io.prometheus.metrics.config.PrometheusProperties;
import io.prometheus.metrics.core.datapoints.GaugeDataPoint;
import io.prometheus.metrics.model.snapshots.Labels;

/**
 * A gauge as that of prometheus-metrics, in a worker's file. Its {@link GaugeMode} says what is
 * shown of several workers. Exemplars of gauges are not kept. Thread-safe.
 *
 * <pre>{@code
 * Gauge inFlight = Gauge.builder().name("in_flight").mode(GaugeMode.LIVESUM).register(registry);
 * inFlight.inc();
 * }</pre>
 */
public final class Gauge extends WorkerMetric<GaugeDataPoint> implements GaugeDataPoint {
  private Gauge(
      Builder builder,
      io.prometheus.metrics.core.metrics.Gauge original,
      io.github.multiprom.metrics.Gauge family) {
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

  /** Builds gauges. One thread. */
  public static final class Builder extends MetricBuilder<Builder, Gauge> {
    private final io.prometheus.metrics.core.metrics.Gauge.Builder original;
    private GaugeMode mode;

    private Builder(PrometheusProperties properties) {
      super(properties);
      original = io.prometheus.metrics.core.metrics.Gauge.builder(properties);
    }

    @Override
    Builder self() {
      return this;
    }

    /** Sets how the values of several workers are shown. Optional, as in the worker's settings. */
    public Builder mode(GaugeMode mode) {
      this.mode = mode;
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
    public Gauge build() {
      describe(original);
      var checked = original.build();
      if (!hasDirectory()) {
        return new Gauge(this, checked, null);
      }
      var family =
          io.github.multiprom.metrics.Gauge.build(checked.getPrometheusName(), helpText())
              .unit(unitName())
              .labelNames(allLabelNames())
              .mode(mode)
              .worker(worker());
      return new Gauge(this, checked, family.create());
    }
  }

  private record Point(io.github.multiprom.metrics.Gauge.Child child) implements GaugeDataPoint {
    @Override
    public void inc(double amount) {
      child.inc(amount);
    }

    @Override
    public void incWithExemplar(double amount, Labels labels) {
      child.inc(amount);
    }

    @Override
    public void set(double value) {
      child.set(value);
    }

    @Override
    public double get() {
      return child.get();
    }

    @Override
    public void setWithExemplar(double value, Labels labels) {
      child.set(value);
    }
  }

  @Override
  public void inc(double amount) {
    noLabels().inc(amount);
  }

  @Override
  public void incWithExemplar(double amount, Labels labels) {
    noLabels().incWithExemplar(amount, labels);
  }

  @Override
  public void set(double value) {
    noLabels().set(value);
  }

  /** This worker's own value. */
  @Override
  public double get() {
    return noLabels().get();
  }

  @Override
  public void setWithExemplar(double value, Labels labels) {
    noLabels().setWithExemplar(value, labels);
  }
}
