package io.github.multiprom.exposition;

import com.sun.net.httpserver.HttpExchange;
import io.github.multiprom.exposition.format.ExpositionFormat;
import io.github.multiprom.exposition.http.ScrapeRequest;
import io.github.multiprom.exposition.http.Scrapes;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/** The metrics of all workers, or of one. Thread-safe. */
final class MetricsPages {
  private final Scrapes scrapes;

  MetricsPages(Scrapes scrapes) {
    this.scrapes = scrapes;
  }

  /** Whether a path is that of the metrics. */
  static boolean isAt(String path) {
    return path.equals("/metrics") || path.equals("/metrics/");
  }

  /** Answers a scrape with the metrics of all workers, or of the one that the request names. */
  Page scrape(HttpExchange exchange) {
    return scrape(exchange, null);
  }

  /**
   * Answers a scrape.
   *
   * @param onlyWorker the incarnation of the one worker that there is here; null for all
   */
  Page scrape(HttpExchange exchange, String onlyWorker) {
    ScrapeRequest request;
    try {
      request = ScrapeRequest.of(exchange);
    } catch (IllegalArgumentException e) {
      return Page.ofLine(400, "The query cannot be decoded.");
    }
    Scrapes.Body body = body(request, onlyWorker == null ? request.worker() : onlyWorker);
    if (body == null) {
      return Page.ofLine(404, "There is no such worker.");
    }
    Map<String, String> headers = new HashMap<>();
    request.describe(headers::put);
    // Of a compressed text nobody needs the plain one while it is sent.
    return new Page(200, headers, request.gzip() ? body.gzip() : body.plain());
  }

  private Scrapes.Body body(ScrapeRequest request, String worker) {
    Set<String> names = request.names();
    ExpositionFormat format = request.format();
    if (worker != null) {
      return scrapes.ofWorker(format, names, worker);
    }
    return names.isEmpty() ? scrapes.all(format) : scrapes.named(format, names);
  }
}
