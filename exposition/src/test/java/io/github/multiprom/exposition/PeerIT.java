package io.github.multiprom.exposition;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.multiprom.merge.MultiprocessCollector;
import io.github.multiprom.metrics.Counter;
import io.github.multiprom.metrics.Gauge;
import io.github.multiprom.metrics.GaugeMode;
import io.github.multiprom.metrics.Histogram;
import io.github.multiprom.metrics.Summary;
import io.github.multiprom.metrics.Worker;
import io.prometheus.client.CollectorRegistry;
import java.nio.file.Path;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What Prometheus' own tool and client_python's strict parser say of the output. */
class PeerIT {
  private static final String PARSE =
      """
      import sys
      from prometheus_client.openmetrics.parser import text_string_to_metric_families
      families = list(text_string_to_metric_families(sys.stdin.read()))
      print(len(families))
      """;

  @TempDir Path directory;

  @Test
  void promtoolAcceptsTheText() throws Exception {
    Peers.requirePromtool();
    Peers.Result result = Peers.run(text(ExpositionFormat.TEXT), "promtool", "check", "metrics");
    assertEquals(0, result.exitCode(), result.output());
  }

  @Test
  void clientPythonParsesTheOpenMetrics() throws Exception {
    Peers.requireClientPython();
    Peers.Result result = Peers.run(text(ExpositionFormat.OPENMETRICS), Peers.PYTHON, "-c", PARSE);
    assertEquals(0, result.exitCode(), result.output());
    assertTrue(Integer.parseInt(result.output().trim()) >= 14, result.output());
  }

  /** Every metric type, every gauge mode, and labels that need escapes. */
  private byte[] text(ExpositionFormat format) {
    CollectorRegistry registry = new CollectorRegistry();
    try (Worker worker = Worker.builder().directory(directory).open();
        MultiprocessCollector collector = new MultiprocessCollector(directory)) {
      Counter counter =
          Counter.build("jobs", "Jobs, \"all\" of them.")
              .labelNames("kind")
              .worker(worker)
              .register(registry);
      counter.labels("quote\" back\\slash line\nfeed ünï").inc(0.1);
      counter.labels("b").inc(1e15);
      for (GaugeMode mode : GaugeMode.values()) {
        Gauge.build(mode.toString().toLowerCase(Locale.ROOT) + "_depth", "Depth.")
            .mode(mode)
            .worker(worker)
            .register(registry)
            .set(-2.5);
      }
      Histogram.build("latency", "Latency.")
          .unit("seconds")
          .worker(worker)
          .register(registry)
          .observe(0.3);
      Summary.build("size", "Size.").unit("bytes").worker(worker).register(registry).observe(3);
      TextWriter writer = new TextWriter(format);
      return collector.merge(family -> true, families -> writer.write(families, name -> true));
    }
  }
}
