package io.github.multiprom.prometheus;

import io.prometheus.metrics.exporter.httpserver.HTTPServer;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Arrays;
import java.util.stream.Collectors;

/** What the HTTP server of prometheus-metrics answers. */
final class Scrapes {
  private static final HttpClient CLIENT = HttpClient.newHttpClient();

  private Scrapes() {}

  static String of(PrometheusRegistry registry) throws Exception {
    return of(registry, "");
  }

  static String of(PrometheusRegistry registry, String query) throws Exception {
    return of(registry, query, "text/plain");
  }

  static String of(PrometheusRegistry registry, String query, String accept) throws Exception {
    HTTPServer server = HTTPServer.builder().port(0).registry(registry).buildAndStart();
    try {
      String address = "http://localhost:" + server.getPort() + "/metrics";
      HttpRequest request =
          HttpRequest.newBuilder(URI.create(address + query.replace("[]", "%5B%5D")))
              .header("Accept", accept)
              .build();
      HttpResponse<String> response = CLIENT.send(request, HttpResponse.BodyHandlers.ofString());
      if (response.statusCode() != 200) {
        throw new IOException(response.statusCode() + "\n" + response.body());
      }
      return response.body();
    } finally {
      server.close();
    }
  }

  /** All but what Multiprom tells of itself. */
  static String ofApplication(PrometheusRegistry registry) throws Exception {
    return Arrays.stream(of(registry).split("(?<=\n)", -1))
        .filter(line -> !line.startsWith("multiprom_") && !line.matches("(?s)# \\w+ multiprom_.*"))
        .collect(Collectors.joining());
  }
}
