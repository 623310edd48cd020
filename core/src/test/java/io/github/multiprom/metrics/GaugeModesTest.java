package io.github.multiprom.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.prometheus.client.CollectorRegistry;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GaugeModesTest {
  @TempDir Path directory;

  @ParameterizedTest
  @CsvSource({
    "*, '', true",
    "*, a, true",
    "a, a, true",
    "a, b, false",
    "a*, a, true",
    "a*, abc, true",
    "a*c, abc, true",
    "a*c, abcb, false",
    "a*b*c, axbxbxc, true",
    "*_bytes, x_bytes, true",
    "*_bytes, x_bytes_total, false",
    "**, x, true",
    "'', x, false",
    "a, '', false"
  })
  void matchesNames(String pattern, String name, boolean expected) {
    assertEquals(expected, GaugeModes.matches(pattern, name));
  }

  @Test
  void takesTheFirstPatternThatFits() {
    List<String> refused = new ArrayList<>();
    GaugeModes modes =
        GaugeModes.parse(
            " jvm_threads_*= livesum ,jvm_*=OFF, *x=MAX,nonsense,=MAX,a=LATEST,",
            GaugeMode.MIN,
            refused::add);
    assertEquals(List.of("nonsense", "=MAX", "a=LATEST"), refused);
    assertEquals(GaugeMode.LIVESUM, modes.of("jvm_threads_current"));
    assertFalse(modes.isOff("jvm_threads_current"));
    assertTrue(modes.isOff("jvm_x"));
    assertEquals(GaugeMode.MAX, modes.byPattern("ax"));
    assertNull(modes.byPattern("a"));
    assertEquals(GaugeMode.MIN, modes.of("a"));
  }

  @Test
  void areThoseOfGaugesWhoseCodeNamesNone() throws Exception {
    Map<String, String> properties =
        Map.of("multiprom.gaugeMode", "sum", "multiprom.gaugeModes", "most_*=MAX");
    CollectorRegistry registry = new CollectorRegistry();
    try (Worker one =
            Workers.builder()
                .settings(Workers.settings(properties, Map.of()))
                .directory(directory)
                .open();
        Worker two =
            Workers.builder()
                .gaugeMode(GaugeMode.SUM)
                .gaugeModes("most_*=MAX")
                .directory(directory)
                .open()) {
      for (Worker worker : List.of(one, two)) {
        CollectorRegistry on = worker == one ? registry : new CollectorRegistry();
        Gauge.build("a", "Help.").worker(worker).register(on).set(2);
        Gauge.build("most_a", "Help.").worker(worker).register(on).set(2);
        Gauge.build("least", "Help.").mode(GaugeMode.MIN).worker(worker).register(on).set(2);
      }
      assertEquals(4, registry.getSampleValue("a"));
      assertEquals(2, registry.getSampleValue("most_a"));
      assertEquals(2, registry.getSampleValue("least"));
    }
  }

  @Test
  void saysWhatItCannotUse() {
    try (LogLines log = new LogLines()) {
      WorkerSettings settings =
          Workers.settings(
              Map.of("multiprom.gaugeMode", "latest"), Map.of("MULTIPROM_GAUGE_MODES", "wrong=1"));
      assertEquals(GaugeMode.LIVEALL, settings.gaugeModes().of("wrong"));
      assertEquals(1, log.containing("multiprom.gaugeMode cannot be \"latest\"").size());
      assertEquals(1, log.containing("cannot have the part \"wrong=1\"").size());
    }
    assertThrows(IllegalArgumentException.class, () -> Worker.builder().gaugeModes("a"));
  }
}
