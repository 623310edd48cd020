package io.github.multiprom.metrics;

import io.github.multiprom.store.CollectorFactory;
import io.github.multiprom.store.DirectoryCollectors;
import io.github.multiprom.store.DirectoryReader;
import io.prometheus.client.Collector;
import io.prometheus.client.CollectorRegistry;
import io.prometheus.client.Predicate;
import java.lang.ref.WeakReference;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.WeakHashMap;

/**
 * The one collector of a metrics directory, which all workers of this JVM share that record there.
 * Thread-safe: all state is guarded by the class.
 */
final class SharedCollector {
  // Weak: neither a registry nor a directory is kept because it was once used.
  private static final Map<CollectorRegistry, SharedCollector> ON = new WeakHashMap<>();
  private static final Map<Path, WeakReference<SharedCollector>> OF = new HashMap<>();

  private final Path directory;
  private final Collector collector;
  private int workerCount;

  private SharedCollector(Path directory, Collector collector) {
    this.directory = directory;
    this.collector = collector;
  }

  /**
   * Stands on the registry. The collector itself is made when it is first asked: a JVM that only
   * counts and ends is not to pay for it. Thread-safe.
   */
  private static final class OnDemand extends Collector implements Collector.Describable {
    private final Path directory;
    private final String workerLabel;
    private Collector collector;

    OnDemand(Path directory, String workerLabel) {
      this.directory = directory;
      this.workerLabel = workerLabel;
    }

    private synchronized Collector collector() {
      if (collector == null) {
        collector = factory().collector(new DirectoryReader(directory), workerLabel);
      }
      return collector;
    }

    @Override
    public List<MetricFamilySamples> collect() {
      return collector().collect();
    }

    @Override
    public List<MetricFamilySamples> collect(Predicate<String> sampleNameFilter) {
      return collector().collect(sampleNameFilter);
    }

    @Override
    public List<MetricFamilySamples> describe() {
      return List.of();
    }
  }

  /**
   * The collector of a directory, for one more worker.
   *
   * @param workerLabel name of the label of per-worker series, if no other worker named one before
   */
  static synchronized SharedCollector ofDirectory(Path directory, String workerLabel) {
    // No lambda, as in all that runs when a worker opens: a cold JVM pays for each.
    for (Iterator<WeakReference<SharedCollector>> all = OF.values().iterator(); all.hasNext(); ) {
      if (all.next().get() == null) {
        all.remove();
      }
    }
    WeakReference<SharedCollector> known = OF.get(directory);
    SharedCollector shared = known == null ? null : known.get();
    if (shared == null) {
      shared = new SharedCollector(directory, new OnDemand(directory, workerLabel));
      OF.put(directory, new WeakReference<>(shared));
    }
    shared.workerCount++;
    return shared;
  }

  /** Notes that one of the workers was closed. */
  void release() {
    synchronized (SharedCollector.class) {
      workerCount--;
    }
  }

  /**
   * Makes sure that a registry can show this directory.
   *
   * @throws IllegalArgumentException if it shows another, of a worker that is not closed
   */
  void admit(CollectorRegistry registry) {
    synchronized (SharedCollector.class) {
      SharedCollector other = ON.get(registry);
      if (other != null && other != this && other.workerCount > 0) {
        throw new IllegalArgumentException(
            "One registry shows one directory: this one shows "
                + other.directory
                + ", not "
                + directory);
      }
    }
  }

  /** Puts the collector on a registry that admitted it, unless it is there. */
  void showOn(CollectorRegistry registry) {
    SharedCollector other;
    synchronized (SharedCollector.class) {
      other = ON.put(registry, this);
    }
    // Without the lock: the registry may be one of the application's, which locks as well.
    if (other != null && other != this) {
      // A registry fails to forget what it does not have.
      registry.register(other.collector);
      registry.unregister(other.collector);
    }
    if (registry == CollectorRegistry.defaultRegistry) {
      MemoryWorkers.hideFrom(registry);
    }
    DirectoryCollectors.replaceBy(collector, directory, registry);
    registry.register(collector);
  }

  /** Whether a registry shows a directory of which a worker is open. */
  static boolean isOn(CollectorRegistry registry) {
    synchronized (SharedCollector.class) {
      SharedCollector shown = ON.get(registry);
      return shown != null && shown.workerCount > 0;
    }
  }

  /** Whether some registry was given the collector. */
  boolean isOnRegistry() {
    synchronized (SharedCollector.class) {
      return ON.containsValue(this);
    }
  }

  /** The merged samples of these names. */
  List<Collector.MetricFamilySamples> collect(List<String> sampleNames) {
    return collector.collect(sampleNames::contains);
  }

  /** The directory. */
  @Override
  public String toString() {
    return directory.toString();
  }

  /** What merges; found once there is need of it. */
  static CollectorFactory factory() {
    try {
      Optional<CollectorFactory> found =
          ServiceLoader.load(CollectorFactory.class, CollectorFactory.class.getClassLoader())
              .findFirst();
      if (found.isPresent()) {
        return found.get();
      }
    } catch (ServiceConfigurationError e) {
      // As without.
    }
    return factoryByName();
  }

  /*
   * For a jar of everything that was made without META-INF/services. The name is made of another
   * class' name, so that it is right where the packages were renamed as well.
   */
  static CollectorFactory factoryByName() {
    String store = CollectorFactory.class.getPackageName();
    String name = store.substring(0, store.lastIndexOf('.')) + ".merge.MergingCollectorFactory";
    try {
      return Class.forName(name, true, CollectorFactory.class.getClassLoader())
          .asSubclass(CollectorFactory.class)
          .getDeclaredConstructor()
          .newInstance();
    } catch (ReflectiveOperationException | LinkageError e) {
      throw new IllegalStateException("No collector can be made: " + e, e);
    }
  }
}
