package io.github.multiprom.statsd;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;

/** The Python of this host. */
final class Python {
  static final String COMMAND = "python3";

  private Python() {}

  /** Skips a test if there is none, or fails it if peers are required. */
  static void require() throws InterruptedException {
    boolean isThere;
    try {
      isThere = new ProcessBuilder(COMMAND, "-c", "").start().waitFor() == 0;
    } catch (IOException e) {
      isThere = false;
    }
    if (Boolean.parseBoolean(System.getenv("MULTIPROM_REQUIRE_PEERS"))) {
      assertTrue(isThere, "python3 is missing");
    }
    assumeTrue(isThere, "python3 is missing");
  }
}
