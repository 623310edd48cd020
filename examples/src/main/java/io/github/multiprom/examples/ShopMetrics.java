package io.github.multiprom.examples;

import io.github.multiprom.metrics.Counter;
import io.github.multiprom.metrics.Gauge;
import io.github.multiprom.metrics.GaugeMode;
import io.github.multiprom.metrics.Histogram;

/** The metrics of the shop. Thread-safe. */
final class ShopMetrics {
  static final Counter REQUESTS =
      Counter.build()
          .name("http_requests_total")
          .help("Requests answered.")
          .labelNames("path", "code")
          .register();

  static final Gauge IN_FLIGHT =
      Gauge.build()
          .name("http_in_flight")
          .help("Requests being answered.")
          .mode(GaugeMode.LIVESUM)
          .register();

  static final Histogram DURATION =
      Histogram.build()
          .name("http_request_duration_seconds")
          .help("Time to answer a request.")
          .labelNames("path")
          .register();

  private ShopMetrics() {}
}
