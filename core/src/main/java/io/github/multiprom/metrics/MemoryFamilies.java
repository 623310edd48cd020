package io.github.multiprom.metrics;

import io.github.multiprom.internal.os.StoreLog;
import io.github.multiprom.model.EpochClock;
import io.github.multiprom.model.FamilyDescriptor;
import io.github.multiprom.model.Settings;
import io.prometheus.client.Collector.MetricFamilySamples;
import io.prometheus.client.CollectorRegistry;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.WeakHashMap;

/**
 * The families of a worker without a directory. Thread-safe.
 *
 * <p>Each stands alone, as in simpleclient: it has its own children on the heap, a registry shows
 * the family itself, and a family goes with the last reference to its registry. Two families may
 * have one name, on two registries, and need not be of one shape.
 *
 * <p>When a worker with a directory is opened later, it takes over what registries hold.
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

  /** A family, and the registries that hold it. */
  record Held(MetricFamily family, List<CollectorRegistry> registries) {}

  private final WorkerSettings settings;
  private final String directoryWhenOpened;
  // Weak: a family lives as long as its registry, or the application, holds it.
  private final Map<MetricFamily, Made> families = new WeakHashMap<>();
  private long lastOrder;
  // Null until a worker with a directory took over.
  private volatile DirectoryFamilies successor;

  MemoryFamilies(WorkerSettings settings) {
    this.settings = settings;
    directoryWhenOpened = settings.rawDirectoryProperty();
  }

  /** For families whose name a worker with a directory gave to others. */
  MemoryFamilies(DirectoryFamilies successor) {
    settings = null;
    directoryWhenOpened = null;
    this.successor = successor;
  }

  /** Makes a family; see {@link Worker#adopt}. */
  <F extends MetricFamily> F adopt(
      FamilyBuilder<?, F> builder, FamilyDescriptor descriptor, CollectorRegistry registry) {
    F family = builder.make(this, descriptor);
    add(family);
    if (registry != null) {
      family.register(registry);
    }
    return family;
  }

  /** Starts a family, which has no children yet. */
  void add(MetricFamily family) {
    synchronized (family) {
      startWithoutLabels(family);
    }
    synchronized (families) {
      families.put(family, new Made(++lastOrder));
    }
    noteLateDirectory();
  }

  private void noteLateDirectory() {
    if (successor != null) {
      return;
    }
    String now = settings.rawDirectoryProperty();
    if (now != null && !now.isBlank() && !Objects.equals(now, directoryWhenOpened)) {
      StoreLog.warnOnce(
          "late-directory",
          "System property "
              + Settings.DIRECTORY
              + " was set to "
              + now
              + " after the worker was opened: this process counts in memory and is missing from"
              + " that directory. Set it on the command line, or open the worker with"
              + " Worker.builder().directory(...).open()");
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
      if (family.home() == this) {
        Series found = family.children.find(labelValues);
        return found != null ? found : addChild(family, labelValues);
      }
    }
    // It was taken over meanwhile.
    return family.home().child(family, labelValues);
  }

  @Override
  public void exemplarsMade(Series child) {}

  @Override
  public void setChild(MetricFamily family, Series child, String[] labelValues) {
    synchronized (family) {
      if (family.home() == this) {
        Series before = family.children.find(labelValues);
        if (before != null) {
          family.children.remove(before);
        }
        child.bind(family, labelValues, child.createdNanos);
        family.children.add(child);
        if (labelValues.length == 0) {
          family.noLabels = child;
        }
        return;
      }
    }
    // It was taken over meanwhile.
    family.home().setChild(family, child, labelValues);
  }

  @Override
  public void publishAnew(Series child) {
    MetricFamily family = child.family;
    synchronized (family) {
      if (family.home() == this) {
        return;
      }
    }
    // It was taken over meanwhile.
    family.home().publishAnew(child);
  }

  @Override
  public void remove(MetricFamily family, String[] labelValues) {
    synchronized (family) {
      if (family.home() == this) {
        Series child = family.children.find(labelValues);
        removeAll(family, child == null ? List.of() : List.of(child));
        return;
      }
    }
    // It was taken over meanwhile.
    family.home().remove(family, labelValues);
  }

  @Override
  public void clear(MetricFamily family) {
    synchronized (family) {
      if (family.home() == this) {
        removeAll(family, family.children.all());
        return;
      }
    }
    // It was taken over meanwhile.
    family.home().clear(family);
  }

  private static void removeAll(MetricFamily family, List<Series> gone) {
    gone.forEach(family.children::remove);
    startWithoutLabels(family);
  }

  @Override
  public List<MetricFamilySamples> collect(MetricFamily family) {
    noteLateDirectory();
    List<Series> children;
    synchronized (family) {
      children = family.children.all();
    }
    return List.of(family.samplesOf(children));
  }

  @Override
  public boolean isShownBesides(MetricFamily family) {
    return false;
  }

  @Override
  public DirectoryBinding shown() {
    return null;
  }

  @Override
  public void admit(CollectorRegistry registry) {}

  @Override
  public void showOn(MetricFamily family, CollectorRegistry registry) {
    DirectoryFamilies taker = successor;
    if (taker != null) {
      taker.takeOver(List.of(new Held(family, List.of(registry))));
      return;
    }
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

  /** Gives all families that registries hold to a worker with a directory, the oldest first. */
  void moveTo(DirectoryFamilies taker) {
    successor = taker;
    taker.takeOver(held());
  }

  private List<Held> held() {
    IdentityHashMap<MetricFamily, Made> all = new IdentityHashMap<>();
    Set<CollectorRegistry> registries = Collections.newSetFromMap(new IdentityHashMap<>());
    synchronized (families) {
      families.forEach(all::put);
      all.values().forEach(made -> registries.addAll(made.registries));
    }
    registries.add(CollectorRegistry.defaultRegistry);
    IdentityHashMap<MetricFamily, List<CollectorRegistry>> holders = new IdentityHashMap<>();
    for (CollectorRegistry registry : registries) {
      for (MetricFamily family : heldBy(registry, all.keySet())) {
        holders.computeIfAbsent(family, none -> new ArrayList<>()).add(registry);
      }
    }
    List<Held> held = new ArrayList<>();
    holders.forEach(
        (family, its) -> {
          if (all.containsKey(family)) {
            held.add(new Held(family, its));
          }
        });
    held.sort(Comparator.comparingLong(one -> all.get(one.family).order));
    return held;
  }

  private static Set<MetricFamily> heldBy(CollectorRegistry registry, Set<MetricFamily> families) {
    Set<String> names = new HashSet<>();
    families.forEach(family -> names.addAll(family.sampleNames()));
    return names.isEmpty() ? Set.of() : HeldFamilies.of(registry, names, null);
  }
}
