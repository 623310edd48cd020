package io.github.multiprom.prometheus;

import io.github.multiprom.metrics.Worker;
import io.prometheus.metrics.config.MetricsProperties;
import io.prometheus.metrics.config.PrometheusProperties;
import io.prometheus.metrics.core.metrics.MetricWithFixedMetadata;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.Unit;
import io.prometheus.metrics.tracer.initializer.SpanContextSupplier;
import java.util.Arrays;
import java.util.function.Function;

/**
 * What the builders of the metric types share. One thread.
 *
 * @param <B> the builder
 * @param <M> what it builds
 */
abstract class MetricBuilder<B extends MetricBuilder<B, M>, M extends WorkerCollector> {
  private final PrometheusProperties properties;
  private String name;
  private String help;
  private Unit unit;
  private String[] labelNames = {};
  private Labels constLabels = Labels.EMPTY;
  private Worker worker;

  MetricBuilder(PrometheusProperties properties) {
    this.properties = properties;
  }

  abstract B self();

  /** Makes the metric without registering it. */
  public abstract M build();

  /** Sets the name. Required. */
  public B name(String name) {
    this.name = name;
    return self();
  }

  /** Sets the help text. Optional. */
  public B help(String help) {
    this.help = help;
    return self();
  }

  /** Sets the unit, which is appended to the name unless it ends with it. Optional. */
  public B unit(Unit unit) {
    this.unit = unit;
    return self();
  }

  /** Sets the label names. Optional, none by default. */
  public B labelNames(String... labelNames) {
    this.labelNames = labelNames.clone();
    return self();
  }

  /** Sets labels that all data points have. Optional. */
  public B constLabels(Labels constLabels) {
    this.constLabels = constLabels;
    return self();
  }

  /** Sets the worker that records the metric. Optional, by default the JVM's default worker. */
  public B worker(Worker worker) {
    this.worker = worker;
    return self();
  }

  /** Makes the metric and registers it with the default registry. */
  public M register() {
    return register(PrometheusRegistry.defaultRegistry);
  }

  /** Makes the metric and registers it. */
  public M register(PrometheusRegistry registry) {
    M metric = build();
    registry.register(metric);
    return metric;
  }

  /** Gives the client's own builder what this one was given; it checks names as well. */
  final void describe(MetricWithFixedMetadata.Builder<?, ?> original) {
    if (name != null) {
      original.name(name);
    }
    if (help != null) {
      original.help(help);
    }
    if (unit != null) {
      original.unit(unit);
    }
    original.labelNames(labelNames);
    original.constLabels(constLabels);
  }

  final Worker worker() {
    return worker != null ? worker : Worker.defaultWorker();
  }

  /** Whether the metric is to be kept in a worker's file. */
  final boolean hasDirectory() {
    return worker().directory().isPresent();
  }

  final String helpText() {
    return help == null || help.isEmpty() ? " " : help;
  }

  final String unitName() {
    return unit == null ? "" : unit.toString();
  }

  /** The label names, those of the constant labels last. */
  final String[] allLabelNames() {
    String[] all = Arrays.copyOf(labelNames, labelNames.length + constLabels.size());
    for (int i = 0; i < constLabels.size(); i++) {
      all[labelNames.length + i] = constLabels.getPrometheusName(i);
    }
    return all;
  }

  final int labelCount() {
    return labelNames.length;
  }

  final Labels constLabels() {
    return constLabels;
  }

  /**
   * What the client's properties say of this metric, else what the builder was told, else what the
   * properties say of all metrics; null if there is none of these.
   */
  final <T> T setting(String metric, T told, Function<MetricsProperties, T> property) {
    MetricsProperties own = properties.getMetricProperties(metric);
    T value = own == null ? null : property.apply(own);
    if (value == null) {
      value = told;
    }
    return value != null ? value : property.apply(properties.getDefaultMetricProperties());
  }

  /**
   * Whether the metric has exemplars of the current span.
   *
   * @param told by the builder; null if it was told nothing
   */
  final boolean hasExemplars(String metric, Boolean told) {
    // The builder's "without" stands in any case, as with the client.
    return !Boolean.FALSE.equals(told)
        && !Boolean.FALSE.equals(setting(metric, told, MetricsProperties::getExemplarsEnabled));
  }

  /** Makes exemplars of the tracer that prometheus-metrics finds, if it finds any. */
  static SpanExemplars exemplars() {
    return new SpanExemplars(
        () -> {
          try {
            return SpanContextSupplier.getSpanContext();
          } catch (LinkageError e) {
            // Micrometer leaves out the jar that looks for one.
            return null;
          }
        });
  }
}
