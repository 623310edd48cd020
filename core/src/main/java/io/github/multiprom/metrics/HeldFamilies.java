package io.github.multiprom.metrics;

import io.prometheus.client.CollectorRegistry;
import io.prometheus.client.Predicate;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;

/**
 * Which families a registry holds. It does not say so, but it asks those for samples that have a
 * name. Thread-safe.
 */
final class HeldFamilies {
  /** In a thread that asks a registry what it holds: the families that were asked for samples. */
  private static final ThreadLocal<Set<MetricFamily>> ASKED = new ThreadLocal<>();

  private HeldFamilies() {}

  /** Those of the families with these sample names that a registry holds. */
  static Set<MetricFamily> of(CollectorRegistry registry, Set<String> sampleNames) {
    if (registry instanceof MergedRegistry merged) {
      return merged.held();
    }
    Set<MetricFamily> asked = Collections.newSetFromMap(new IdentityHashMap<>());
    if (sampleNames.isEmpty()) {
      return asked;
    }
    ASKED.set(asked);
    try {
      Predicate<String> isOne = sampleNames::contains;
      Collections.list(registry.filteredMetricFamilySamples(isOne));
    } catch (RuntimeException e) {
      // Of a collector of the application. What was asked before is known.
    } finally {
      ASKED.remove();
    }
    return asked;
  }

  /** Whether this thread asks a registry what it holds, so that nobody need give samples. */
  static boolean isAsking() {
    return ASKED.get() != null;
  }

  /** As {@link #isAsking()}, and notes that a family was asked. */
  static boolean isAsking(MetricFamily family) {
    Set<MetricFamily> asked = ASKED.get();
    if (asked != null) {
      asked.add(family);
    }
    return asked != null;
  }
}
