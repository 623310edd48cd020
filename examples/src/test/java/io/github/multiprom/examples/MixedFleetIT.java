package io.github.multiprom.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Two Python workers and two JVMs behind one scrape. */
@Timeout(value = 10, unit = TimeUnit.MINUTES)
@Tag("field")
class MixedFleetIT {
  private static final long TIMEOUT_SECONDS = 300;

  /** Of the script, if a program is not installed. */
  private static final int MISSING = 2;

  @Test
  void theScrapeHasWhatTheWorkersDidAcrossKills() throws Exception {
    var script = Path.of("mixed", "mixed.sh").toAbsolutePath().toString();
    try (var fleet = RunningProcess.start(List.of("bash", script))) {
      int exitCode = fleet.awaitExit(TIMEOUT_SECONDS);
      System.out.println(fleet.output());
      assumeTrue(
          exitCode != MISSING || Boolean.parseBoolean(System.getenv("MULTIPROM_REQUIRE_PEERS")),
          fleet::output);
      assertEquals(0, exitCode, fleet::output);
    }
  }
}
