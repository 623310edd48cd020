package io.github.multiprom.internal.directory;

import java.nio.file.Path;

/**
 * What those who only record need of those who serve. Found by {@link java.util.ServiceLoader},
 * else by its name: it is in a module that need not be there.
 */
public interface EndpointStarter {
  /**
   * Serves the merged metrics of a directory at a port that other processes share, whenever it is
   * the turn of this one. Returns at once, and never throws.
   *
   * @param workerLabel name of the label of per-worker series
   * @return ends it
   */
  Running start(Path directory, String workerLabel, String host, int port);

  /** An endpoint that was started. */
  interface Running extends AutoCloseable {
    @Override
    void close();
  }
}
