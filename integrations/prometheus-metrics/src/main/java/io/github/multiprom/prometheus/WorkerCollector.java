package io.github.multiprom.prometheus;

import io.github.multiprom.metrics.MetricFamily;
import io.github.multiprom.metrics.Worker;
import io.prometheus.metrics.model.registry.Collector;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import java.util.Arrays;
import java.util.Map;
import java.util.WeakHashMap;

/**
 * A collector of the types of this package: with a directory a family in the worker's file, shown
 * merged over all workers, and without one a collector of prometheus-metrics itself. Thread-safe.
 */
abstract class WorkerCollector implements Collector {
  // By worker, so that a metric on any registry shows the merged numbers; weak.
  private static final Map<Worker, MergedCollector> SHOWN = new WeakHashMap<>();

  private final String name;
  private final int labelCount;
  private final Labels constLabels;
  // Null without a directory.
  private final Worker worker;

  /** Null without a directory. */
  final MetricFamily family;

  /** Null with a directory. */
  final Collector original;

  /**
   * A collector.
   *
   * @param original of prometheus-metrics, which has checked the names
   * @param family of the worker; null without a directory
   */
  WorkerCollector(MetricBuilder<?, ?> builder, Collector original, MetricFamily family) {
    name = original.getPrometheusName();
    labelCount = builder.labelCount();
    constLabels = builder.constLabels();
    this.family = family;
    worker = family == null ? null : builder.worker();
    this.original = family == null ? original : null;
  }

  /** Whether it counts in a worker's file. */
  final boolean isInFile() {
    return family != null;
  }

  final int labelCount() {
    return labelCount;
  }

  /** The values of all labels of a series of the family. */
  final String[] allValues(String[] labelValues) {
    String[] all = Arrays.copyOf(labelValues, labelValues.length + constLabels.size());
    for (int i = 0; i < constLabels.size(); i++) {
      all[labelValues.length + i] = constLabels.getValue(i);
    }
    return all;
  }

  final void checkCount(String[] labelValues) {
    if (labelValues.length != labelCount) {
      throw new IllegalArgumentException(
          name + " has " + labelCount + " labels, not " + labelValues.length);
    }
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
