package io.github.multiprom.examples;

import com.sun.net.httpserver.HttpServer;
import io.prometheus.client.CollectorRegistry;
import io.prometheus.client.Counter;
import io.prometheus.client.Gauge;
import io.prometheus.client.Histogram;
import io.prometheus.client.exporter.common.TextFormat;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Executors;

/**
 * A server with the metrics of simpleclient, which knows of one process: itself. {@code
 * examples/agent/agent.sh} runs four of them as one, by an agent.
 */
public final class PlainServer {
  private static final Counter REQUESTS =
      Counter.build()
          .name("plain_requests_total")
          .help("Requests served.")
          .labelNames("path")
          .register();
  private static final Gauge IN_FLIGHT =
      Gauge.build().name("plain_in_flight").help("Requests being served.").register();
  private static final Histogram LATENCY =
      Histogram.build().name("plain_latency_seconds").help("Request latency.").register();

  private PlainServer() {}

  /**
   * Serves until it is killed.
   *
   * @param args the port
   */
  public static void main(String[] args) throws IOException {
    HttpServer server =
        HttpServer.create(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(args[0])), 0);
    server.createContext(
        "/",
        exchange -> {
          IN_FLIGHT.inc();
          try (exchange;
              Histogram.Timer timer = LATENCY.startTimer()) {
            REQUESTS.labels(exchange.getRequestURI().getPath()).inc();
            exchange.sendResponseHeaders(204, -1);
          } finally {
            IN_FLIGHT.dec();
          }
        });
    server.createContext(
        "/metrics",
        exchange -> {
          exchange.getResponseHeaders().add("Content-Type", TextFormat.CONTENT_TYPE_004);
          exchange.sendResponseHeaders(200, 0);
          try (OutputStreamWriter text =
              new OutputStreamWriter(exchange.getResponseBody(), StandardCharsets.UTF_8)) {
            TextFormat.write004(text, CollectorRegistry.defaultRegistry.metricFamilySamples());
          }
        });
    server.setExecutor(Executors.newFixedThreadPool(2));
    server.start();
  }
}
