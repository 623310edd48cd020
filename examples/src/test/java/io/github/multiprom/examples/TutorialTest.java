package io.github.multiprom.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.multiprom.merge.MultiprocessCollector;
import io.github.multiprom.metrics.Counter;
import io.github.multiprom.metrics.Gauge;
import io.github.multiprom.metrics.GaugeMode;
import io.github.multiprom.metrics.Worker;
import io.prometheus.client.CollectorRegistry;
import io.prometheus.client.exporter.common.TextFormat;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** From the first counter to the merged view. Read it from top to bottom. */
class TutorialTest {
  /** A registry of its own for each test; without one, {@code register()} takes the default. */
  private final CollectorRegistry registry = new CollectorRegistry();

  /** The words are those of simpleclient. Without a directory everything stays in this JVM. */
  @Test
  void countsInOneProcess() throws IOException {
    Counter requests =
        Counter.build()
            .name("http_requests_total")
            .help("Requests served.")
            .labelNames("path", "code")
            .register(registry);

    requests.labels("/", "200").inc();
    requests.labels("/", "200").inc();
    requests.labels("/basket", "200").inc();

    assertEquals(
        """
        # HELP http_requests_total Requests served.
        # TYPE http_requests_total counter
        http_requests_total{path="/",code="200",} 2.0
        http_requests_total{path="/basket",code="200",} 1.0
        """,
        scrape(registry, "http_requests_total"));
  }

  /**
   * A worker records into a metrics directory. Each JVM has one worker, opened from {@code
   * -Dmultiprom.dir}; here two of them play two JVMs.
   */
  @Test
  void showsTheTotalOfAllWorkersToWhoeverAsks(@TempDir Path directory) throws IOException {
    try (Worker one = Worker.builder().directory(directory).name("one").open();
        Worker two = Worker.builder().directory(directory).name("two").open()) {
      var itsRegistry = new CollectorRegistry();
      jobs(one).register(registry).inc(3);
      jobs(two).register(itsRegistry).inc(4);

      String text =
          """
          # HELP jobs_total Jobs done.
          # TYPE jobs_total counter
          jobs_total 7.0
          """;
      assertEquals(text, scrape(registry, "jobs_total"));
      assertEquals(text, scrape(itsRegistry, "jobs_total"));
    }
  }

  /** What a worker has counted outlives it; a gauge with a {@code LIVE} mode does not. */
  @Test
  void keepsTheCountsOfAWorkerThatHasEnded(@TempDir Path directory) throws IOException {
    try (Worker one = Worker.builder().directory(directory).name("one").open()) {
      jobs(one).register(registry).inc(3);
      queue(one).register(registry).set(10);
      try (Worker two = Worker.builder().directory(directory).name("two").open()) {
        var itsRegistry = new CollectorRegistry();
        jobs(two).register(itsRegistry).inc(4);
        queue(two).register(itsRegistry).set(20);
        assertEquals(30, registry.getSampleValue("queue_length"));
      }

      assertEquals(7, registry.getSampleValue("jobs_total"));
      assertEquals(10, registry.getSampleValue("queue_length"));
    }
  }

  /** A process that counts nothing itself, a sidecar for instance, asks the directory. */
  @Test
  void collectsFromOutside(@TempDir Path directory) throws IOException {
    try (Worker one = Worker.builder().directory(directory).open();
        var collector = new MultiprocessCollector(directory)) {
      jobs(one).register(new CollectorRegistry()).inc(3);

      collector.register(registry);

      assertEquals(3, registry.getSampleValue("jobs_total"));
    }
  }

  private static Counter.Builder jobs(Worker worker) {
    return Counter.build().name("jobs_total").help("Jobs done.").worker(worker);
  }

  private static Gauge.Builder queue(Worker worker) {
    return Gauge.build()
        .name("queue_length")
        .help("Jobs that wait.")
        .mode(GaugeMode.LIVESUM)
        .worker(worker);
  }

  /** What an HTTP endpoint answers. */
  private static String scrape(CollectorRegistry registry, String name) throws IOException {
    var text = new StringWriter();
    TextFormat.write004(text, registry.filteredMetricFamilySamples(Set.of(name)));
    return text.toString();
  }
}
