package io.github.multiprom.metrics;

import io.github.multiprom.internal.directory.CollectorFactory;
import io.github.multiprom.internal.directory.DirectoryCollector;
import io.github.multiprom.internal.directory.DirectoryCollectors;
import io.github.multiprom.internal.directory.DirectoryReader;
import io.github.multiprom.internal.directory.RegistryView;
import io.github.multiprom.internal.directory.RetiringThreads;
import io.prometheus.client.Collector.MetricFamilySamples;
import io.prometheus.client.CollectorRegistry;
import io.prometheus.client.Predicate;
import java.lang.ref.WeakReference;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.WeakHashMap;

/**
 * What this JVM shows of a metrics directory: one merge, which the registries of all its workers
 * share, and a {@link RegistryCollector} on each. Thread-safe: all state is guarded by the class.
 */
final class DirectoryBinding {
  static final String FACTORY = "merge.MergingCollectorFactory";

  /** A retiring pass takes far less. */
  private static final long RETIRING_MS = 2_000;

  // Weak: neither a registry nor a directory is kept because it was once used.
  private static final Map<CollectorRegistry, RegistryCollector> ON = new WeakHashMap<>();
  private static final Map<Path, WeakReference<DirectoryBinding>> OF = new HashMap<>();

  private final Path directory;
  private final String workerLabel;
  // Those that are open.
  private final Set<SeriesPublisher> workers = new HashSet<>();
  // Made when it is first asked: a JVM that only counts and ends is not to pay for it.
  private DirectoryCollector collector;

  private DirectoryBinding(Path directory, String workerLabel) {
    this.directory = directory;
    this.workerLabel = workerLabel;
  }

  /**
   * What is shown of a directory, for one more worker.
   *
   * @param workerLabel name of the label of per-worker series, if no other worker named one before
   */
  static synchronized DirectoryBinding ofDirectory(
      Path directory, String workerLabel, SeriesPublisher worker) {
    // No lambda, as in all that runs when a worker opens: a cold JVM pays for each.
    for (Iterator<WeakReference<DirectoryBinding>> all = OF.values().iterator(); all.hasNext(); ) {
      if (all.next().get() == null) {
        all.remove();
      }
    }
    WeakReference<DirectoryBinding> known = OF.get(directory);
    DirectoryBinding shared = known == null ? null : known.get();
    if (shared == null) {
      shared = new DirectoryBinding(directory, workerLabel);
      OF.put(directory, new WeakReference<>(shared));
    }
    shared.workers.add(worker);
    return shared;
  }

  /**
   * Notes that one of the workers was closed. After the last one the directory may be deleted, as
   * in a unit test, so what this JVM retires there comes to its end first.
   */
  void release(SeriesPublisher worker) {
    synchronized (DirectoryBinding.class) {
      workers.remove(worker);
      if (hasWorkers()) {
        return;
      }
    }
    RetiringThreads.await(directory, RETIRING_MS);
  }

  private boolean hasWorkers() {
    return !workers.isEmpty();
  }

  /**
   * Makes sure that a registry can show this directory.
   *
   * @throws IllegalArgumentException if it shows another, of a worker that is not closed
   */
  void admit(CollectorRegistry registry) {
    synchronized (DirectoryBinding.class) {
      RegistryCollector other = ON.get(registry);
      if (other != null && other.shown() != this && other.shown().hasWorkers()) {
        throw new IllegalArgumentException(
            "One registry shows one directory: this one shows "
                + other.shown()
                + ", not "
                + directory);
      }
    }
  }

  /** Shows a family, which it holds, on a registry that admitted it. */
  void showOn(MetricFamily family, CollectorRegistry registry) {
    standOn(registry).add(family);
  }

  /** Shows a family on a registry that admitted it, and does not hold it. */
  void showUnheldOn(MetricFamily family, CollectorRegistry registry) {
    standOn(registry).addUnheld(family);
  }

  /** Makes a registry that admitted it show the directory, and no family by itself yet. */
  RegistryCollector standOn(CollectorRegistry registry) {
    RegistryCollector other;
    RegistryCollector its;
    synchronized (DirectoryBinding.class) {
      other = ON.get(registry);
      its = other != null && other.shown() == this ? other : new RegistryCollector(this, registry);
      ON.put(registry, its);
    }
    // Without the lock: the registry may be one of the application's, which locks as well.
    if (other != null && other != its) {
      // A registry fails to forget what it does not have.
      registry.register(other);
      registry.unregister(other);
    }
    if (registry == CollectorRegistry.defaultRegistry) {
      MemoryWorkers.hideFrom(registry);
    }
    DirectoryCollectors.replaceBy(its, directory, registry);
    registry.register(its);
    return its;
  }

  /** What stands on a registry; null if nothing does. */
  static RegistryCollector on(CollectorRegistry registry) {
    synchronized (DirectoryBinding.class) {
      return ON.get(registry);
    }
  }

  /** Whether a registry shows a directory of which a worker is open. */
  static boolean isOn(CollectorRegistry registry) {
    synchronized (DirectoryBinding.class) {
      RegistryCollector its = ON.get(registry);
      return its != null && its.shown().hasWorkers();
    }
  }

  private List<RegistryCollector> registries() {
    synchronized (DirectoryBinding.class) {
      List<RegistryCollector> all = new ArrayList<>(ON.values());
      all.removeIf(its -> its.shown() != this);
      return all;
    }
  }

  /** Whether there is no other registry of the application's own. */
  boolean isOnlyOwn(RegistryCollector own) {
    return registries().stream().allMatch(its -> its == own || !its.isOnOwn());
  }

  /** Whether some registry shows a family by its collector. */
  boolean shows(MetricFamily family) {
    List<RegistryCollector> all = registries();
    return all.stream().anyMatch(its -> its.wasGiven(family))
        || all.stream().anyMatch(its -> its.holds(family));
  }

  /** Whether a family was registered, and no registry holds it any more. */
  boolean isForgotten(MetricFamily family) {
    List<RegistryCollector> all = registries();
    return all.stream().anyMatch(its -> its.wasGiven(family))
        && all.stream().noneMatch(its -> its.holds(family));
  }

  /** The sample names of all families of the workers of this JVM. */
  Set<String> sampleNames() {
    List<SeriesPublisher> all;
    synchronized (DirectoryBinding.class) {
      all = List.copyOf(workers);
    }
    if (all.size() == 1) {
      return all.get(0).sampleNames();
    }
    Set<String> names = new HashSet<>();
    all.forEach(worker -> names.addAll(worker.sampleNames()));
    return names;
  }

  /** The merged samples of a part of the directory. */
  List<MetricFamilySamples> collect(RegistryView view, Predicate<String> sampleNameFilter) {
    DirectoryCollector merging;
    synchronized (this) {
      if (collector == null) {
        collector = factory().collector(new DirectoryReader(directory), workerLabel);
      }
      merging = collector;
    }
    return merging.collect(view, sampleNameFilter);
  }

  /** The directory. */
  @Override
  public String toString() {
    return directory.toString();
  }

  /** What merges; found once there is need of it. */
  static CollectorFactory factory() {
    CollectorFactory factory = Providers.find(CollectorFactory.class, FACTORY);
    if (factory == null) {
      throw new IllegalStateException("No collector can be made: " + FACTORY + " is missing");
    }
    return factory;
  }
}
