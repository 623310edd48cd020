package io.github.multiprom.metrics;

import io.github.multiprom.internal.directory.EndpointStarter;
import io.github.multiprom.internal.directory.PortRange;
import io.github.multiprom.internal.os.OwnThreads;
import io.github.multiprom.internal.os.StoreLog;
import io.github.multiprom.model.Incarnation;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Has a worker's directory, and the worker itself, served at the ports that its settings name, by a
 * module that may be missing. Thread-safe; never throws.
 */
final class WorkerEndpoint implements Runnable, EndpointStarter.OwnWorker {
  static final String STARTER = "exposition.SharedEndpointStarter";

  private final Path directory;
  private final String workerLabel;
  private final SeriesPublisher publisher;
  private final WorkerSettings settings;
  private final List<EndpointStarter.Running> running = new ArrayList<>();
  private boolean closed;

  WorkerEndpoint(
      Path directory, String workerLabel, SeriesPublisher publisher, WorkerSettings settings) {
    this.directory = directory;
    this.workerLabel = workerLabel;
    this.publisher = publisher;
    this.settings = settings;
  }

  /** In a thread of its own, for the classes of a server take a cold JVM long to load. */
  void start() {
    try {
      Thread thread = OwnThreads.make(this, "multiprom-endpoint-start");
      thread.setDaemon(true);
      thread.start();
    } catch (OutOfMemoryError | SecurityException e) {
      fails(settings.portProperty(), e.toString());
    }
  }

  @Override
  public void run() {
    try {
      EndpointStarter starter = Providers.find(EndpointStarter.class, STARTER);
      if (starter == null) {
        fails(
            settings.portProperty(),
            "io.github.multiprom:multiprom-exposition is not on the class path");
        return;
      }
      int port = settings.port();
      PortRange ports = settings.ports();
      String host = settings.host();
      // Whatever is wrong with it, nothing is served without it.
      Path webConfig = settings.webConfig();
      synchronized (this) {
        if (!closed && port != 0) {
          running.add(starter.start(directory, workerLabel, host, port, webConfig));
        }
        if (!closed && ports != null) {
          running.add(starter.startOwn(this, host, ports, webConfig));
        }
      }
    } catch (RuntimeException | Error e) {
      fails(settings.portProperty(), e.toString());
    }
  }

  @Override
  public Path directory() {
    return directory;
  }

  @Override
  public Incarnation incarnation() {
    return publisher.incarnation();
  }

  @Override
  public void notePort(int port) {
    publisher.notePort(port);
  }

  private static void fails(String property, String why) {
    StoreLog.warnOnce(
        property,
        "System property " + property + " is set, but this process cannot serve metrics: " + why);
  }

  void close() {
    List<EndpointStarter.Running> ended;
    synchronized (this) {
      closed = true;
      ended = List.copyOf(running);
    }
    ended.forEach(EndpointStarter.Running::close);
  }
}
