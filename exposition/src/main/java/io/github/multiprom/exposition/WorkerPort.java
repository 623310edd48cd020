package io.github.multiprom.exposition;

import io.github.multiprom.exposition.http.RequestThreads;
import io.github.multiprom.exposition.http.Scrapes;
import io.github.multiprom.internal.directory.EndpointStarter;
import io.github.multiprom.internal.directory.OwnWorkerReader;
import io.github.multiprom.internal.directory.PortRange;
import io.github.multiprom.internal.os.StoreLog;
import io.github.multiprom.merge.MultiprocessCollector;
import io.github.multiprom.model.Settings;
import java.io.IOException;
import java.net.BindException;
import java.nio.file.Path;

/**
 * The metrics of one worker of this process, at the first free port of a range. Thread-safe.
 *
 * <p>It reads the files of this worker only, whatever else is in the directory.
 */
final class WorkerPort implements AutoCloseable {
  private final EndpointStarter.OwnWorker worker;
  private final MultiprocessCollector collector;
  // Null if there was no free port.
  private final MetricsServer server;

  private WorkerPort(
      EndpointStarter.OwnWorker worker, MultiprocessCollector collector, MetricsServer server) {
    this.worker = worker;
    this.collector = collector;
    this.server = server;
  }

  /** Serves a worker, or says once why it does not. */
  static WorkerPort start(
      EndpointStarter.OwnWorker worker, String host, PortRange ports, Path webConfig) {
    MultiprocessCollector collector =
        new MultiprocessCollector(new OwnWorkerReader(worker), Settings.DEFAULT_WORKER_LABEL);
    MetricsServer server = null;
    String why = "none of these ports is free";
    try {
      server = bindFirst(worker, collector, host, ports, webConfig);
    } catch (IOException | RuntimeException | OutOfMemoryError e) {
      why = e.getMessage() == null ? e.toString() : e.getMessage();
    }
    if (server == null) {
      StoreLog.warnOnce(
          "worker-port " + host + ports,
          "This worker is not served at "
              + host
              + ", ports "
              + ports
              + ", and counts all the same: "
              + why);
    } else {
      worker.notePort(server.port());
      StoreLog.noteOnce(
          "worker-port " + server.url(),
          "The metrics of this worker alone are served at " + server.url());
    }
    return new WorkerPort(worker, collector, server);
  }

  /** Null if none is free. */
  private static MetricsServer bindFirst(
      EndpointStarter.OwnWorker worker,
      MultiprocessCollector collector,
      String host,
      PortRange ports,
      Path webConfig)
      throws IOException {
    for (int port = ports.first(); port <= ports.last(); port++) {
      try {
        FreePort.check(host, port);
        RequestThreads threads = new RequestThreads();
        Scrapes scrapes = new Scrapes(collector, threads::awaitRoom);
        return MetricsServer.start(threads, new OwnPages(worker, scrapes), host, port, webConfig);
      } catch (BindException e) {
        // Another worker has it.
      }
    }
    return null;
  }

  @Override
  public void close() {
    if (server != null) {
      worker.notePort(0);
      server.close();
    }
    collector.close();
  }
}
