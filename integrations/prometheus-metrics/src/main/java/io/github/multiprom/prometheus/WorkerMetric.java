package io.github.multiprom.prometheus;

import io.github.multiprom.metrics.MetricFamily;
import io.prometheus.metrics.model.registry.Collector;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

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
  // Null with labels.
  private final P noLabels;

  /**
   * A metric.
   *
   * @param original of prometheus-metrics, which has checked the names
   * @param family of the worker; null without a directory
   */
  WorkerMetric(MetricBuilder<?, ?> builder, Collector original, MetricFamily family) {
    super(builder, original, family);
    noLabels = labelCount() == 0 ? labelValues() : null;
  }

  /** A data point of the original, or of the family. */
  abstract P newPoint(Collector original, MetricFamily family, String[] labelValues);

  /** Removes data points of the original. */
  abstract void removeFromOriginal(Collector original, String[] labelValues);

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
        List.of(labelValues),
        values ->
            newPoint(original, family, family == null ? labelValues : allValues(labelValues)));
  }

  /** Makes the data point with these label values, so that it is shown with 0. */
  public final void initLabelValues(String... labelValues) {
    labelValues(labelValues);
  }

  /** Removes the data point with these label values. */
  public final void remove(String... labelValues) {
    points.remove(List.of(labelValues));
    if (family == null) {
      removeFromOriginal(original, labelValues);
    } else {
      family.remove(allValues(labelValues));
    }
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
