package io.github.multiprom.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The script that runs an unmodified server under the agent. */
@Timeout(value = 10, unit = TimeUnit.MINUTES)
class AgentIT {
  @Test
  void fourServersThatDoNotKnowOfEachOtherShowTheSame() throws Exception {
    Path agent = Path.of("..", "integrations", "agent", "target", "multiprom-agent.jar");
    // A build of this module alone does not make it.
    Assumptions.assumeTrue(Files.exists(agent), "The agent is not built.");
    var script = Path.of("agent", "agent.sh").toAbsolutePath().toString();
    try (var running = RunningProcess.start(List.of("bash", script))) {
      int exitCode = running.awaitExit(300);

      assertEquals(0, exitCode, running::output);
      assertTrue(
          running.output().contains("shared port shows plain_requests_total{path=\"/cart\"}125"),
          running::output);
    }
  }
}
