package io.github.multiprom.internal.directory;

import io.prometheus.client.Collector;
import io.prometheus.client.CollectorRegistry;
import java.io.IOException;
import java.lang.ref.WeakReference;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.WeakHashMap;

/**
 * The collectors of directories that registries were given, so that none shows a directory twice.
 * Thread-safe.
 */
public final class DirectoryCollectors {
  // Weak: neither a registry nor a collector is kept.
  private static final Map<CollectorRegistry, Map<Path, WeakReference<Collector>>> ON =
      new WeakHashMap<>();

  private DirectoryCollectors() {}

  /**
   * Notes that a collector of a directory is about to be registered, and takes another one of that
   * directory from the registry.
   */
  public static void replaceBy(Collector collector, Path directory, CollectorRegistry registry) {
    Path path = realPath(directory);
    WeakReference<Collector> before;
    synchronized (ON) {
      // No lambda: this runs when the first metric of a cold JVM is registered.
      Map<Path, WeakReference<Collector>> onRegistry = ON.get(registry);
      if (onRegistry == null) {
        onRegistry = new HashMap<>();
        ON.put(registry, onRegistry);
      }
      before = onRegistry.put(path, new WeakReference<>(collector));
    }
    // Without the lock: the registry may be one of the application's, which locks as well.
    Collector other = before == null ? null : before.get();
    if (other != null && other != collector) {
      // A registry fails to forget what it does not have.
      registry.register(other);
      registry.unregister(other);
    }
  }

  private static Path realPath(Path directory) {
    try {
      return directory.toRealPath();
    } catch (IOException e) {
      return directory.toAbsolutePath().normalize();
    }
  }
}
