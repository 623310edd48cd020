package io.github.multiprom.internal.directory;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The workers of this JVM that sample, so that a scrape finds what they sampled just before.
 * Thread-safe.
 */
public final class SampledWorkers {
  private static final Map<Path, List<Runnable>> SAMPLERS = new HashMap<>();
  private static final ThreadLocal<Boolean> SAMPLING = new ThreadLocal<>();

  private SampledWorkers() {}

  /**
   * Adds what samples a worker before a scrape; it must end soon, whatever its sources do.
   *
   * @param directory the real path of the worker's directory
   */
  public static void add(Path directory, Runnable sampler) {
    synchronized (SAMPLERS) {
      SAMPLERS.computeIfAbsent(directory, none -> new ArrayList<>()).add(sampler);
    }
  }

  /** Removes it again. */
  public static void remove(Path directory, Runnable sampler) {
    synchronized (SAMPLERS) {
      List<Runnable> all = SAMPLERS.get(directory);
      if (all != null && all.remove(sampler) && all.isEmpty()) {
        SAMPLERS.remove(directory);
      }
    }
  }

  /** Samples the workers of this JVM that count in a directory. */
  public static void sample(Path directory) {
    List<Runnable> samplers;
    synchronized (SAMPLERS) {
      if (SAMPLERS.isEmpty()) {
        return;
      }
      samplers = new ArrayList<>(SAMPLERS.getOrDefault(real(directory), List.of()));
    }
    samplers.forEach(Runnable::run);
  }

  private static Path real(Path directory) {
    try {
      return directory.toRealPath();
    } catch (IOException e) {
      return directory.toAbsolutePath().normalize();
    }
  }

  /** Runs a source, to which no collector shows what was sampled before. */
  public static void runSource(Runnable source) {
    SAMPLING.set(true);
    try {
      source.run();
    } finally {
      SAMPLING.remove();
    }
  }

  /** Whether this thread runs a source. */
  public static boolean isInSource() {
    return SAMPLING.get() != null;
  }
}
