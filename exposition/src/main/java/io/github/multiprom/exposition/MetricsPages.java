package io.github.multiprom.exposition;

import com.sun.net.httpserver.HttpExchange;
import io.github.multiprom.exposition.http.ScrapeRequest;
import io.github.multiprom.exposition.http.Scrapes;
import io.github.multiprom.exposition.text.ExpositionFormat;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;

/** The metrics of all workers, or of one. Thread-safe. */
final class MetricsPages {
  private final Scrapes scrapes;
  // Null for all workers, unless a request names one.
  private final Supplier<String> worker;

  /** Metrics of all workers, and of the one that a request names. */
  MetricsPages(Scrapes scrapes) {
    this(scrapes, null);
  }

  /**
   * Metrics of one worker.
   *
   * @param worker tells its newest incarnation
   */
  MetricsPages(Scrapes scrapes, Supplier<String> worker) {
    this.scrapes = scrapes;
    this.worker = worker;
  }

  /** Whether a path is that of the metrics. */
  static boolean isAt(String path) {
    return path.equals("/metrics") || path.equals("/metrics/");
  }

  /** Answers a scrape. */
  Page scrape(HttpExchange exchange) {
    ScrapeRequest request;
    try {
      request = ScrapeRequest.of(exchange);
    } catch (IllegalArgumentException e) {
      return Page.ofLine(400, "The query cannot be decoded.");
    }
    Scrapes.Body body = body(request);
    if (body == null) {
      return Page.ofLine(404, "There is no such worker; /-/targets lists all that live.");
    }
    Map<String, String> headers = new HashMap<>();
    request.describe(headers::put);
    // Of a compressed text nobody needs the plain one while it is sent.
    return new Page(200, headers, request.gzip() ? body.gzip() : body.plain());
  }

  private Scrapes.Body body(ScrapeRequest request) {
    Set<String> names = request.names();
    ExpositionFormat format = request.format();
    String of = worker != null ? worker.get() : request.worker();
    if (of != null) {
      return scrapes.ofWorker(format, names, of);
    }
    return names.isEmpty() ? scrapes.all(format) : scrapes.named(format, names);
  }
}
