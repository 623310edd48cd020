package io.github.multiprom.exposition;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.github.multiprom.exposition.format.RandomFamilies;
import io.github.multiprom.merge.MultiprocessCollector;
import io.github.multiprom.metrics.Counter;
import io.github.multiprom.metrics.Enumeration;
import io.github.multiprom.metrics.Histogram;
import io.github.multiprom.metrics.Info;
import io.github.multiprom.metrics.Summary;
import io.github.multiprom.metrics.Worker;
import io.prometheus.client.CollectorRegistry;
import java.io.BufferedReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.stream.DoubleStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A real Prometheus server with native histograms, which asks for protobuf. */
class PrometheusProtobufIT {
  /** From the beginning to the end of a bucket of the default schema. */
  private static final double BUCKET = Math.pow(2, 1.0 / 8);

  /** It logs each scrape that it cannot read, apart from those that take too long. */
  private static final String TELLS_OF_SCRAPES = "--log.level=debug";

  @TempDir Path directory;

  @Test
  void readsEveryScrape() throws Exception {
    Peers.requirePrometheus();
    long seed = System.nanoTime();
    System.out.println("seed " + seed);
    Random random = new Random(seed);
    Path metrics = directory.resolve("metrics");
    try (Worker worker = Worker.builder().directory(metrics).name("w").open();
        MultiprocessCollector collector = new MultiprocessCollector(metrics);
        MetricsServer server = MetricsServer.start(collector, "127.0.0.1", 0);
        PrometheusServer prometheus =
            new PrometheusServer(
                directory,
                config(server.port()),
                "--enable-feature=native-histograms,exemplar-storage",
                TELLS_OF_SCRAPES)) {
      CollectorRegistry own = new CollectorRegistry();
      Counter jobs = Counter.build("jobs", "Jobs.").worker(worker).register(own);
      jobs.incWithExemplar(3, "trace_id", "first");
      Histogram.build("latency_seconds", "Latency.")
          .buckets(0.5, 1)
          .worker(worker)
          .register(own)
          .observeWithExemplar(0.75, "trace_id", "slow");
      Summary.build("size_bytes", "Size.").worker(worker).register(own).observe(2.5);
      Info.build("build", "Build.").worker(worker).register(own).info("version", "1 \"a\"");
      Enumeration.build("phase", "Phase.").states("A", "B").worker(worker).register(own);
      for (int i = 0; i < 30; i++) {
        RandomFamilies.lawful(random).add(worker, "family_" + i);
      }
      expect(prometheus, "jobs_total", "3");
      expect(prometheus, "latency_seconds_bucket{le=\"0.5\"}", "0");
      expect(prometheus, "latency_seconds_bucket{le=\"1.0\"}", "1");
      expect(prometheus, "latency_seconds_bucket{le=\"+Inf\"}", "1");
      expect(prometheus, "latency_seconds_count", "1");
      expect(prometheus, "latency_seconds_sum", "0.75");
      expect(prometheus, "size_bytes_count", "1");
      expect(prometheus, "size_bytes_sum", "2.5");
      expect(prometheus, "build_info{version=\"1 \\\"a\\\"\"}", "1");
      expect(prometheus, "phase{phase=\"A\"}", "1");
      expect(prometheus, "phase{phase=\"B\"}", "0");
      prometheus.await(
          "exemplars",
          () ->
              prometheus.askForExemplars("jobs_total").contains("first")
                  && prometheus.askForExemplars("latency_seconds_bucket").contains("slow"));
      jobs.inc();
      expect(prometheus, "jobs_total", "4");
      expect(prometheus, "up", "1");
      expect(prometheus, "scrape_samples_scraped - scrape_samples_post_metric_relabeling", "0");
      assertFalse(prometheus.log().contains("Append failed"), () -> prometheus.log());
    }
  }

  /** Of three workers, of which one was killed and one has ended and is retired. */
  @Test
  void hasNativeHistogramsOfAllWorkers() throws Exception {
    Peers.requirePrometheus();
    Path metrics = directory.resolve("metrics");
    try (Worker worker = Worker.builder().directory(metrics).open();
        MultiprocessCollector collector = new MultiprocessCollector(metrics);
        MetricsServer server = MetricsServer.start(collector, "127.0.0.1", 0);
        PrometheusServer prometheus =
            new PrometheusServer(
                directory,
                config(server.port()),
                "--enable-feature=native-histograms",
                TELLS_OF_SCRAPES)) {
      NativeWorker.observe(worker, 1);
      try (Worker ended = Worker.builder().directory(metrics).open()) {
        NativeWorker.observe(ended, 2);
      }
      observeAndKill(metrics, 3);
      double[] all =
          LongStream.of(1, 2, 3)
              .boxed()
              .flatMapToDouble(seed -> DoubleStream.of(NativeWorker.latencies(seed)))
              .sorted()
              .toArray();
      for (String name : List.of("latency_native", "latency_both")) {
        String count = Integer.toString(all.length);
        expect(prometheus, "histogram_count(" + name + ")", count);
        for (double quantile : new double[] {0.5, 0.9, 0.99}) {
          double exact = all[(int) Math.ceil(quantile * all.length) - 1];
          String query = "histogram_quantile(" + quantile + ", " + name + ")";
          double estimate = Double.parseDouble(prometheus.awaitValue(query));
          assertEquals(1, estimate / exact, BUCKET - 1, query + " of " + exact);
        }
      }
      prometheus.await("retired", () -> collector.workers().size() == 1);
      expect(prometheus, "multiprom_workers{state=\"dead\"}", "0");
      expect(prometheus, "histogram_count(latency_native)", Integer.toString(all.length));
      expect(prometheus, "up", "1");
      assertFalse(prometheus.log().contains("Append failed"), () -> prometheus.log());
    }
  }

  private static void observeAndKill(Path metrics, long seed) throws Exception {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                NativeWorker.class.getName(),
                metrics.toString(),
                Long.toString(seed))
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    try (BufferedReader output = process.inputReader()) {
      assertEquals("observed", output.readLine());
    } finally {
      process.destroyForcibly().waitFor();
    }
  }

  private static void expect(PrometheusServer prometheus, String query, String value)
      throws Exception {
    prometheus.await(query, () -> prometheus.ask(query).equals(value));
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
