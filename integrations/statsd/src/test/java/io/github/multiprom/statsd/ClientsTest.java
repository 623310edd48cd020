package io.github.multiprom.statsd;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.timgroup.statsd.NonBlockingStatsDClientBuilder;
import com.timgroup.statsd.StatsDClient;
import io.github.multiprom.metrics.Worker;
import io.micrometer.core.instrument.Clock;
import io.micrometer.core.instrument.Timer;
import io.micrometer.statsd.StatsdConfig;
import io.micrometer.statsd.StatsdFlavor;
import io.micrometer.statsd.StatsdMeterRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Clients that applications use: their sums are exact. */
class ClientsTest {
  private static final int CALLS = 500;

  @TempDir Path directory;

  private Worker worker;
  private StatsdBridge bridge;

  @BeforeEach
  void start() throws IOException {
    worker = Worker.builder().directory(directory).name("statsd").open();
    bridge =
        StatsdBridge.builder(worker)
            .listenUdp(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .readBuffer(4 << 20)
            .start();
  }

  @AfterEach
  void close() {
    bridge.close();
    worker.close();
  }

  private void awaitSamples(Map<String, Double> expected) {
    awaitSamples(() -> {}, expected);
  }

  /** Has the client do something again and again. */
  private void awaitSamples(Runnable meanwhile, Map<String, Double> expected) {
    Await.until(
        () -> {
          meanwhile.run();
          var samples = Lines.samples(Lines.text(directory));
          return expected.entrySet().stream()
              .allMatch(
                  each ->
                      Math.abs(samples.getOrDefault(each.getKey(), Double.NaN) - each.getValue())
                          < 1e-9);
        },
        () -> expected + " is not in\n" + Lines.text(directory));
  }

  @Test
  void ofDatadogForJava() {
    try (StatsDClient client =
        new NonBlockingStatsDClientBuilder()
            .prefix("shop")
            .hostname("127.0.0.1")
            .port(bridge.port())
            .enableTelemetry(false)
            .aggregationFlushInterval(100)
            .build()) {
      for (int i = 1; i <= CALLS; i++) {
        client.incrementCounter("hits", "path:/a");
        client.recordExecutionTime("wait", i, "path:/a");
        client.recordHistogramValue("size", i);
        client.recordDistributionValue("spread", i);
        client.recordGaugeValue("level", i);
      }
      double sum = CALLS * (CALLS + 1) / 2.0;
      awaitSamples(
          Map.of(
              "shop_hits_total{path=\"/a\",}", (double) CALLS,
              "shop_wait_sum{path=\"/a\",}", sum / 1000,
              "shop_wait_count{path=\"/a\",}", (double) CALLS,
              "shop_size_sum", sum,
              "shop_spread_count", (double) CALLS,
              "shop_level", (double) CALLS));
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"DATADOG", "TELEGRAF"})
  void ofMicrometer(StatsdFlavor flavor) {
    StatsdMeterRegistry registry = new StatsdMeterRegistry(config(flavor), Clock.SYSTEM);
    try {
      // What is counted before its socket is there is lost.
      Await.until(
          () -> {
            registry.counter("ready").increment();
            return Lines.text(directory).contains("\nready_total{");
          },
          () -> Lines.text(directory));
      Timer timer = registry.timer("wait", "path", "/a");
      for (int i = 1; i <= CALLS; i++) {
        registry.counter("hits", "path", "/a").increment();
        timer.record(i, TimeUnit.MILLISECONDS);
        registry.summary("size").record(i);
      }
      double sum = CALLS * (CALLS + 1) / 2.0;
      awaitSamples(
          () -> registry.counter("ready").increment(),
          Map.of(
              "hits_total{path=\"/a\",statistic=\"count\",}",
              (double) CALLS,
              "wait_sum{path=\"/a\",}",
              sum / 1000,
              "wait_count{path=\"/a\",}",
              (double) CALLS,
              "size_sum",
              sum));
    } finally {
      registry.close();
    }
  }

  private StatsdConfig config(StatsdFlavor flavor) {
    return new StatsdConfig() {
      @Override
      public String get(String key) {
        return null;
      }

      @Override
      public StatsdFlavor flavor() {
        return flavor;
      }

      @Override
      public String host() {
        return "127.0.0.1";
      }

      @Override
      public int port() {
        return bridge.port();
      }

      @Override
      public Duration pollingFrequency() {
        // Rarely: its stream ends when it sends beside a thread that counts. A packet that is full
        // goes
        // at once.
        return Duration.ofSeconds(10);
      }
    };
  }

  /** Written as datadogpy writes it. */
  @Test
  void ofPython() throws Exception {
    String program =
        """
        import socket, sys
        s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        s.connect(("127.0.0.1", int(sys.argv[1])))
        for i in range(1, 201):
            s.send(b"jobs.done:1|c|#queue:mail\\njobs.time:%d|ms|@1|#queue:mail\\njobs.left:%d|g" % (i, 200 - i))
        """;
    Python.require();
    Process python =
        new ProcessBuilder(Python.COMMAND, "-c", program, Integer.toString(bridge.port()))
            .inheritIO()
            .start();
    assertTrue(python.waitFor(60, TimeUnit.SECONDS));
    awaitSamples(
        Map.of(
            "jobs_done_total{queue=\"mail\",}", 200.0,
            "jobs_time_sum{queue=\"mail\",}", 20.1,
            "jobs_left", 0.0));
  }
}
