package io.github.multiprom.exposition;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsServer;
import io.github.multiprom.exposition.discovery.Address;
import io.github.multiprom.exposition.format.ExpositionBytes;
import io.github.multiprom.exposition.http.RateLimiter;
import io.github.multiprom.exposition.http.RequestThreads;
import io.github.multiprom.exposition.http.Scrapes;
import io.github.multiprom.exposition.webconfig.BasicAuthentication;
import io.github.multiprom.exposition.webconfig.BasicAuthentication.Answer;
import io.github.multiprom.exposition.webconfig.WebConfig;
import io.github.multiprom.exposition.webconfig.WebConfigFile;
import io.github.multiprom.internal.os.ExhaustedException;
import io.github.multiprom.internal.os.StoreLog;
import io.github.multiprom.merge.MultiprocessCollector;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;

/**
 * An HTTP endpoint for the merged metrics, over the JDK's server. Thread-safe.
 *
 * <p>{@code /metrics} answers with text 0.0.4, OpenMetrics 1.0.0 or Prometheus' protobuf as the
 * request accepts, gzipped if it accepts that. {@code ?name[]=} selects a family or samples by
 * name, in protobuf whole families, and may be given several times. {@code ?worker=} answers with
 * what one worker counted, by its incarnation or its name. {@code /-/targets} lists the live
 * workers for Prometheus' {@code http_sd_configs}, each of them with this parameter; {@code
 * ?state=all} lists dead ones as well, and {@code ?by=port} those that serve themselves at a port
 * of their own. {@code /-/healthy} answers 200. A client has 10 s to send a request and 30 s to
 * take the answer; while others wait for a thread, the slowest lose their connections after 1 s and
 * 3 s.
 *
 * <p>All its threads are daemons: it never keeps a JVM from ending.
 *
 * <pre>{@code
 * MetricsServer server = MetricsServer.start(collector, "127.0.0.1", 9464);
 * }</pre>
 */
public final class MetricsServer implements AutoCloseable {
  /** Where it listens unless told otherwise. */
  public static final String DEFAULT_HOST = "127.0.0.1";

  /** The port that Prometheus' registry keeps for exporters in general. */
  public static final int DEFAULT_PORT = 9464;

  private static final String EXHAUSTED =
      "The process that serves the metrics lacks heap (-Xmx), direct memory or file descriptors for"
          + " what is in the directory";

  private static final int BACKLOG = 128;
  private static final long CLOSE_TIMEOUT_MS = 1_000;

  private final HttpServer server;
  private final RequestThreads threads;
  private final Pages pages;
  // Null for plain HTTP that anybody may use.
  private final WebConfigFile webConfig;
  private final BasicAuthentication authentication = new BasicAuthentication();
  private final RateLimiter rateLimiter = new RateLimiter();

  static {
    // Of all the JVM's servers, and read once. It only says when small packets leave: without it
    // the
    // end of a response over a kept connection waits 40 ms for a delayed acknowledgement.
    if (System.getProperty("sun.net.httpserver.nodelay") == null) {
      System.setProperty("sun.net.httpserver.nodelay", "true");
    }
  }

  private MetricsServer(
      RequestThreads threads, Pages pages, InetSocketAddress address, WebConfigFile webConfig)
      throws IOException {
    this.threads = threads;
    this.webConfig = webConfig;
    this.pages = pages;
    server = create(address);
    server.setExecutor(threads);
    server.createContext("/", this::handle);
    // The thread that accepts connections is a daemon if the one that starts it is.
    CompletableFuture.runAsync(server::start, threads).join();
  }

  private HttpServer create(InetSocketAddress address) throws IOException {
    if (webConfig == null || !webConfig.hasTls()) {
      return HttpServer.create(address, BACKLOG);
    }
    HttpsServer https = HttpsServer.create(address, BACKLOG);
    https.setHttpsConfigurator(webConfig.tls());
    return https;
  }

  /**
   * Starts a server.
   *
   * @param host a name or address of this host
   * @param port 0 for any free one
   * @throws IOException if it cannot listen there
   */
  public static MetricsServer start(MultiprocessCollector collector, String host, int port)
      throws IOException {
    return start(collector, host, port, null);
  }

  /**
   * Starts a server with TLS, basic authentication or both.
   *
   * @param host a name or address of this host
   * @param port 0 for any free one
   * @param webConfig a file in the format of Prometheus' exporter-toolkit, which is read again when
   *     it changes; null for plain HTTP
   * @throws IOException if it cannot listen there, or the file cannot be read or is wrong
   */
  public static MetricsServer start(
      MultiprocessCollector collector, String host, int port, Path webConfig) throws IOException {
    return start(collector, host, port, webConfig, null);
  }

