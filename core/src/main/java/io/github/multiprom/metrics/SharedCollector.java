package io.github.multiprom.metrics;

import io.github.multiprom.store.CollectorFactory;
import io.github.multiprom.store.DirectoryReader;
import io.github.multiprom.store.SnapshotReader;
import io.prometheus.client.Collector;
import io.prometheus.client.CollectorRegistry;
import java.lang.ref.WeakReference;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
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

  private final String place;
  private final SnapshotReader reader;
  private final String workerLabel;
  private Collector collector;
  private int workerCount;

  private SharedCollector(String place, SnapshotReader reader, String workerLabel) {
    this.place = place;
    this.reader = reader;
    this.workerLabel = workerLabel;
  }

  /**
   * The collector of a directory, for one more worker.
   *
   * @param workerLabel name of the label of per-worker series, if no other worker named one before
   */
  static synchronized SharedCollector ofDirectory(Path directory, String workerLabel) {
    OF.values().removeIf(reference -> reference.get() == null);
    WeakReference<SharedCollector> known = OF.get(directory);
    SharedCollector shared = known == null ? null : known.get();
    if (shared == null) {
      shared =
          new SharedCollector(
              "directory " + directory, new DirectoryReader(directory), workerLabel);
      OF.put(directory, new WeakReference<>(shared));
    }
    shared.workerCount++;
    return shared;
  }

  /** The collector of a worker in memory. */
  static synchronized SharedCollector ofMemory(String name, SnapshotReader reader) {
    SharedCollector shared = new SharedCollector("memory of worker " + name, reader, null);
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
   * @throws IllegalStateException if there is no merging part to make a collector
   */
  void admit(CollectorRegistry registry) {
    synchronized (SharedCollector.class) {
      SharedCollector other = ON.get(registry);
      if (other != null && other != this && other.workerCount > 0) {
        throw new IllegalArgumentException(
            "One registry shows one directory: this one shows the "
                + other.place
                + ", not the "
                + place);
      }
      if (collector == null) {
        collector = factory().collector(reader, workerLabel);
      }
    }
  }

  /** Puts the collector on a registry that admitted it, unless it is there. */
  void showOn(CollectorRegistry registry) {
    synchronized (SharedCollector.class) {
      SharedCollector other = ON.put(registry, this);
      if (other != null && other != this) {
        // A registry fails to forget what it does not have.
        registry.register(other.collector);
        registry.unregister(other.collector);
      }
      registry.register(collector);
    }
  }

  private static CollectorFactory factory() {
    try {
      return ServiceLoader.load(CollectorFactory.class, CollectorFactory.class.getClassLoader())
          .findFirst()
          .orElseThrow(
              () ->
                  new IllegalStateException(
                      "Nothing on the class path provides "
                          + CollectorFactory.class.getName()
                          + "; when classes are shaded, META-INF/services must be merged"));
    } catch (ServiceConfigurationError e) {
      throw new IllegalStateException("No collector can be made: " + e.getMessage(), e);
    }
  }
}
