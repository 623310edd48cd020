package io.github.multiprom.metrics;

import io.prometheus.client.Collector.MetricFamilySamples;
import io.prometheus.client.CollectorRegistry;
import java.util.List;

/** Where a family lives: what makes and removes its children, and what shows it. Thread-safe. */
interface FamilyHome {
  /**
   * The child with these label values, which is made if need be.
   *
   * @param labelValues one value per label name; kept
   */
  Series child(MetricFamily family, String[] labelValues);

  /** Removes the child with these label values, if there is one. */
  void remove(MetricFamily family, String[] labelValues);

  /** Removes all children. */
  void clear(MetricFamily family);

  /** What a registry shows of the family itself. */
  List<MetricFamilySamples> collect(MetricFamily family);

  /**
   * Makes sure that a registry can show the family.
   *
   * @throws IllegalArgumentException if it cannot
   */
  void admit(CollectorRegistry registry);

  /** Adds what the registry needs to show the family, which it has. */
  void showOn(MetricFamily family, CollectorRegistry registry);

  /**
   * Notes that a NaN or an infinite number was counted or observed.
   *
   * @return whether it is left out of sums
   */
  boolean leavesOut(MetricFamily family, double number);
}
