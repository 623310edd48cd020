package io.github.multiprom.python;

import io.github.multiprom.internal.directory.ForeignSourceFactory;
import io.github.multiprom.model.ForeignSource;
import java.nio.file.Path;

/** Makes sources by the settings. Thread-safe. */
public final class PythonSourceFactory implements ForeignSourceFactory {
  /** For {@link java.util.ServiceLoader}. */
  public PythonSourceFactory() {}

  @Override
  public ForeignSource source(Path directory, boolean retiring) {
    return new PythonSource(directory, retiring);
  }
}
