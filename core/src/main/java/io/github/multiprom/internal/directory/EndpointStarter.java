package io.github.multiprom.internal.directory;

import io.github.multiprom.model.Incarnation;
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
   * @param webConfig a file that tells of TLS and passwords; null for none
   * @return ends it
   */
  Running start(Path directory, String workerLabel, String host, int port, Path webConfig);

  /**
   * Serves the metrics of one worker of this process at the first port of a range that is free.
   * Returns when it does, or cannot, and never throws.
   *
   * @param webConfig as of {@link #start}
   * @return ends it
   */
  Running startOwn(OwnWorker worker, String host, PortRange ports, Path webConfig);

  /** A worker of this process. Thread-safe. */
  interface OwnWorker {
    /** Where it counts. */
    Path directory();

    /** Its newest incarnation; null while it has no file. */
    Incarnation incarnation();

    /** Tells others at which port it is served; 0 for none. */
    void notePort(int port);
  }

  /** An endpoint that was started. */
  interface Running extends AutoCloseable {
    @Override
    void close();
  }
}
