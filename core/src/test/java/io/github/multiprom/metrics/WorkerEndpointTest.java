package io.github.multiprom.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.github.multiprom.internal.directory.PortRange;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Here the module that serves is missing. */
class WorkerEndpointTest {
  @TempDir Path directory;

  private static Worker open(Map<String, String> properties) {
    return Worker.builder().settings(Workers.settings(properties, Map.of())).open();
  }

  @Test
  void namesTheModuleThatIsMissing() throws Exception {
    try (LogLines log = new LogLines()) {
      for (int i = 0; i < 2; i++) {
        try (Worker worker =
            open(Map.of("multiprom.dir", directory.toString(), "multiprom.port", "9464"))) {
          Await.until(worker.toString(), () -> !log.containing("multiprom.port").isEmpty());
        }
      }
      assertEquals(
          "[WARNING System property multiprom.port is set, but this process cannot serve metrics:"
              + " io.github.multiprom:multiprom-exposition is not on the class path]",
          log.containing("multiprom.port").toString());
    }
  }

  @Test
  void saysThatNothingIsServedWithoutADirectory() {
    try (LogLines log = new LogLines()) {
      open(Map.of("multiprom.port", "9464")).close();
      assertEquals(1, log.containing("multiprom.port is set").size());
    }
  }

  @Test
  void leavesOutWhatIsNoPort() {
    try (LogLines log = new LogLines()) {
      for (String wrong : new String[] {"http", "-1", "65536"}) {
        assertEquals(0, Workers.settings(Map.of("multiprom.port", wrong), Map.of()).port());
        assertEquals(1, log.containing("cannot be \"" + wrong + "\"").size());
      }
      assertEquals(0, Workers.settings(Map.of(), Map.of()).port());
      assertEquals("127.0.0.1", Workers.settings(Map.of(), Map.of()).host());
    }
  }

  @Test
  void takesAPortOrARange() {
    for (String right : new String[] {"8001-8050", " 8001 - 8050 "}) {
      assertEquals(
          new PortRange(8001, 8050),
          Workers.settings(Map.of("multiprom.ports", right), Map.of()).ports());
    }
    assertEquals(
        new PortRange(65_535, 65_535),
        Workers.settings(Map.of("multiprom.ports", "65535"), Map.of()).ports());
    try (LogLines log = new LogLines()) {
      for (String wrong :
          new String[] {"0", "8050-8001", "8001-65536", "-", "8001-", "a-b", "1-2-3"}) {
        assertNull(Workers.settings(Map.of("multiprom.ports", wrong), Map.of()).ports());
        assertEquals(1, log.containing("cannot be \"" + wrong + "\"").size());
      }
    }
    assertNull(Workers.settings(Map.of(), Map.of()).ports());
  }

  @Test
  void saysWhichPropertyIsInVain() throws Exception {
    try (LogLines log = new LogLines()) {
      open(Map.of("multiprom.ports", "8001-8002")).close();
      assertEquals(1, log.containing("multiprom.ports is set").size());
    }
  }
}
