package io.github.multiprom.exposition;

import io.github.multiprom.internal.directory.EndpointStarter;
import io.github.multiprom.internal.directory.PortRange;
import java.nio.file.Path;

/** Starts the endpoints of workers. Thread-safe. */
public final class SharedEndpointStarter implements EndpointStarter {
  /** For {@link java.util.ServiceLoader}. */
  public SharedEndpointStarter() {}

  @Override
  public Running start(Path directory, String workerLabel, String host, int port, Path webConfig) {
    return SharedEndpoint.start(directory, workerLabel, host, port, webConfig)::close;
  }

  @Override
  public Running startOwn(OwnWorker worker, String host, PortRange ports, Path webConfig) {
    return WorkerPort.start(worker, host, ports, webConfig)::close;
  }
}
