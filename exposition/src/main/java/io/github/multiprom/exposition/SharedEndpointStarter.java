package io.github.multiprom.exposition;

import io.github.multiprom.internal.directory.EndpointStarter;
import java.nio.file.Path;

/** Starts shared endpoints for workers. Thread-safe. */
public final class SharedEndpointStarter implements EndpointStarter {
  /** For {@link java.util.ServiceLoader}. */
  public SharedEndpointStarter() {}

  @Override
  public Running start(Path directory, String workerLabel, String host, int port) {
    return SharedEndpoint.start(directory, workerLabel, host, port)::close;
  }
}
