package io.github.multiprom.internal.directory;

import io.github.multiprom.internal.os.StoreLog;
import io.github.multiprom.model.ForeignSource;
import io.github.multiprom.model.Settings;
import java.nio.file.Path;
import java.util.Optional;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;

/** Finds what else there is to read in a directory, by the settings. Thread-safe. */
final class ForeignSources {
  private static final String RETIRE = "retire";

  /** Below the package that is above this one. */
  private static final String FACTORY = "python.PythonSourceFactory";

  private ForeignSources() {}

  /** What {@link Settings#PYTHON} asks for. Never throws. */
  static ForeignSource of(Path directory) {
    String setting = Settings.property(Settings.PYTHON);
    if (setting == null || setting.equals("false")) {
      return ForeignSource.NONE;
    }
    if (!setting.equals("true") && !setting.equals(RETIRE)) {
      StoreLog.warnOnce(
          Settings.PYTHON + "=" + setting,
          "System property "
              + Settings.PYTHON
              + " cannot be \""
              + setting
              + "\", only true, retire or false; files of Python are not read");
      return ForeignSource.NONE;
    }
    ForeignSourceFactory factory = factory();
    if (factory == null) {
      StoreLog.warnOnce(
          Settings.PYTHON,
          "System property "
              + Settings.PYTHON
              + " needs io.github.multiprom:multiprom-exposition; files of Python are not read");
      return ForeignSource.NONE;
    }
    return factory.source(directory, setting.equals(RETIRE));
  }

  private static ForeignSourceFactory factory() {
    ClassLoader loader = ForeignSourceFactory.class.getClassLoader();
    try {
      Optional<ForeignSourceFactory> found =
          ServiceLoader.load(ForeignSourceFactory.class, loader).findFirst();
      if (found.isPresent()) {
        return found.get();
      }
    } catch (ServiceConfigurationError e) {
      // As without.
    }
    // For a jar of everything that was made without META-INF/services.
    String own = ForeignSources.class.getPackageName();
    String root = own.substring(0, own.length() - "internal.directory".length());
    try {
      return Class.forName(root + FACTORY, true, loader)
          .asSubclass(ForeignSourceFactory.class)
          .getDeclaredConstructor()
          .newInstance();
    } catch (ReflectiveOperationException | LinkageError | ClassCastException e) {
      return null;
    }
  }
}
