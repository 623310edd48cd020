package io.github.multiprom.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.multiprom.merge.MultiprocessCollector;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The system properties of a process that collects. */
class CollectorSettingsTest {
  @TempDir Path directory;

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "multiprom.maxRetiredGaugeWorkers|many|cannot be \"many\"; 100 is used",
        "multiprom.maxRetiredGaugeWorkers|-1|cannot be \"-1\"; 100 is used",
        "multiprom.maxRetiredGaugeWorkers|0|",
        "multiprom.trust|all|cannot be \"all\", only \"any\"; no files of other users are trusted",
        "multiprom.trust|any|",
        "multiprom.trust|''|",
      })
  void areRefusedInOneLine(String property, String value, String reason) {
    String before = System.getProperty(property);
    System.setProperty(property, value);
    try (LogLines log = new LogLines()) {
      for (int i = 0; i < 2; i++) {
        new MultiprocessCollector(directory).close();
      }
      assertEquals(
          reason == null
              ? List.of()
              : List.of("WARNING System property " + property + " " + reason),
          log.containing(property));
    } finally {
      if (before == null) {
        System.clearProperty(property);
      } else {
        System.setProperty(property, before);
      }
    }
  }
}
