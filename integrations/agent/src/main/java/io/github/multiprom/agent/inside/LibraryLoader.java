package io.github.multiprom.agent.inside;

import io.github.multiprom.agent.IsolatedLoader;

/**
 * Loads the classes that read a library of the application: those classes are the agent's, the
 * library is the application's, and the rest is that of the agent's own loader. Thread-safe.
 */
final class LibraryLoader extends ClassLoader {
  private static final String READERS = "io.github.multiprom.prometheus.";
  private static final String LIBRARY = "io.prometheus.metrics.";

  static {
    registerAsParallelCapable();
  }

  private final IsolatedLoader agents;
  private final ClassLoader applications;

  LibraryLoader(ClassLoader applications) {
    this((IsolatedLoader) LibraryLoader.class.getClassLoader(), applications);
  }

  private LibraryLoader(IsolatedLoader agents, ClassLoader applications) {
    super("multiprom-agent-library", agents);
    this.agents = agents;
    this.applications = applications;
  }

  @Override
  protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
    if (name.startsWith(LIBRARY)) {
      return applications.loadClass(name);
    }
    if (!name.startsWith(READERS)) {
      return super.loadClass(name, resolve);
    }
    synchronized (getClassLoadingLock(name)) {
      Class<?> loaded = findLoadedClass(name);
      if (loaded == null) {
        byte[] bytes = agents.bytes(name.replace('.', '/') + ".class");
        if (bytes == null) {
          throw new ClassNotFoundException(name);
        }
        loaded =
            defineClass(name, bytes, 0, bytes.length, LibraryLoader.class.getProtectionDomain());
      }
      return loaded;
    }
  }
}
