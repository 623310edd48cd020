package io.github.multiprom.metrics;

import java.util.Optional;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;

/** Finds what stands above this package, and what this package must not know. */
final class Providers {
  private Providers() {}

  /**
   * Finds what provides a contract: by {@link ServiceLoader}, else by its name.
   *
   * @param name of its class, below the package that is above this one
   * @return null if there is none
   * @throws IllegalStateException if there is one and it cannot be used
   */
  static <T> T find(Class<T> contract, String name) {
    try {
      Optional<T> found = ServiceLoader.load(contract, contract.getClassLoader()).findFirst();
      if (found.isPresent()) {
        return found.get();
      }
    } catch (ServiceConfigurationError e) {
      // As without.
    }
    return findByName(contract, name);
  }

  /*
   * For a jar of everything that was made without META-INF/services. The name is made of another
   * class' name, so that it is right where the packages were renamed as well.
   */
  static <T> T findByName(Class<T> contract, String name) {
    String metrics = Providers.class.getPackageName();
    String whole = metrics.substring(0, metrics.lastIndexOf('.') + 1) + name;
    try {
      return Class.forName(whole, true, contract.getClassLoader())
          .asSubclass(contract)
          .getDeclaredConstructor()
          .newInstance();
    } catch (ClassNotFoundException e) {
      return null;
    } catch (ReflectiveOperationException | LinkageError | ClassCastException e) {
      throw new IllegalStateException(whole + " cannot be used: " + e, e);
    }
  }
}
