package io.github.multiprom.examples;

import io.github.multiprom.metrics.MergedRegistry;
import io.prometheus.client.CollectorRegistry;
import io.prometheus.client.hotspot.DefaultExports;
import io.prometheus.client.servlet.jakarta.exporter.MetricsServlet;
import java.io.IOException;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.eclipse.jetty.ee10.servlet.ServletHolder;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;

/**
 * One worker of the pre-fork server: {@link ShopServlet the application}, and beside it {@code
 * /metrics} by simpleclient's own servlet and {@code /own}.
 *
 * <p>Nothing here knows of other workers. The servlet shows a merged registry: what all workers
 * have counted in {@link ShopMetrics}, and the JVM of each.
 */
public final class PreforkWorker {
  /** The line on standard output that says that the worker serves. */
  static final String READY = "ready";

  /** Held strongly: the logging of the JDK forgets the level of a logger that nobody holds. */
  private static final Logger JETTY_LOG = Logger.getLogger("org.eclipse.jetty");

  private static final long STOP_TIMEOUT_MS = 2_000;

  private PreforkWorker() {}

  /**
   * Serves until SIGTERM, or until standard input ends.
   *
   * @param args host and port
   * @throws Exception if the server cannot start
   */
  public static void main(String[] args) throws Exception {
    JETTY_LOG.setLevel(Level.WARNING);
    Server server = server(args[0], Integer.parseInt(args[1]));
    server.start();
    System.out.println(READY);
    awaitEndOfInput();
    System.exit(0);
  }

  private static Server server(String host, int port) {
    var server = new Server();
    var connector = new ServerConnector(server);
    connector.setHost(host);
    connector.setPort(port);
    // The kernel shares out new connections among all workers that listen like this.
    connector.setReusePort(true);
    server.addConnector(connector);

    var context = new ServletContextHandler();
    CollectorRegistry registry = MergedRegistry.ofDefaultWorker();
    DefaultExports.register(registry);
    context.addServlet(new ServletHolder(new MetricsServlet(registry)), "/metrics");
    context.addServlet(OwnCountServlet.class, "/own");
    // Started with the server: a scrape that comes first finds the metrics registered.
    context.addServlet(ShopServlet.class, "/*").setInitOrder(0);
    server.setHandler(context);

    server.setStopAtShutdown(true);
    server.setStopTimeout(STOP_TIMEOUT_MS);
    return server;
  }

  /**
   * Input is a pipe from the launcher; the kernel closes it when the launcher ends, even by
   * SIGKILL.
   */
  private static void awaitEndOfInput() throws IOException {
    while (System.in.read() != -1) {
      // What comes before the end means nothing.
    }
  }
}
