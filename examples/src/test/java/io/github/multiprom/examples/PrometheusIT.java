package io.github.multiprom.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A real Prometheus server scrapes the pre-fork server. */
class PrometheusIT {
  @Test
  void readsTheExactTotalAcrossTheDeathOfAWorker(@TempDir Path dir) throws Exception {
    try (var shop = RunningShop.start("--workers", "4");
        var prometheus = RunningPrometheus.start(dir, shop.port)) {
      prometheus.awaitNextScrape();
      shop.request(200);

      // Just after a scrape: one that the killed worker still owes is rightly taken for an outage.
      prometheus.awaitNextScrape();
      shop.killOneWorker();
      shop.request(150);

      prometheus.awaitStoredScrape();
      assertEquals("350", prometheus.ask("sum(http_requests_total)"));
      assertEquals("350", prometheus.ask("sum(http_request_duration_seconds_count)"));
      assertEquals("0", prometheus.ask("http_in_flight"));
      assertEquals("0", prometheus.ask("sum(resets(http_requests_total[5m]))"));
      assertEquals("1", prometheus.ask("min_over_time(up[5m])"));

      var quantile =
          "histogram_quantile(0.9, sum by (le) (rate(http_request_duration_seconds_bucket[1m])))";
      double seconds = Double.parseDouble(prometheus.ask(quantile));
      assertTrue(seconds > 0 && seconds <= 10, "0.9 quantile: " + seconds);
    }
  }
}
