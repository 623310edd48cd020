package io.github.multiprom.exposition;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import io.github.multiprom.exposition.format.Chunks.Chunk;
import io.github.multiprom.exposition.format.ExpositionBytes;
import io.github.multiprom.exposition.http.ScrapeRequest;
import io.github.multiprom.internal.os.StoreLog;
import io.prometheus.client.CollectorRegistry;
import io.prometheus.client.exporter.common.TextFormat;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;

/**
 * The metrics of a registry, as a page of an application's own HTTP server. Thread-safe.
 *
 * <p>A registry on which metrics of Multiprom were registered shows them merged over all workers of
 * the directory, and whatever else was registered on it.
 *
 * <pre>{@code
 * HttpServer server = HttpServer.create(new InetSocketAddress(8080), 0);
 * server.createContext("/metrics", new MetricsHandler());
 * server.start();
 * }</pre>
 *
 * <p>It answers as {@link MetricsServer} does, but in text only, as registries of simpleclient know
 * no native histograms: text 0.0.4 or OpenMetrics 1.0.0 as the request accepts, gzipped if it
 * accepts that; {@code ?name[]=} selects by name. It runs on the threads of the application's
 * server and sets no limits of time. A scrape that fails is answered with 500 and told on the log.
 * {@code ?worker=} is answered with 404: the metrics of one worker are at {@link MetricsServer}
 * only.
 */
public final class MetricsHandler implements HttpHandler {
  private static final String PLAIN_TEXT = "text/plain; charset=utf-8";

  private final CollectorRegistry registry;

  /** The metrics of {@link CollectorRegistry#defaultRegistry}. */
  public MetricsHandler() {
    this(CollectorRegistry.defaultRegistry);
  }

  /** The metrics of a registry. */
  public MetricsHandler(CollectorRegistry registry) {
    this.registry = registry;
  }

  @Override
  public void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      String method = exchange.getRequestMethod();
      if (!method.equals("GET") && !method.equals("HEAD")) {
        exchange.getResponseHeaders().set("Allow", "GET, HEAD");
        send(exchange, 405, "Only GET and HEAD.");
        return;
      }
      ScrapeRequest request;
      try {
        request = ScrapeRequest.ofText(exchange);
      } catch (IllegalArgumentException e) {
        send(exchange, 400, "The query cannot be decoded.");
        return;
      }
      if (request.worker() != null) {
        // All workers' numbers for a target of one worker would count everything many times.
        send(exchange, 404, "Here are the metrics of all workers only.");
        return;
      }
      ExpositionBytes text;
      try {
        text = text(request);
      } catch (RuntimeException | OutOfMemoryError e) {
        StoreLog.errorOnce("scrape " + e, "A scrape failed: " + e);
        send(exchange, 500, "The scrape failed; see the log.");
        return;
      }
      request.describe(exchange.getResponseHeaders()::set);
      send(exchange, 200, text);
    }
  }

  private ExpositionBytes text(ScrapeRequest request) {
    Set<String> names = request.names();
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (Writer writer = new OutputStreamWriter(bytes, StandardCharsets.UTF_8)) {
      TextFormat.writeFormat(
          request.format().contentType(),
          writer,
          names.isEmpty()
              ? registry.metricFamilySamples()
              : registry.filteredMetricFamilySamples(names));
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
    ExpositionBytes text = textOf(bytes.toByteArray());
    return request.gzip() ? text.gzip() : text;
  }

  private static ExpositionBytes textOf(byte[] bytes) {
    return new ExpositionBytes(List.of(new Chunk(bytes, bytes.length)));
  }

  private static void send(HttpExchange exchange, int code, String line) throws IOException {
    exchange.getResponseHeaders().set("Content-Type", PLAIN_TEXT);
    send(exchange, code, textOf((line + "\n").getBytes(StandardCharsets.UTF_8)));
  }

  private static void send(HttpExchange exchange, int code, ExpositionBytes body)
      throws IOException {
    if (exchange.getRequestMethod().equals("HEAD")) {
      exchange.getResponseHeaders().set("Content-Length", Long.toString(body.length()));
      exchange.sendResponseHeaders(code, -1);
      return;
    }
    exchange.sendResponseHeaders(code, body.length() == 0 ? -1 : body.length());
    try (OutputStream out = exchange.getResponseBody()) {
      body.writeTo(out);
    }
  }
}
