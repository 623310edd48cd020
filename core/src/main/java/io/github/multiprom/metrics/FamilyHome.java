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

  /** Publishes a child anew, as the labels with which it is published have changed. */
  void publishAnew(Series child);

  /**
   * Makes a child of no family one of a family, in the place of another one with its label values.
   *
   * @param labelValues one value per label name; kept
   */
  void setChild(MetricFamily family, Series child, String[] labelValues);

  /** Notes that a child has exemplars from now on. */
  void exemplarsMade(Series child);

  /** Removes the child with these label values, if there is one. */
  void remove(MetricFamily family, String[] labelValues);

  /** Removes all children. */
  void clear(MetricFamily family);

  /** The family's samples, with a directory those of all workers. */
  List<MetricFamilySamples> collect(MetricFamily family);

  /** Whether registries show the family by the collector of a directory. */
  boolean isShownBesides(MetricFamily family);

  /** What this JVM shows of the directory; null without one. */
  DirectoryBinding shown();

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
