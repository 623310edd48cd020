package io.github.multiprom;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.multiprom.metrics.Counter;
import io.github.multiprom.metrics.Gauge;
import io.github.multiprom.metrics.Worker;
import io.prometheus.client.CollectorRegistry;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** From another package, where only what is public can be named. */
class FamiliesTogetherTest {
  /** Its families would move into the directory of the next test. */
  @AfterEach
  void closeDefaultWorker() {
    Worker.closeDefault();
  }

  @Test
  void areClearedInOneLoop() {
    // Of a test before this one.
    Worker.closeDefault();
    CollectorRegistry registry = new CollectorRegistry();
    Counter counter = Counter.build("together", "Help.").register(registry);
    Gauge gauge = Gauge.build("together_now", "Help.").register(registry);
    counter.inc();
    gauge.set(1);
    for (var family : List.of(counter, gauge)) {
      family.clear();
    }
    assertEquals(0, registry.getSampleValue("together_total"));
    assertEquals(0, registry.getSampleValue("together_now"));
  }
}
