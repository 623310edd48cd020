package io.github.multiprom.exposition;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.multiprom.merge.MultiprocessCollector;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A real Prometheus server discovers workers, which are JVMs that come and go. */
class PrometheusDiscoveryIT {
  private static final String JAVA =
      Path.of(System.getProperty("java.home"), "bin", "java").toString();

  /** A refresh, the five seconds for which Prometheus waits with new lists, and two scrapes. */
  private static final long MAX_MS = 1_000 + 5_000 + 2_000;

  /** For a machine with other load. */
  private static final long SLACK_MS = 32_000;

  @TempDir Path temporary;

  private final Map<String, Process> workers = new HashMap<>();
  private Path metrics;

  private void start(String name, int jobs) throws IOException {
    Process worker =
        new ProcessBuilder(
                JAVA,
                "-Xmx32m",
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("java.class.path"),
                ProgramWorker.class.getName(),
                metrics.toString(),
                name,
                "mapped")
            .redirectError(temporary.resolve(name + ".log").toFile())
            .start();
    workers.put(name, worker);
    BufferedReader answers = worker.inputReader(StandardCharsets.UTF_8);
    for (String line :
        new String[] {
          "family\tcounter\tjobs\t\tkind",
          "family\tgauge\tlevel\tliveall\t",
          "inc\tjobs\ta\t" + jobs,
          "inc\tjobs\tb\t1",
          "set\tlevel\t\t" + jobs
        }) {
      worker.getOutputStream().write((line + "\n").getBytes(StandardCharsets.UTF_8));
      worker.getOutputStream().flush();
      assertEquals("ok", answers.readLine());
    }
  }

  @AfterEach
  void clean() throws Exception {
    for (Process worker : workers.values()) {
      worker.destroyForcibly().waitFor();
    }
    DeletedDirectory.delete(metrics);
  }

  @Test
  void scrapesEachWorkerAtOnePort() throws Exception {
    Peers.requirePrometheus();
    metrics = temporary.resolve("metrics");
    for (int i = 1; i <= 4; i++) {
      start("w" + i, 10 * i);
    }
    try (MultiprocessCollector collector = new MultiprocessCollector(metrics);
        MetricsServer server = MetricsServer.start(collector, "127.0.0.1", 0);
        PrometheusServer prometheus = new PrometheusServer(temporary, config(server.port()))) {
      prometheus.await(
          "not all targets are up", () -> prometheus.ask("sum(up{job='workers'})").equals("4"));
      String merged = "sum(jobs_total{job='merged'})";
      String byWorker = "sum(jobs_total{job='workers'})";
      prometheus.await("the sums differ", () -> prometheus.ask(byWorker).equals("104"));
      prometheus.await("the merged sum differs", () -> prometheus.ask(merged).equals("104"));
      String instance = workersHost() + "/w2";
      String ofOne = "jobs_total{worker='w2',kind='a',instance='" + instance + "'}";
      assertEquals("20", prometheus.awaitValue(ofOne));
      assertEquals("20", prometheus.awaitValue("level{job='workers',worker='w2'}"));
      assertEquals("", prometheus.ask("multiprom_workers{job='workers'}"));

      workers.get("w3").destroyForcibly().waitFor();
      String targets = "count(up{job='workers'})";
      long gone = prometheus.await("w3 stays", () -> prometheus.ask(targets).equals("3"));
      assertEquals("", prometheus.ask("jobs_total{worker='w3',kind='a'}"));
      prometheus.await("its counts are lost", () -> prometheus.ask(merged).equals("104"));

      start("w5", 50);
      long come =
          prometheus.await(
              "w5 is missing",
              () -> prometheus.ask("jobs_total{worker='w5',kind='a'}").equals("50"));
      assertEquals("0", prometheus.awaitValue("sum(resets(jobs_total{job='merged'}[5m]))"));
      System.out.printf("ms until a target is gone %d, until one is there %d%n", gone, come);
      assertTrue(gone < MAX_MS + SLACK_MS && come < MAX_MS + SLACK_MS, gone + " " + come);
    }
  }

  private String workersHost() {
    try (MultiprocessCollector collector = new MultiprocessCollector(metrics)) {
      return collector.workers().get(0).info().host();
    }
  }

  private Path config(int port) throws IOException {
    return Files.writeString(
        temporary.resolve("prometheus.yml"),
        """
        global: {scrape_interval: 1s, scrape_timeout: 1s}
        scrape_configs:
          - job_name: merged
            static_configs:
              - targets: ["127.0.0.1:%1$d"]
          - job_name: workers
            http_sd_configs:
              - url: http://127.0.0.1:%1$d/-/targets
                refresh_interval: 1s
        """
            .formatted(port));
  }
}
