package io.github.multiprom.metrics;

import io.github.multiprom.internal.directory.EndpointStarter;
import io.github.multiprom.internal.os.OwnThreads;
import io.github.multiprom.internal.os.StoreLog;
import io.github.multiprom.model.Settings;
import java.nio.file.Path;

/**
 * Has a worker's directory served at the port that its settings name, by a module that may be
 * missing. Thread-safe; never throws.
 */
final class WorkerEndpoint implements Runnable {
  static final String STARTER = "exposition.SharedEndpointStarter";

  private final Path directory;
  private final String workerLabel;
  private final String host;
  private final int port;
  private EndpointStarter.Running running;
  private boolean closed;

  WorkerEndpoint(Path directory, String workerLabel, String host, int port) {
    this.directory = directory;
    this.workerLabel = workerLabel;
    this.host = host;
    this.port = port;
  }

  /** In a thread of its own, for the classes of a server take a cold JVM long to load. */
  void start() {
    try {
      Thread thread = OwnThreads.make(this, "multiprom-endpoint-start");
      thread.setDaemon(true);
      thread.start();
    } catch (OutOfMemoryError | SecurityException e) {
      fails(e.toString());
    }
  }

  @Override
  public void run() {
    try {
      EndpointStarter starter = Providers.find(EndpointStarter.class, STARTER);
      if (starter == null) {
        fails("io.github.multiprom:multiprom-exposition is not on the class path");
        return;
      }
      synchronized (this) {
        if (!closed) {
          running = starter.start(directory, workerLabel, host, port);
        }
      }
    } catch (RuntimeException | Error e) {
      fails(e.toString());
    }
  }

  private static void fails(String why) {
    StoreLog.warnOnce(
        Settings.PORT,
        "System property "
            + Settings.PORT
            + " is set, but this process cannot serve metrics: "
            + why);
  }

  void close() {
    EndpointStarter.Running ended;
    synchronized (this) {
      closed = true;
      ended = running;
    }
    if (ended != null) {
      ended.close();
    }
  }
}
