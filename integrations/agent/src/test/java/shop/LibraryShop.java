package shop;

import io.micrometer.core.instrument.Metrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Gauge;
import io.prometheus.metrics.core.metrics.Histogram;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/** An application of prometheus-metrics and of Micrometer. Counts as often as each line says. */
public final class LibraryShop {
  private LibraryShop() {}

  public static void main(String[] args) throws IOException {
    Counter visits =
        Counter.builder()
            .name("visits_total")
            .help("Visits.")
            .labelNames("page")
            .withoutExemplars()
            .register();
    Gauge seats = Gauge.builder().name("seats").help("Seats.").withoutExemplars().register();
    Histogram waits =
        Histogram.builder()
            .name("wait_seconds")
            .help("Waits.")
            .classicUpperBounds(1)
            .withoutExemplars()
            .register();
    Metrics.addRegistry(new PrometheusMeterRegistry(PrometheusConfig.DEFAULT));
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      for (int i = 0; i < Integer.parseInt(line); i++) {
        visits.labelValues("/").inc();
        seats.inc();
        waits.observe(0.5);
        Metrics.counter("sales", "item", "tea").increment();
        Metrics.timer("work").record(Duration.ofMillis(500));
      }
      System.out.println("ok");
    }
  }
}
