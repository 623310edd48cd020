package io.github.multiprom.examples;

import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.IOException;
import java.nio.file.Path;

/** A Prometheus server for tests. */
final class RunningPrometheus {
  private RunningPrometheus() {}

  /** Skips the test if there is no Prometheus here, or fails it if peers are required. */
  static PrometheusServer start(Path dir, int targetPort) {
    try {
      return PrometheusServer.start(MonitoringKit.FOLDER, dir, targetPort);
    } catch (IOException e) {
      String reason = e.getMessage() + "; to install it: apt-get install prometheus";
      return Boolean.parseBoolean(System.getenv("MULTIPROM_REQUIRE_PEERS"))
          ? fail(reason)
          : abort(reason);
    }
  }
}
