package io.github.multiprom.agent.inside;

import io.github.multiprom.agent.AgentLog;
import io.github.multiprom.metrics.SampleSink;
import io.github.multiprom.metrics.SampledSource;
import io.github.multiprom.metrics.Worker;
import java.lang.System.Logger.Level;
import java.lang.ref.WeakReference;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Queue;
import java.util.Set;
import java.util.WeakHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * Finds the registries of the application that are to be sampled: the default one of
 * prometheus-metrics, and those behind the Prometheus registries in Micrometer's global one. It
 * looks whenever samples are taken, in the sampler's thread, and gives no samples itself.
 */
final class Libraries implements SampledSource {
  private static final String PROMETHEUS =
      "io.prometheus.metrics.model.registry.PrometheusRegistry";
  private static final String MICROMETER = "io.micrometer.core.instrument.Metrics";
  private static final String MICROMETER_COMPOSITE =
      "io.micrometer.core.instrument.composite.CompositeMeterRegistry";
  private static final String MICROMETER_PROMETHEUS = ".PrometheusMeterRegistry";
  private static final String SIMPLECLIENT = ".CollectorRegistry";

  /** The application has Multiprom itself: its registries may show merged numbers. */
  private static final String MULTIPROM = "io.github.multiprom.metrics.Worker";

  private static final int MAX_DEPTH = 8;

  // By the class of the registry, and no longer there than that.
  private static final ClassValue<Queue<SampledSource>> KEPT =
      new ClassValue<>() {
        @Override
        protected Queue<SampledSource> computeValue(Class<?> type) {
          return new ConcurrentLinkedQueue<>();
        }
      };

  private record Library(WeakReference<ClassLoader> loader, String className) {}

  private final Worker worker;
  private final Queue<Library> noted;
  private final Set<Library> micrometers = Collections.newSetFromMap(new IdentityHashMap<>());
  private final Set<Object> known = Collections.newSetFromMap(new WeakHashMap<>());

  /** What was noted so far, and takes what is noted from now on. Thread-safe. */
  static final class Notes {
    private final Queue<Library> libraries = new ConcurrentLinkedQueue<>();

    void add(ClassLoader loader, String className) {
      libraries.add(new Library(new WeakReference<>(loader), className.replace('/', '.')));
    }
  }

  Libraries(Worker worker, Notes notes) {
    this.worker = worker;
    noted = notes.libraries;
  }

  @Override
  public void sample(SampleSink to) {
    for (Library library = noted.poll(); library != null; library = noted.poll()) {
      try {
        add(library);
      } catch (ReflectiveOperationException | LinkageError e) {
        AgentLog.write(Level.WARNING, library.className + " is not sampled: " + e);
      }
    }
    for (Library library : Set.copyOf(micrometers)) {
      try {
        look(library);
      } catch (ReflectiveOperationException | LinkageError e) {
        micrometers.remove(library);
        AgentLog.write(Level.WARNING, library.className + " is not sampled: " + e);
      }
    }
  }

  private void add(Library library) throws ReflectiveOperationException {
    ClassLoader loader = library.loader.get();
    if (loader == null) {
      return;
    }
    if (hasMultiprom(loader)) {
      AgentLog.write(
          Level.INFO,
          "The application has Multiprom itself, so its " + library.className + " is left alone");
    } else if (library.className.equals(PROMETHEUS)) {
      addPrometheus(Class.forName(PROMETHEUS, true, loader).getField("defaultRegistry").get(null));
    } else if (library.className.equals(MICROMETER)) {
      micrometers.add(library);
    }
  }

  private static boolean hasMultiprom(ClassLoader loader) {
    try {
      Class.forName(MULTIPROM, false, loader);
      return true;
    } catch (ClassNotFoundException | LinkageError e) {
      return false;
    }
  }

  private void addPrometheus(Object registry) throws ReflectiveOperationException {
    if (known.add(registry)) {
      Class<?> type = registry.getClass();
      while (!type.getName().equals(PROMETHEUS)) {
        type = type.getSuperclass();
      }
      ClassLoader readers = new LibraryLoader(type.getClassLoader());
      SampledSource source =
          (SampledSource)
              readers
                  .loadClass("io.github.multiprom.prometheus.RegistrySource")
                  .getConstructor(type)
                  .newInstance(registry);
      KEPT.get(type).add(source);
      worker.sampler().add(new Kept(worker, new WeakReference<>(source)));
    }
  }

  /** A source that its library's class keeps: the worker keeps neither it nor the class loader. */
  private record Kept(Worker worker, WeakReference<SampledSource> source) implements SampledSource {
    @Override
    public void sample(SampleSink to) {
      SampledSource asked = source.get();
      if (asked == null) {
        worker.sampler().remove(this);
      } else {
        asked.sample(new ApplicationSink(to));
      }
    }
  }

  private void look(Library library) throws ReflectiveOperationException {
    ClassLoader loader = library.loader.get();
    if (loader == null) {
      micrometers.remove(library);
      return;
    }
    Class<?> metrics = Class.forName(MICROMETER, true, loader);
    Class<?> composite = Class.forName(MICROMETER_COMPOSITE, true, loader);
    lookInto(metrics.getField("globalRegistry").get(null), composite, MAX_DEPTH);
  }

  private void lookInto(Object registry, Class<?> composite, int depth)
      throws ReflectiveOperationException {
    if (composite.isInstance(registry)) {
      if (depth > 0) {
        for (Object child : (Set<?>) composite.getMethod("getRegistries").invoke(registry)) {
          lookInto(child, composite, depth - 1);
        }
      }
      return;
    }
    for (Class<?> type = registry.getClass(); type != null; type = type.getSuperclass()) {
      if (type.getName().startsWith("io.micrometer.")
          && type.getName().endsWith(MICROMETER_PROMETHEUS)) {
        addBehind(type.getMethod("getPrometheusRegistry").invoke(registry));
        return;
      }
    }
  }

  private void addBehind(Object registry) throws ReflectiveOperationException {
    for (Class<?> type = registry.getClass(); type != null; type = type.getSuperclass()) {
      if (type.getName().equals(PROMETHEUS)) {
        addPrometheus(registry);
        return;
      }
      if (type.getName().endsWith(SIMPLECLIENT)) {
        if (known.add(registry)) {
          addSimpleclient(registry, type);
        }
        return;
      }
    }
  }

  /** The links of its class loader are found where its classes find them. */
  private static void addSimpleclient(Object registry, Class<?> type)
      throws ReflectiveOperationException {
    Object links =
        Class.forName(type.getPackageName() + ".MultipromHooks", false, type.getClassLoader())
            .getField("agent")
            .get(null);
    if (links instanceof SimpleclientLinks own) {
      own.sample(registry);
    }
  }
}
