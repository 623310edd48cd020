package io.github.multiprom.metrics;

import io.github.multiprom.model.EpochClock;
import io.prometheus.client.Collector.MetricFamilySamples;
import io.prometheus.client.CollectorRegistry;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.WeakHashMap;
import java.util.function.Predicate;

/**
 * The families of a worker without a directory. Thread-safe.
 *
 * <p>Each stands alone, as in simpleclient: it has its own children on the heap, a registry shows
 * the family itself, and whoever forgets the registry has forgotten the family. Two families may
 * have one name, on two registries, and need not be of one shape.
 */
final class MemoryFamilies implements FamilyHome {
  /** The registries that a family was registered with, and when it was made. */
  private static final class Made {
    final long order;
    final Set<CollectorRegistry> registries = Collections.newSetFromMap(new WeakHashMap<>());

    Made(long order) {
      this.order = order;
    }
  }

  // Weak: a family lives as long as its registry, or the application, holds it.
  private final Map<MetricFamily, Made> families = new WeakHashMap<>();
  private long lastOrder;

  /** Starts a family, which has no children yet. */
  void add(MetricFamily family) {
    synchronized (family) {
      startWithoutLabels(family);
    }
    synchronized (families) {
      families.put(family, new Made(++lastOrder));
    }
  }

  /** How many there are. */
  int count() {
    synchronized (families) {
      return families.size();
    }
  }

  private static void startWithoutLabels(MetricFamily family) {
    if (family.descriptor.labelNames().isEmpty() && family.children.size() == 0) {
      family.noLabels = addChild(family, new String[0]);
    }
  }

  private static Series addChild(MetricFamily family, String[] labelValues) {
    Series child = family.newChild(labelValues, EpochClock.nowNanos());
    child.startAlone();
    family.children.add(child);
    return child;
  }

  @Override
  public Series child(MetricFamily family, String[] labelValues) {
    synchronized (family) {
      Series found = family.children.find(labelValues);
      return found != null ? found : addChild(family, labelValues);
    }
  }

  @Override
  public void remove(MetricFamily family, String[] labelValues) {
    removeIf(family, child -> child.hasLabelValues(labelValues));
  }

  @Override
  public void clear(MetricFamily family) {
    removeIf(family, child -> true);
  }

  private static void removeIf(MetricFamily family, Predicate<Series> condition) {
    synchronized (family) {
      family.children.removeIf(condition);
      startWithoutLabels(family);
    }
  }

  @Override
  public List<MetricFamilySamples> collect(MetricFamily family) {
    List<Series> children;
    synchronized (family) {
      children = family.children.all();
    }
    return List.of(family.samplesOf(children));
  }

  @Override
  public void admit(CollectorRegistry registry) {}

  @Override
  public void showOn(MetricFamily family, CollectorRegistry registry) {
    synchronized (families) {
      Made made = families.get(family);
      if (made != null) {
        made.registries.add(registry);
      }
    }
    if (registry == CollectorRegistry.defaultRegistry) {
      MemoryWorkers.showOn(registry);
    }
  }

  @Override
  public boolean leavesOut(MetricFamily family, double number) {
    return false;
  }
}
