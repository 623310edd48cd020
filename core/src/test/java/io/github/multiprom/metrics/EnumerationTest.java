package io.github.multiprom.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.multiprom.internal.worker.StoreUnderTest;
import io.github.multiprom.merge.MultiprocessCollector;
import io.github.multiprom.merge.RetiringNow;
import io.github.multiprom.model.EpochClock;
import io.prometheus.client.CollectorRegistry;
import java.nio.file.Path;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag(StoreUnderTest.TAG)
class EnumerationTest {
  @TempDir Path directory;

  private MultiprocessCollector collector;
  private final CollectorRegistry registry = new CollectorRegistry();

  @BeforeEach
  void collect() {
    collector = new MultiprocessCollector(directory);
    registry.register(collector);
  }

  @AfterEach
  void close() {
    collector.close();
  }

  private Worker worker(String name) {
    return Workers.builder().directory(directory).name(name).withoutHousekeeping().open();
  }

  private static Enumeration states(Worker worker, GaugeMode mode, String... states) {
    return Enumeration.build("s", "Help.").states(states).mode(mode).worker(worker).create();
  }

  /** The states of which the sample is 1, with the worker's name. */
  private String ones() throws Exception {
    return Expositions.samples(registry, "s{")
        .lines()
        .filter(line -> line.endsWith(" 1.0"))
        .map(
            line -> line.replace("s{s=", "").replace("worker=", "").replaceAll("[\"{}]|,? 1.0", ""))
        .collect(Collectors.joining(" "));
  }

  private long lines() throws Exception {
    return Expositions.samples(registry, "s{").lines().count();
  }

  @Test
  void showsOneStateOfEachLiveWorker() throws Exception {
    try (Worker a = worker("a")) {
      Enumeration first = states(a, GaugeMode.LIVEALL, "STOPPED", "RUNNING");
      assertEquals("STOPPED,a,", ones());
      first.state("RUNNING");
      try (Worker b = worker("b")) {
        Enumeration second = states(b, GaugeMode.LIVEALL, "STOPPED", "RUNNING");
        assertEquals("RUNNING,a,", ones());
        second.state("STOPPED");
        assertEquals("RUNNING,a, STOPPED,b,", ones());
        assertEquals(4, lines());
        assertEquals("RUNNING", first.get());
      }
      assertEquals("RUNNING,a,", ones());
      RetiringNow.retire(directory);
      assertEquals("RUNNING,a,", ones());
      assertEquals(2, lines());
    }
    assertEquals("", ones());
  }

  @Test
  void foldsStatesByTheMode() throws Exception {
    assertFolded(GaugeMode.LIVEMAX, "RUNNING, STOPPED,", "");
    assertFolded(GaugeMode.LIVEMIN, "", "");
    assertFolded(GaugeMode.LIVEMOSTRECENT, "STOPPED,", "");
    assertFolded(GaugeMode.MOSTRECENT, "STOPPED,", "RUNNING,");
  }

  private void assertFolded(GaugeMode mode, String different, String afterTheEnd) throws Exception {
    try (Worker a = worker("a");
        Worker b = worker("b")) {
      states(a, mode, "STOPPED", "RUNNING").state("RUNNING");
      states(b, mode, "STOPPED", "RUNNING").state("STOPPED");
      assertEquals(different, ones(), mode::toString);
      assertEquals(2, lines());
      states(b, mode, "STOPPED", "RUNNING").state("RUNNING");
      assertEquals("RUNNING,", ones(), mode::toString);
    }
    RetiringNow.retire(directory);
    assertEquals(afterTheEnd, ones(), mode::toString);
  }

  @Test
  void comparesStatesByName() throws Exception {
    try (Worker old = worker("a");
        Worker now = worker("b")) {
      Enumeration first = states(old, GaugeMode.MOSTRECENT, "OFF", "ON");
      Enumeration second = states(now, GaugeMode.MOSTRECENT, "STARTING", "ON", "OFF");
      first.state("OFF");
      // Times have microseconds.
      long before = EpochClock.quickMicros();
      while (EpochClock.quickMicros() == before) {
        Thread.onSpinWait();
      }
      second.state("ON");
      assertEquals("ON,", ones());
      assertEquals(3, lines());
      first.state("OFF");
      assertEquals("OFF,", ones());
      old.close();
      assertEquals("OFF,", ones());
      RetiringNow.retire(directory);
      assertEquals("OFF,", ones());
      assertEquals(3, lines());
    }
    RetiringNow.retire(directory);
    assertEquals("OFF,", ones());
  }

  @Test
  void keepsTheStatesOfWorkersThatHaveEnded() throws Exception {
    for (String name : new String[] {"a", "b"}) {
      try (Worker worker = worker(name)) {
        states(worker, GaugeMode.ALL, "STOPPED", "RUNNING").state("RUNNING");
      }
    }
    assertEquals("RUNNING,a, RUNNING,b,", ones());
    RetiringNow.retire(directory);
    assertEquals("RUNNING,a, RUNNING,b,", ones());
  }

  @Test
  void hasNoModeThatShowsNoState() {
    assertThrows(IllegalArgumentException.class, () -> Enumeration.build().mode(GaugeMode.SUM));
    try (Worker worker =
        Workers.builder()
            .directory(directory)
            .withoutHousekeeping()
            .gaugeMode(GaugeMode.LIVESUM)
            .open()) {
      Enumeration.build("s", "Help.").states("A", "B").worker(worker).create().state("B");
      assertEquals(
          1, registry.getSampleValue("s", new String[] {"s"}, new String[] {"B"}).intValue());
    }
  }
}
