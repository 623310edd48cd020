package io.github.multiprom.prometheus;

import io.github.multiprom.metrics.MetricFamily;
import io.prometheus.metrics.model.registry.Collector;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * What the metric types with data points share. Thread-safe.
 *
 * <p>With a directory the data points count in the worker's file, and without one they are those of
 * prometheus-metrics itself.
 *
 * @param <P> a data point
 */
abstract class WorkerMetric<P> extends WorkerCollector {
  private final Function<String[], P> points;
  private final Consumer<String[]> removal;
  private final Runnable clearing;
  // Null with labels, and from a removal on until it is asked for.
  private volatile P noLabels;

  /**
   * A metric.
   *
   * @param original of prometheus-metrics, which has checked the names
   * @param family of the worker; null without a directory
   * @param points finds or makes a data point of the family, or of the original, by all label
   *     values
   * @param removal removes a data point of the original
   * @param clearing removes all data points of the original
   */
  WorkerMetric(
      MetricBuilder<?, ?> builder,
      Collector original,
      MetricFamily family,
      Function<String[], P> points,
      Consumer<String[]> removal,
      Runnable clearing) {
    super(builder, original, family);
    this.points = points;
    this.removal = family == null ? removal : family::remove;
    this.clearing = family == null ? clearing : family::clear;
    noLabels = labelCount() == 0 ? labelValues() : null;
  }

  /** The label values that the family has, or the original. */
  private String[] itsValues(String[] labelValues) {
    return isInFile() ? allValues(labelValues) : labelValues;
  }

  /**
   * The data point with these label values, made if need be.
   *
   * @throws IllegalArgumentException if their number is wrong or one is null
   */
  public final P labelValues(String... labelValues) {
    checkCount(labelValues);
    return points.apply(itsValues(labelValues));
  }

  /** Makes the data point with these label values, so that it is shown with 0. */
  public final void initLabelValues(String... labelValues) {
    labelValues(labelValues);
  }

  /** Removes the data point with these label values. */
  public final void remove(String... labelValues) {
    removal.accept(itsValues(labelValues));
    noLabels = null;
  }

  /** Removes all data points. */
  public final void clear() {
    clearing.run();
    noLabels = null;
  }

  /** The data point without labels. */
  final P noLabels() {
    P known = noLabels;
    if (known != null) {
      return known;
    }
    if (labelCount() > 0) {
      throw new IllegalStateException(
          getPrometheusName() + " has labels: call labelValues() first");
    }
    P found = labelValues();
    noLabels = found;
    return found;
  }
}
