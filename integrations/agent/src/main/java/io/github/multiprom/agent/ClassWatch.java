package io.github.multiprom.agent;

import java.io.File;
import java.lang.System.Logger.Level;
import java.lang.instrument.ClassFileTransformer;
import java.lang.instrument.Instrumentation;
import java.security.ProtectionDomain;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.WeakHashMap;

/**
 * Sees each class that is loaded, and has those of client libraries changed or noted. Thread-safe;
 * never throws. Of all other classes it looks at the beginnings of their names, and no class of the
 * agent's own loader is loaded for them.
 *
 * <p>What it does at the start of a JVM names as few classes as possible, the JDK's as well: with
 * an agent each takes long to load.
 */
final class ClassWatch implements ClassFileTransformer {
  private static final String OWN = "io/github/multiprom/agent/";
  private static final String JBOSS_MODULES = "org/jboss/modules/";
  private static final String REGISTRY = "io/prometheus/client/CollectorRegistry";

  // Of the libraries that are sampled.
  private static final String[] LIBRARIES = {
    "io/prometheus/metrics/model/registry/PrometheusRegistry",
    "io/micrometer/core/instrument/Metrics",
  };

  private final AgentOptions options;
  private final Instrumentation instrumentation;
  // Of simpleclient, with slashes, also at the end.
  private final String[] packages;
  private volatile boolean hasApplication;
  private volatile boolean hasJBossModules;
  private volatile Isolated isolated;
  // Guarded by this, as the next. The loaders of which this saw the registry being loaded.
  private Set<ClassLoader> seen;
  private boolean cannotRun;

  private ClassWatch(AgentOptions options, Instrumentation instrumentation) {
    this.options = options;
    this.instrumentation = instrumentation;
    List<String> names = options.packages();
    packages = new String[names.size()];
    for (int i = 0; i < packages.length; i++) {
      packages[i] = names.get(i).replace('.', '/') + "/";
    }
  }

  /** Starts the agent: what is to be done before {@code main}, and a thread for the rest. */
  static void start(String arguments, Instrumentation instrumentation) {
    AgentOptions options;
    try {
      options = AgentOptions.parse(arguments);
    } catch (IllegalArgumentException e) {
      AgentLog.write(Level.ERROR, "The agent does nothing: " + e.getMessage());
      return;
    }
    ClassWatch watch = new ClassWatch(options, instrumentation);
    instrumentation.addTransformer(watch);
    new AgentThread(watch, options.isVerbose()).start();
  }

  @Override
  public byte[] transform(
      Module module,
      ClassLoader loader,
      String name,
      Class<?> redefined,
      ProtectionDomain domain,
      byte[] bytes) {
    if (name == null || loader == null) {
      return null;
    }
    try {
      if (!hasApplication && isOfApplication(loader, name)) {
        hasApplication = true;
      }
      for (String part : packages) {
        if (name.startsWith(part)) {
          return changed(module, loader, name, redefined, domain, bytes);
        }
      }
      note(loader, name);
    } catch (Throwable e) {
      AgentLog.write(Level.ERROR, "The agent leaves class " + name + " as it is: " + e);
    }
    return null;
  }

  private static boolean isOfApplication(ClassLoader loader, String name) {
    return loader != ClassLoader.getPlatformClassLoader() && !name.startsWith(OWN);
  }

  private static boolean isOwn(ClassLoader loader) {
    return loader instanceof IsolatedLoader || loader.getParent() instanceof IsolatedLoader;
  }

  private byte[] changed(
      Module module,
      ClassLoader loader,
      String name,
      Class<?> redefined,
      ProtectionDomain domain,
      byte[] bytes)
      throws Exception {
    if (isOwn(loader)) {
      return null;
    }
    if (name.equals(REGISTRY)) {
      noteSeen(loader);
    }
    Isolated transformer = isolated();
    return transformer == null
        ? null
        : transformer.transform(module, loader, name, redefined, domain, bytes);
  }

  private synchronized void noteSeen(ClassLoader loader) {
    if (seen == null) {
      seen = Collections.newSetFromMap(new WeakHashMap<>());
    }
    seen.add(loader);
  }

  private synchronized boolean hasSeen(ClassLoader loader) {
    return seen != null && seen.contains(loader);
  }

  private void note(ClassLoader loader, String name) {
    if (name.startsWith(JBOSS_MODULES)) {
      hasJBossModules = true;
    }
    for (String library : LIBRARIES) {
      if (name.equals(library) && !isOwn(loader)) {
        Isolated notes = isolated();
        if (notes != null) {
          notes.noteLibrary(loader, name);
        }
      }
    }
    if (name.endsWith(REGISTRY)) {
      tellOfOtherPackage(name.substring(0, name.lastIndexOf('/')).replace('/', '.'));
    }
  }

  private void tellOfOtherPackage(String name) {
    if (!options.simpleclient().equals(AgentOptions.OFF)
        && !name.startsWith("io.github.multiprom.")) {
      AgentLog.write(
          Level.WARNING,
          "The simpleclient in package "
              + name
              + " is left as it is; packages="
              + name
              + " lets it count");
    }
  }

  /** Whether a class of the application was loaded. */
  boolean hasApplication() {
    return hasApplication;
  }

  /** Whether the application runs on JBoss Modules. */
  boolean hasJBossModules() {
    return hasJBossModules;
  }

  /** Tells of client libraries that an earlier agent loaded, and that this one cannot change. */
  void noteEarlierClasses() {
    if (options.simpleclient().equals(AgentOptions.OFF)) {
      return;
    }
    for (Class<?> loaded : instrumentation.getAllLoadedClasses()) {
      ClassLoader loader = loaded.getClassLoader();
      if (loaded.getName().equals(REGISTRY.replace('/', '.'))
          && (loader == null || (!isOwn(loader) && !hasSeen(loader)))) {
        AgentLog.write(
            Level.WARNING,
            "Another agent loaded simpleclient before this one, so what the application counts is"
                + " missing from the merged metrics; name this agent first");
      }
    }
  }

  /** What runs in the agent's own loader; null if it cannot. */
  Isolated isolated() {
    Isolated current = isolated;
    return current != null ? current : load();
  }

  private synchronized Isolated load() {
    if (isolated == null && !cannotRun) {
      try {
        File jar =
            new File(ClassWatch.class.getProtectionDomain().getCodeSource().getLocation().toURI());
        isolated =
            (Isolated)
                new IsolatedLoader(jar)
                    .loadClass("io.github.multiprom.agent.inside.AgentRuntime")
                    .getConstructor(AgentOptions.class, Instrumentation.class)
                    .newInstance(options, instrumentation);
      } catch (Throwable e) {
        cannotRun = true;
        AgentLog.write(Level.ERROR, "The agent does nothing: " + e);
      }
    }
    return isolated;
  }
}
