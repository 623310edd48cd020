package io.github.multiprom.metrics;

import io.prometheus.client.Collector;
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
  /** In a thread that asks a registry what it holds: who was asked for samples. */
  private static final ThreadLocal<Set<Collector>> ASKED = new ThreadLocal<>();

  private HeldFamilies() {}

  /**
   * Those of the families with these sample names that a registry holds.
   *
   * @param witness a collector that it holds; null for none
   * @return null if the registry does not tell: it has its own ways, or a collector fails
   */
  static Set<MetricFamily> of(
      CollectorRegistry registry, Set<String> sampleNames, Collector witness) {
    if (registry instanceof MergedRegistry merged) {
      return merged.held();
    }
    Set<Collector> asked = Collections.newSetFromMap(new IdentityHashMap<>());
    ASKED.set(asked);
    try {
      Predicate<String> isOne = sampleNames::contains;
      Collections.list(registry.filteredMetricFamilySamples(isOne));
    } catch (RuntimeException e) {
      if (witness != null) {
        return null;
      }
      // Of a collector of the application. What was asked before is known.
    } finally {
      ASKED.remove();
    }
    if (witness != null && !asked.contains(witness)) {
      return null;
    }
    Set<MetricFamily> held = Collections.newSetFromMap(new IdentityHashMap<>());
    for (Collector one : asked) {
      if (one instanceof MetricFamily family) {
        held.add(family);
      }
    }
    return held;
  }

  /**
   * Whether this thread asks a registry what it holds, so that nobody need give samples; notes that
   * a collector was asked.
   */
  static boolean isAsking(Collector asked) {
    Set<Collector> all = ASKED.get();
    if (all != null) {
      all.add(asked);
    }
    return all != null;
  }
}
