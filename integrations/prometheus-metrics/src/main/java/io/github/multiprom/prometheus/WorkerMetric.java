package io.github.multiprom.prometheus;

import io.github.multiprom.metrics.MetricFamily;
import io.github.multiprom.metrics.Worker;
import io.prometheus.metrics.model.registry.Collector;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.WeakHashMap;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What the metric types of this package share. Thread-safe.
 *
 * <p>With a directory the data points count in the worker's file, and what is collected is merged
 * over all workers. Without one a metric is one of prometheus-metrics itself.
 *
 * @param <P> a data point
 */
abstract class WorkerMetric<P> implements Collector {
  // By worker, so that a metric on any registry shows the merged numbers; weak.
  private static final Map<Worker, MergedCollector> SHOWN = new WeakHashMap<>();

  private final String name;
  private final int labelCount;
  private final Labels constLabels;
  // Null without a directory, as the next.
  private final Worker worker;
  private final MetricFamily family;
  // Null with a directory.
  private final Collector original;
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
    name = original.getPrometheusName();
    labelCount = builder.labelCount();
    constLabels = builder.constLabels();
    this.family = family;
    worker = family == null ? null : builder.worker();
    this.original = family == null ? original : null;
    noLabels = labelCount == 0 ? labelValues() : null;
  }

  /** A data point of the original, or of the family. */
  abstract P newPoint(Collector original, MetricFamily family, String[] labelValues);

  /** Removes data points of the original. */
  abstract void removeFromOriginal(Collector original, String[] labelValues);

  /** Whether it counts in a worker's file. */
  final boolean isInFile() {
    return family != null;
  }

  /** The values of all labels of a series of the family. */
  private String[] allValues(String[] labelValues) {
    String[] all = Arrays.copyOf(labelValues, labelValues.length + constLabels.size());
    for (int i = 0; i < constLabels.size(); i++) {
      all[labelValues.length + i] = constLabels.getValue(i);
    }
    return all;
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
        List.of(labelValues),
        values ->
            newPoint(original, family, family == null ? labelValues : allValues(labelValues)));
  }

  private void checkCount(String[] labelValues) {
    if (labelValues.length != labelCount) {
      throw new IllegalArgumentException(
          name + " has " + labelCount + " labels, not " + labelValues.length);
    }
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
      throw new IllegalStateException(name + " has labels: call labelValues() first");
    }
    return noLabels;
  }

  /** The numbers of all workers; without a directory of this process. */
  @Override
  public final MetricSnapshot collect() {
    return family == null ? original.collect() : shown(worker).collect(name);
  }

  private static MergedCollector shown(Worker worker) {
    synchronized (SHOWN) {
      return SHOWN.computeIfAbsent(worker, MergedCollector::of);
    }
  }

  @Override
  public final String getPrometheusName() {
    return name;
  }
}
