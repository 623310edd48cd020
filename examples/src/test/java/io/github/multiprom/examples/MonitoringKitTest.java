package io.github.multiprom.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The monitoring kit, checked by Prometheus' own tool. */
class MonitoringKitTest {
  private static void promtool(String... arguments) throws IOException, InterruptedException {
    var command = new ArrayList<>(List.of("promtool"));
    command.addAll(List.of(arguments));
    RunningProcess process;
    try {
      process = RunningProcess.start(command);
    } catch (IOException e) {
      String reason = e.getMessage() + "; to install it: apt-get install prometheus";
      if (Boolean.parseBoolean(System.getenv("MULTIPROM_REQUIRE_PEERS"))) {
        fail(reason);
      }
      abort(reason);
      return;
    }
    try (process) {
      assertEquals(0, process.awaitExit(), process::output);
    }
  }

  private static String file(String name) {
    return MonitoringKit.file(name).toString();
  }

  @Test
  void isAConfigurationWithRules() throws Exception {
    promtool("check", "config", file("prometheus.yml"));
    promtool("check", "rules", file("rules.yml"), file("alerts.yml"));
    promtool("check", "config", "--agent", file("../fleet/agent.yml"));
    promtool("check", "config", file("../fleet/central.yml"));
  }

  @Test
  void mergesHostsAndAlertsAsItSays() throws Exception {
    promtool("test", "rules", file("tests/rules_test.yml"), file("tests/alerts_test.yml"));
  }

  @Test
  void testsEveryAlert() throws IOException {
    String tests = Files.readString(MonitoringKit.file("tests/alerts_test.yml"));
    Files.readAllLines(MonitoringKit.file("alerts.yml")).stream()
        .filter(line -> line.contains("- alert: "))
        .map(line -> line.substring(line.indexOf(": ") + 2))
        .forEach(alert -> assertTrue(tests.contains("- alertname: " + alert + "\n"), alert));
  }
}
