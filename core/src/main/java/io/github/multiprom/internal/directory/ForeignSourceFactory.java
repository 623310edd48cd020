package io.github.multiprom.internal.directory;

import io.github.multiprom.model.ForeignSource;
import java.nio.file.Path;

/**
 * Makes what reads the files of Python processes. Found by {@link java.util.ServiceLoader}, else by
 * its name: it is in a module that need not be there.
 */
public interface ForeignSourceFactory {
  /**
   * A source of a directory, which need not exist yet.
   *
   * @param retiring whether files of dead processes are retired
   */
  ForeignSource source(Path directory, boolean retiring);
}
