package io.github.multiprom.exposition;

import com.sun.net.httpserver.HttpExchange;
import io.github.multiprom.exposition.http.Scrapes;
import io.github.multiprom.internal.directory.EndpointStarter;
import io.github.multiprom.model.Incarnation;

/** What the server of one worker answers. Thread-safe. */
final class OwnPages implements Pages {
  private final EndpointStarter.OwnWorker worker;
  private final MetricsPages metrics;

  OwnPages(EndpointStarter.OwnWorker worker, Scrapes scrapes) {
    this.worker = worker;
    metrics = new MetricsPages(scrapes);
  }

  @Override
  public Page answer(HttpExchange exchange) {
    String path = exchange.getRequestURI().getPath();
    if (path.equals("/-/healthy")) {
      return Page.ofLine(200, "Healthy.");
    }
    if (!MetricsPages.isAt(path)) {
      return Page.ofLine(404, "Not found; the metrics of this worker are at /metrics.");
    }
    Incarnation incarnation = worker.incarnation();
    return incarnation == null
        ? Page.ofLine(503, "This worker has no file in its directory yet.")
        : metrics.scrape(exchange, incarnation.toString());
  }
}
