package io.github.multiprom.examples;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A real Prometheus server, as the monitoring kit configures it, scrapes the pre-fork server while
 * one of its workers is killed.
 */
class PrometheusIT {
  private static RunningShop shop;
  private static PrometheusServer prometheus;

  @BeforeAll
  static void killAWorkerBetweenRequests(@TempDir Path dir) throws Exception {
    Path metrics = Files.createDirectory(dir.resolve("metrics"));
    Files.createFile(metrics.resolve("of-another-program"));
    shop = RunningShop.start("--workers", "4", "--dir", metrics.toString());
    prometheus = RunningPrometheus.start(dir, shop.port);
    RunningShop.await(
        "a scrape is stored", () -> !prometheus.ask("sum(http_requests_total)").isEmpty());
    shop.request(200);

    // Just after a scrape: one that the killed worker still owes is rightly taken for an outage.
    prometheus.awaitNextScrape();
    shop.killOneWorker();
    shop.request(150);
    prometheus.awaitStoredScrape();
  }

  @AfterAll
  static void stop() {
    if (prometheus != null) {
      prometheus.close();
    }
    if (shop != null) {
      shop.close();
    }
  }

  @Test
  void readsTheExactTotalAcrossTheDeathOfAWorker() throws Exception {
    assertBecomes("350", "sum(http_requests_total)");
    assertBecomes("350", "sum(http_request_duration_seconds_count)");
    assertBecomes("0", "http_in_flight");
    assertBecomes("0", "sum(resets(http_requests_total[5m]))");
    // A scrape fails that takes a second, as on a machine with other load.
    RunningShop.await(
        "half of the scrapes answered",
        () -> Double.parseDouble(prometheus.ask("avg_over_time(up[5m])")) >= 0.5);

    var quantile =
        "histogram_quantile(0.9, sum by (le) (rate(http_request_duration_seconds_bucket[1m])))";
    double seconds = Double.parseDouble(prometheus.ask(quantile));
    assertTrue(seconds > 0 && seconds <= 10, "0.9 quantile: " + seconds);
  }

  /** There is no value after a scrape that failed. */
  private static void assertBecomes(String expected, String query) throws Exception {
    RunningShop.await(query + " is " + expected, () -> prometheus.ask(query).equals(expected));
  }

  @Test
  void hasDataForEveryPanelOfTheDashboard() throws Exception {
    var expressions = MonitoringKit.dashboardExpressions();
    assertTrue(expressions.size() >= 15, expressions.toString());
    assertAll(
        expressions.stream()
            .map(
                expression ->
                    () ->
                        RunningShop.await(
                            expression, () -> !prometheus.askAll(expression).isEmpty())));
  }

  @Test
  void evaluatesEveryRule() throws Exception {
    RunningShop.await(
        "every rule is evaluated", () -> Set.of("ok").equals(Set.copyOf(prometheus.ruleHealth())));
    RunningShop.await(
        "a recorded sum of four workers",
        () -> prometheus.ask("job:multiprom_workers:sum{state=\"live\"}").equals("4"));
    assertEquals(List.of(), prometheus.askAll("ALERTS{alertstate=\"firing\"}"));
  }
}
