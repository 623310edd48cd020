package io.github.multiprom.prometheus;

import io.github.multiprom.metrics.MetricFamily;
import io.prometheus.metrics.model.registry.Collector;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
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
  private final Map<List<String>, P> points = new ConcurrentHashMap<>();
  private final Function<String[], P> newPoint;
  private final Consumer<String[]> removal;
  // Null with labels.
  private final P noLabels;

  /**
   * A metric.
   *
   * @param original of prometheus-metrics, which has checked the names
   * @param family of the worker; null without a directory
   * @param newPoint makes a data point of the family, or of the original, by all label values
   * @param removal removes a data point of the original
   */
  WorkerMetric(
      MetricBuilder<?, ?> builder,
      Collector original,
      MetricFamily family,
      Function<String[], P> newPoint,
      Consumer<String[]> removal) {
    super(builder, original, family);
    this.newPoint = newPoint;
    this.removal = family == null ? removal : family::remove;
    noLabels = labelCount() == 0 ? labelValues() : null;
  }

  /** The label values that the family has, or the original. */
  private String[] itsValues(String[] labelValues) {
    return isInFile() ? allValues(labelValues) : labelValues;
  }

  /**
   * The data point with these label values, made if need be.
   *
   * @throws IllegalArgumentException if their number is wrong
   */
  public final P labelValues(String... labelValues) {
    List<String> key = Arrays.asList(labelValues);
    P known = points.get(key);
    if (known != null) {
      return known;
    }
    checkCount(labelValues);
    return points.computeIfAbsent(
        List.of(labelValues), values -> newPoint.apply(itsValues(labelValues)));
  }

  /** Makes the data point with these label values, so that it is shown with 0. */
  public final void initLabelValues(String... labelValues) {
    labelValues(labelValues);
  }

  /** Removes the data point with these label values. */
  public final void remove(String... labelValues) {
    points.remove(List.of(labelValues));
    removal.accept(itsValues(labelValues));
  }

  /** Removes all data points. */
  public final void clear() {
    for (List<String> labelValues : new ArrayList<>(points.keySet())) {
      remove(labelValues.toArray(new String[0]));
    }
  }

  /** The data point without labels. */
  final P noLabels() {
    if (noLabels == null) {
      throw new IllegalStateException(
          getPrometheusName() + " has labels: call labelValues() first");
    }
    return noLabels;
  }
}
