package io.github.multiprom.agent;

import java.lang.instrument.ClassFileTransformer;

/** What the agent does in its own class loader. Thread-safe. */
public interface Isolated extends ClassFileTransformer {
  /**
   * Notes a class that is being loaded, of a library that may have registries to sample.
   *
   * @param loader not null
   * @param className as a class file has it, with slashes
   */
  void noteLibrary(ClassLoader loader, String className);

  /** Serves, and samples, in threads of their own. */
  void startServices();
}
