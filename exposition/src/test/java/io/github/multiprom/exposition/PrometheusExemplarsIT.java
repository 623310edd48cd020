package io.github.multiprom.exposition;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.multiprom.merge.MultiprocessCollector;
import io.github.multiprom.metrics.Counter;
import io.github.multiprom.metrics.Histogram;
import io.github.multiprom.metrics.Worker;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A real Prometheus server stores the exemplars of all workers, those that have ended too. */
class PrometheusExemplarsIT {
  private static final Pattern EXEMPLAR =
      Pattern.compile("\\{\"labels\":\\{\"trace_id\":\"([^\"]+)\"},\"value\":\"([^\"]+)\"");

  @TempDir Path directory;

  @Test
  void areFoundByQueries() throws Exception {
    Peers.requirePrometheus();
    Path metrics = directory.resolve("metrics");
    try (Worker worker = Worker.builder().directory(metrics).open();
        MultiprocessCollector collector = new MultiprocessCollector(metrics);
        MetricsServer server = MetricsServer.start(collector, "127.0.0.1", 0);
        PrometheusServer prometheus =
            new PrometheusServer(
                directory, config(server.port()), "--enable-feature=exemplar-storage")) {
      histogram(worker).observeWithExemplar(0.3, "trace_id", "fast");
      Counter jobs = Counter.build("jobs", "Jobs.").worker(worker).create();
      jobs.incWithExemplar("trace_id", "first");
      try (Worker ended = Worker.builder().directory(metrics).open()) {
        histogram(ended).observeWithExemplar(3, "trace_id", "slow");
      }
      String buckets = "latency_seconds_bucket";
      prometheus.await(
          "no exemplars",
          () -> exemplars(prometheus, buckets).equals(List.of("fast=0.3", "slow=3")));
      assertTrue(prometheus.askForExemplars(buckets).contains("\"le\":\"5.0\""));
      prometheus.await(
          "none of the counter",
          () -> exemplars(prometheus, "jobs_total").equals(List.of("first=1")));

      jobs.incWithExemplar(5, "trace_id", "second");
      prometheus.await(
          "no new exemplar",
          () -> exemplars(prometheus, "jobs_total").equals(List.of("first=1", "second=5")));
      // What is shown again is not stored again.
      prometheus.await("the count", () -> prometheus.ask("jobs_total").equals("6"));
      assertEquals(List.of("fast=0.3", "slow=3"), exemplars(prometheus, buckets));
    }
  }

  private static Histogram histogram(Worker worker) {
    return Histogram.build("latency_seconds", "Latency.").buckets(1, 5).worker(worker).create();
  }

  private static List<String> exemplars(PrometheusServer prometheus, String query)
      throws Exception {
    List<String> found = new ArrayList<>();
    Matcher exemplar = EXEMPLAR.matcher(prometheus.askForExemplars(query));
    while (exemplar.find()) {
      found.add(exemplar.group(1) + "=" + exemplar.group(2));
    }
    found.sort(null);
    return found;
  }

  private Path config(int port) throws Exception {
    return Files.writeString(
        directory.resolve("prometheus.yml"),
        """
        global: {scrape_interval: 1s, scrape_timeout: 1s}
        scrape_configs:
          - job_name: multiprom
            static_configs:
              - targets: ["127.0.0.1:%d"]
        """
            .formatted(port));
  }
}
