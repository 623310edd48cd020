package io.github.multiprom.metrics;

import io.github.multiprom.internal.directory.RegistryView;
import io.prometheus.client.Collector;
import io.prometheus.client.CollectorRegistry;
import io.prometheus.client.Predicate;
import java.lang.ref.WeakReference;
import java.util.Collections;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.WeakHashMap;

/**
 * Stands on one registry and shows of a directory what belongs there. Thread-safe.
 *
 * <ul>
 *   <li>A {@link MergedRegistry} shows every family of every worker.
 *   <li>The default registry leaves out families that, in every live worker, were registered with
 *       registries of the application's own only.
 *   <li>A registry of the application's own shows the families that it holds. If it is the only one
 *       of its JVM, it shows all families of such registries; and if no live worker registered a
 *       family with another registry, everything.
 * </ul>
 *
 * <p>What a registry was given and does not hold any more is not shown by it, whichever worker
 * counts in it.
 */
final class RegistryCollector extends Collector implements Collector.Describable {
  private final DirectoryBinding shown;
  // Weak, as the next: neither the registry nor a family is kept because of this collector.
  private final WeakReference<CollectorRegistry> registry;
  // Guarded by itself.
  private final Set<MetricFamily> given = Collections.newSetFromMap(new WeakHashMap<>());
  // As well.
  private final Set<MetricFamily> unheld = Collections.newSetFromMap(new WeakHashMap<>());

  RegistryCollector(DirectoryBinding shown, CollectorRegistry registry) {
    this.shown = shown;
    this.registry = new WeakReference<>(registry);
  }

  /** Whether a registry is one of the application's own, which does not show every family. */
  static boolean isOwn(CollectorRegistry registry) {
    return registry != CollectorRegistry.defaultRegistry && !(registry instanceof MergedRegistry);
  }

  DirectoryBinding shown() {
    return shown;
  }

  /** Whether it stands on a registry of the application's own that is still used. */
  boolean isOnOwn() {
    CollectorRegistry itsRegistry = registry.get();
    return itsRegistry != null && isOwn(itsRegistry);
  }

  /** Notes that the registry was given a family. */
  void add(MetricFamily family) {
    synchronized (given) {
      given.add(family);
    }
  }

  /** Notes that the registry is to show a family that it does not hold. */
  void addUnheld(MetricFamily family) {
    synchronized (given) {
      unheld.add(family);
    }
  }

  /** Whether the registry was given a family, which it may have forgotten since. */
  boolean wasGiven(MetricFamily family) {
    synchronized (given) {
      return given.contains(family);
    }
  }

  /** Whether the registry holds a family. */
  boolean holds(MetricFamily family) {
    CollectorRegistry itsRegistry = registry.get();
    if (itsRegistry == null) {
      return false;
    }
    Set<MetricFamily> held = HeldFamilies.of(itsRegistry, family.sampleNames(), this);
    if (held == null) {
      // It may have been cleared, of this collector as well.
      itsRegistry.register(this);
      held = HeldFamilies.of(itsRegistry, family.sampleNames(), this);
      if (held != null) {
        itsRegistry.unregister(this);
      }
    }
    return held == null ? wasGiven(family) : held.contains(family);
  }

  /** The families that the registry holds, as far as it tells; else those that it was given. */
  private Set<MetricFamily> held(CollectorRegistry itsRegistry) {
    Set<String> sampleNames = new HashSet<>(shown.sampleNames());
    Set<MetricFamily> all = Collections.newSetFromMap(new IdentityHashMap<>());
    synchronized (given) {
      all.addAll(given);
    }
    // Those of closed workers, too.
    all.forEach(family -> sampleNames.addAll(family.sampleNames()));
    Set<MetricFamily> held = HeldFamilies.of(itsRegistry, sampleNames, this);
    return held == null ? all : held;
  }

  private RegistryView view(CollectorRegistry itsRegistry) {
    Set<String> held = new HashSet<>();
    // They show themselves.
    Set<String> inMemory = new HashSet<>();
    for (MetricFamily family : held(itsRegistry)) {
      if (family.home().shown() == shown) {
        held.add(family.descriptor.name());
        if (!wasGiven(family)) {
          // By registry.register(family).
          family.home().showOn(family, itsRegistry);
        }
      } else if (family.home().shown() == null) {
        inMemory.add(family.descriptor.name());
      }
    }
    Set<String> forgotten = new HashSet<>();
    synchronized (given) {
      unheld.forEach(family -> held.add(family.descriptor.name()));
      given.forEach(family -> forgotten.add(family.descriptor.name()));
    }
    forgotten.removeAll(held);
    held.removeAll(inMemory);
    forgotten.addAll(inMemory);
    if (itsRegistry instanceof MergedRegistry) {
      return (family, isAllOwn) -> !forgotten.contains(family.name());
    }
    if (!isOwn(itsRegistry)) {
      return (family, isAllOwn) ->
          held.contains(family.name())
              || (!family.ownRegistries() && !forgotten.contains(family.name()));
    }
    if (shown.isOnlyOwn(this)) {
      return (family, isAllOwn) ->
          held.contains(family.name())
              || ((isAllOwn || family.ownRegistries()) && !forgotten.contains(family.name()));
    }
    return (family, isAllOwn) -> held.contains(family.name());
  }

  @Override
  public List<MetricFamilySamples> collect() {
    return collect(null);
  }

  @Override
  public List<MetricFamilySamples> collect(Predicate<String> sampleNameFilter) {
    CollectorRegistry itsRegistry = registry.get();
    if (itsRegistry == null || HeldFamilies.isAsking(this)) {
      return List.of();
    }
    return shown.collect(view(itsRegistry), sampleNameFilter);
  }

  /** Empty: what there will be to show is known when the workers' files are read. */
  @Override
  public List<MetricFamilySamples> describe() {
    return List.of();
  }
}
