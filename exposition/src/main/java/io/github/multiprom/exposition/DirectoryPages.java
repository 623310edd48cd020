package io.github.multiprom.exposition;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsExchange;
import io.github.multiprom.exposition.discovery.Address;
import io.github.multiprom.exposition.discovery.Targets;
import io.github.multiprom.exposition.http.Query;
import io.github.multiprom.exposition.http.Scrapes;
import io.github.multiprom.exposition.page.PageView;
import io.github.multiprom.exposition.page.StatusPage;

/** What a server of a whole directory answers. Thread-safe. */
final class DirectoryPages implements Pages {
  private final Scrapes scrapes;
  private final MetricsPages metrics;
  // Null: as the request says.
  private final String externalAddress;

  DirectoryPages(Scrapes scrapes, String externalAddress) {
    this.scrapes = scrapes;
    this.metrics = new MetricsPages(scrapes);
    this.externalAddress = externalAddress;
  }

  @Override
  public Page answer(HttpExchange exchange) {
    String path = exchange.getRequestURI().getPath();
    if (MetricsPages.isAt(path)) {
      return metrics.scrape(exchange);
    }
    return switch (path) {
      case "/-/healthy" -> Page.ofLine(200, "Healthy.");
      case "/-/targets" -> targets(exchange);
      case "/" -> status(exchange);
      default -> Page.ofLine(404, "Not found; the metrics are at /metrics.");
    };
  }

  private Page status(HttpExchange exchange) {
    PageView view;
    try {
      Query query = Query.of(exchange);
      view = PageView.of(query.first("sort"), query.first("families"), query.first("refresh"));
    } catch (IllegalArgumentException e) {
      return Page.ofLine(400, "There is no such order, or refresh is not 1 to 3600.");
    }
    byte[] page = StatusPage.of(scrapes.overview(), view, Address.of(exchange.getLocalAddress()));
    return new Page(200, StatusPage.headers(view), Page.body(page));
  }

  private Page targets(HttpExchange exchange) {
    Targets targets;
    try {
      Query query = Query.of(exchange);
      targets = Targets.select(query.first("state"), query.first("by"));
    } catch (IllegalArgumentException e) {
      return Page.ofLine(400, e.getMessage());
    }
    String address = externalAddress != null ? externalAddress : Address.requested(exchange);
    if (address == null) {
      return Page.ofLine(400, "The header Host is not HOST or HOST:PORT.");
    }
    boolean https = exchange instanceof HttpsExchange;
    return Page.of(200, "application/json", targets.json(scrapes.workers(), address, https));
  }
}
