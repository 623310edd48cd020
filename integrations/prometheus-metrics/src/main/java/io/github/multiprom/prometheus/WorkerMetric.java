package io.github.multiprom.prometheus;

import io.github.multiprom.metrics.MetricFamily;
import io.prometheus.metrics.model.registry.Collector;
import java.util.List;
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
  private final Points<P> points;
  // Null with labels, and from a removal on until it is asked for.
  private volatile P noLabels;

  /**
   * A metric.
   *
   * @param original of prometheus-metrics, which has checked the names
   * @param family of the worker; null without a directory
   * @param points finds or makes a data point of the family by all label values
   * @param originals the data points of the original
   */
  WorkerMetric(
      MetricBuilder<?, ?> builder,
      Collector original,
      MetricFamily family,
      Function<String[], P> points,
      Points<P> originals) {
    super(builder, original, family);
    this.points =
        family == null
            ? originals
            : new Points<>(points, family::remove, this::removeChildrenIf, family::clear);
    noLabels = labelCount() == 0 ? labelValues() : null;
  }

  /**
   * The data points of a metric.
   *
   * @param labelValues finds or makes one
   * @param remove removes one
   * @param removeIf removes those whose label values, without those of constant labels, it is true
   *     of
   * @param clear removes all
   */
  record Points<P>(
      Function<String[], P> labelValues,
      Consumer<String[]> remove,
      Consumer<Function<List<String>, Boolean>> removeIf,
      Runnable clear) {}

  /** Without the values of constant labels, with which another metric may share the family. */
  private void removeChildrenIf(Function<List<String>, Boolean> predicate) {
    List<String> constant = List.of(allValues(new String[0]));
    int count = labelCount();
    family.removeIf(
        values ->
            values.subList(count, values.size()).equals(constant)
                && predicate.apply(values.subList(0, count)));
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
    return points.labelValues.apply(itsValues(labelValues));
  }

  /** Makes the data point with these label values, so that it is shown with 0. */
  public final void initLabelValues(String... labelValues) {
    labelValues(labelValues);
  }

  /** Removes the data point with these label values. */
  public final void remove(String... labelValues) {
    points.remove.accept(itsValues(labelValues));
    noLabels = null;
  }

  /**
   * Removes the data points of this worker of whose label values, without those of constant labels,
   * the predicate is true.
   */
  public final void removeIf(Function<List<String>, Boolean> predicate) {
    points.removeIf.accept(predicate);
    noLabels = null;
  }

  /** Removes all data points. */
  public final void clear() {
    points.clear.run();
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