  /**
   * Starts a server that clients reach by another address than the one of their requests.
   *
   * @param host a name or address of this host
   * @param port 0 for any free one
   * @param webConfig as of {@link #start(MultiprocessCollector, String, int, Path)}
   * @param externalAddress the {@code HOST:PORT} of the targets of {@code /-/targets}; null for the
   *     header {@code Host} of the request
   * @throws IllegalArgumentException if that is not an address
   * @throws IOException if it cannot listen there, or the file cannot be read or is wrong
   */
  public static MetricsServer start(
      MultiprocessCollector collector,
      String host,
      int port,
      Path webConfig,
      String externalAddress)
      throws IOException {
    if (externalAddress != null && !Address.isOne(externalAddress)) {
      throw new IllegalArgumentException("not HOST or HOST:PORT: " + externalAddress);
    }
    RequestThreads threads = new RequestThreads();
    Scrapes scrapes = new Scrapes(collector, threads::awaitRoom);
    return start(threads, new DirectoryPages(scrapes, externalAddress), host, port, webConfig);
  }

  /** Starts a server of some pages. */
  static MetricsServer start(
      RequestThreads threads, Pages pages, String host, int port, Path webConfig)
      throws IOException {
    InetSocketAddress address = new InetSocketAddress(host, port);
    if (address.isUnresolved()) {
      throw new IOException("unknown host " + host);
    }
    return new MetricsServer(
        threads, pages, address, webConfig == null ? null : new WebConfigFile(webConfig));
  }

  /** Starts a plain server of some scrapes, on any free port. */
  static MetricsServer start(Scrapes scrapes, String host) throws IOException {
    MetricsPages metrics = new MetricsPages(scrapes);
    return new MetricsServer(
        new RequestThreads(), metrics::scrape, new InetSocketAddress(host, 0), null);
  }

  /** The port that it listens on. */
  public int port() {
    return server.getAddress().getPort();
  }

  /** Whether it has TLS. */
  public boolean hasTls() {
    return server instanceof HttpsServer;
  }

  /** The {@code HOST:PORT} by which processes of this host reach it. */
  public String address() {
    return Address.of(server.getAddress());
  }

  /** Where the metrics are. */
  public String url() {
    String host = server.getAddress().getHostString();
    String scheme = hasTls() ? "https://" : "http://";
    return scheme + (host.contains(":") ? "[" + host + "]" : host) + ":" + port() + "/metrics";
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      threads.received();
      try {
        admit(exchange);
      } catch (ExhaustedException | OutOfMemoryError e) {
        StoreLog.errorOnce("scrape " + e, EXHAUSTED + ": " + e);
        if (exchange.getResponseCode() < 0) {
          send(exchange, 503, EXHAUSTED + ".");
        }
      } catch (RuntimeException | Error e) {
        StoreLog.errorOnce("scrape " + e, "A scrape failed: " + e);
        if (exchange.getResponseCode() < 0) {
          send(exchange, 500, "The scrape failed; see the log.");
        }
      }
    }
  }

  private void admit(HttpExchange exchange) throws IOException {
    if (webConfig == null) {
      answer(exchange);
      return;
    }
    WebConfig config = webConfig.current();
    if (!rateLimiter.admits(config.rateLimit(), System.nanoTime())) {
      send(exchange, 429, "Too many requests.");
      return;
    }
    config.headers().forEach(exchange.getResponseHeaders()::set);
    String authorization = exchange.getRequestHeaders().getFirst("Authorization");
    Answer answer =
        config.users().isEmpty()
            ? Answer.RIGHT
            : authentication.check(config.users(), authorization);
    switch (answer) {
      case RIGHT -> answer(exchange);
      case WRONG -> {
        exchange.getResponseHeaders().set("WWW-Authenticate", "Basic");
        send(exchange, 401, "Unauthorized");
      }
      case BUSY -> send(exchange, 429, "Too many passwords to check; try again.");
    }
  }

  private void answer(HttpExchange exchange) throws IOException {
    String method = exchange.getRequestMethod();
    if (!method.equals("GET") && !method.equals("HEAD")) {
      exchange.getResponseHeaders().set("Allow", "GET, HEAD");
      send(exchange, 405, "Only GET and HEAD.");
    } else {
      send(exchange, pages.answer(exchange));
    }
  }

  private void send(HttpExchange exchange, int code, String line) throws IOException {
    send(exchange, Page.ofLine(code, line));
  }

  private void send(HttpExchange exchange, Page page) throws IOException {
    ExpositionBytes body = page.body();
    page.headers().forEach(exchange.getResponseHeaders()::set);
    threads.sending(body);
    if (exchange.getRequestMethod().equals("HEAD")) {
      exchange.getResponseHeaders().set("Content-Length", Long.toString(body.length()));
      exchange.sendResponseHeaders(page.code(), -1);
      return;
    }
    exchange.sendResponseHeaders(page.code(), body.length() == 0 ? -1 : body.length());
    try (OutputStream out = exchange.getResponseBody()) {
      // The JDK's server copies each array that it is given once or twice: never all of it.
      body.writeTo(out);
    }
  }

  /** The threads that it has. */
  int threadCount() {
    return threads.count();
  }

  /**
   * Stops listening; scrapes under way get a moment to end, unless the calling thread is
   * interrupted. The port is free afterwards.
   */
  @Override
  public void close() {
    // The server's own delay is always waited for to its end.
    threads.awaitIdle(CLOSE_TIMEOUT_MS);
    boolean interrupted = Thread.interrupted();
    server.stop(0);
    // An interrupted thread does not wait for the server's own, which closes the port.
    while (Thread.interrupted()) {
      interrupted = true;
      server.stop(0);
    }
    threads.close();
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
