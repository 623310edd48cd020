package io.github.multiprom.prometheus;

import io.github.multiprom.metrics.GaugeMode;
import io.prometheus.metrics.config.PrometheusProperties;
import io.prometheus.metrics.core.datapoints.StateSetDataPoint;
import java.util.stream.Stream;

/**
 * A state set as that of prometheus-metrics, in a worker's file. Its {@link GaugeMode} says what is
 * shown of several workers. Thread-safe.
 *
 * <pre>{@code
 * StateSet features = StateSet.builder().name("features").states("search", "mail").register(registry);
 * features.setTrue("search");
 * }</pre>
 */
public final class StateSet extends WorkerMetric<StateSetDataPoint> implements StateSetDataPoint {
  private StateSet(
      Builder builder,
      io.prometheus.metrics.core.metrics.StateSet original,
      io.github.multiprom.metrics.StateSet family) {
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

  /** Builds state sets. One thread. */
  public static final class Builder extends MetricBuilder<Builder, StateSet> {
    private final io.prometheus.metrics.core.metrics.StateSet.Builder original;
    private String[] states = {};
    private GaugeMode mode;

    private Builder(PrometheusProperties properties) {
      super(properties);
      original = io.prometheus.metrics.core.metrics.StateSet.builder(properties);
    }

    @Override
    Builder self() {
      return this;
    }

    /** Sets the states. Required; with a directory at most 52. */
    public Builder states(String... states) {
      original.states(states);
      this.states = Stream.of(states).distinct().sorted().toArray(String[]::new);
      return this;
    }

    /** Sets the states to what the constants of an enum print as. */
    public Builder states(Class<? extends Enum<?>> enumClass) {
      return states(
          Stream.of(enumClass.getEnumConstants()).map(Enum::toString).toArray(String[]::new));
    }

    /** Sets how the states of several workers are shown. Optional, as in the worker's settings. */
    public Builder mode(GaugeMode mode) {
      this.mode = mode;
      return this;
    }

    /**
     * Makes the state set without registering it.
     *
     * @throws IllegalStateException if it has no states
     */
    @Override
    public StateSet build() {
      describe(original);
      var checked = original.build();
      if (!hasDirectory()) {
        return new StateSet(this, checked, null);
      }
      var family =
          io.github.multiprom.metrics.StateSet.build(checked.getPrometheusName(), helpText())
              .labelNames(allLabelNames())
              .states(states)
              .worker(worker());
      if (mode != null) {
        family.mode(mode);
      }
      return new StateSet(this, checked, family.create());
    }
  }

  private record Point(io.github.multiprom.metrics.StateSet.Child child)
      implements StateSetDataPoint {
    @Override
    public void setTrue(String state) {
      child.set(state, true);
    }

    @Override
    public void setFalse(String state) {
      child.set(state, false);
    }
  }

  @Override
  public void setTrue(String state) {
    noLabels().setTrue(state);
  }

  @Override
  public void setFalse(String state) {
    noLabels().setFalse(state);
  }
}
