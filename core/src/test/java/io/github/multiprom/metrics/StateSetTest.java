package io.github.multiprom.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.multiprom.internal.worker.StoreUnderTest;
import io.github.multiprom.merge.MultiprocessCollector;
import io.github.multiprom.merge.RetiringNow;
import io.github.multiprom.model.StateBits;
import io.prometheus.client.CollectorRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag(StoreUnderTest.TAG)
class StateSetTest {
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

  private static StateSet states(Worker worker, GaugeMode mode, String... states) {
    return StateSet.build("s", "Help.").states(states).mode(mode).worker(worker).create();
  }

  private String shown() throws Exception {
    return Expositions.samples(registry, "s{")
        .lines()
        .map(line -> line.replaceAll("s=|worker=|[\"{}]|\\.0", "").replace(", ", " "))
        .collect(Collectors.joining(", "));
  }

  @Test
  void showsEachStateOfEachLiveWorker() throws Exception {
    try (Worker a = worker("a")) {
      StateSet first = states(a, GaugeMode.LIVEALL, "SEARCH", "MAIL", "PAY");
      assertEquals("sMAIL,a 0, sPAY,a 0, sSEARCH,a 0", shown());
      first.set("SEARCH", true);
      first.set("PAY", true);
      assertEquals("sMAIL,a 0, sPAY,a 1, sSEARCH,a 1", shown());
      first.set("SEARCH", false);
      first.set("MAIL", false);
      assertEquals("sMAIL,a 0, sPAY,a 1, sSEARCH,a 0", shown());
      assertTrue(first.get("PAY"));
      assertFalse(first.get("MAIL"));
      assertFalse(first.get("OTHER"));
    }
    RetiringNow.retire(directory);
    assertEquals("", shown());
  }

  @Test
  void foldsStatesByTheMode() throws Exception {
    assertFolded(GaugeMode.LIVEMAX, "sA 1, sB 1, sC 0");
    assertFolded(GaugeMode.LIVEMIN, "sA 0, sB 1, sC 0");
    assertFolded(GaugeMode.LIVEMOSTRECENT, "sA 0, sB 1, sC 0");
  }

  private void assertFolded(GaugeMode mode, String expected) throws Exception {
    try (Worker a = worker("a");
        Worker b = worker("b");
        Worker c = worker("c")) {
      StateSet first = states(a, mode, "A", "B", "C");
      first.set("A", true);
      first.set("B", true);
      states(b, mode, "A", "B", "C").set("B", true);
      // Never set: it takes no part.
      states(c, mode, "A", "B", "C");
      assertEquals(expected, shown(), mode::toString);
    }
  }

  @Test
  void keepsWhatWasSetLast() throws Exception {
    try (Worker a = worker("a")) {
      StateSet set = states(a, GaugeMode.MOSTRECENT, "A", "B");
      set.set("A", true);
      set.set("B", true);
    }
    assertEquals("sA 1, sB 1", shown());
    RetiringNow.retire(directory);
    assertEquals("sA 1, sB 1", shown());
  }

  @Test
  void comparesStatesByNameAlsoWithThoseOfAnEnumeration() throws Exception {
    try (Worker a = worker("a");
        Worker b = worker("b")) {
      Enumeration.build("s", "Help.")
          .states("OFF", "ON")
          .mode(GaugeMode.LIVEMAX)
          .worker(a)
          .create()
          .state("ON");
      StateSet second = states(b, GaugeMode.LIVEMAX, "FAST", "OFF");
      second.set("FAST", true);
      assertEquals("sFAST 1, sOFF 0, sON 1", shown());
      second.set("OFF", true);
      assertEquals("sFAST 1, sOFF 1, sON 1", shown());
    }
  }

  @Test
  void goesOnInANextFile() throws Exception {
    try (Worker a =
        Workers.builder().directory(directory).maxSeries(20).withoutHousekeeping().open()) {
      StateSet set = states(a, GaugeMode.LIVEMOSTRECENT, "A", "B");
      StateSet never =
          StateSet.build("s_never", "Help.")
              .states("A")
              .mode(GaugeMode.LIVEMOSTRECENT)
              .worker(a)
              .create();
      set.set("B", true);
      Counter gone = Counter.build("gone", "Help.").labelNames("a").worker(a).create();
      for (int i = 0; i < 100; i++) {
        gone.labels("x").inc();
        gone.remove("x");
      }
      String before = workerFiles();
      for (int i = 0; i < 4; i++) {
        a.tick();
      }
      assertNotEquals(before, workerFiles());
      assertEquals("sA 0, sB 1", shown());
      assertEquals("s_never{s_never=\"A\",} 0.0", Expositions.samples(registry, "s_never{"));
      set.set("A", true);
      never.set("A", true);
      assertEquals("sA 1, sB 1", shown());
    }
  }

  private String workerFiles() throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.endsWith(".worker"))
          .sorted()
          .collect(Collectors.joining(" "));
    }
  }

  @Test
  void showsItsStatesInMemory() throws Exception {
    CollectorRegistry memory = new CollectorRegistry();
    try (Worker worker = Worker.builder().name("memory").open()) {
      StateSet set = StateSet.build("s", "Help.").states("A", "B").worker(worker).register(memory);
      assertEquals("s{s=\"A\",} 0.0\ns{s=\"B\",} 0.0", Expositions.samples(memory, "s{"));
      set.set("B", true);
      assertEquals("s{s=\"A\",} 0.0\ns{s=\"B\",} 1.0", Expositions.samples(memory, "s{"));
    }
  }

  @Test
  void holdsAsManyStatesAsADoubleHasBits() throws Exception {
    String[] states =
        IntStream.range(0, StateBits.MAX_STATES).mapToObj(i -> "x" + i).toArray(String[]::new);
    try (Worker a = worker("a")) {
      StateSet set = states(a, GaugeMode.LIVEMAX, states);
      for (int i = 0; i < states.length; i += 2) {
        set.set(states[i], true);
      }
      set.set("x51", true);
      for (int i = 0; i < states.length; i++) {
        double expected = i % 2 == 0 || i == 51 ? 1 : 0;
        assertEquals(
            expected,
            registry.getSampleValue("s", new String[] {"s"}, new String[] {states[i]}),
            states[i]);
      }
    }
  }

  @Test
  void refusesWhatItCannotShow() {
    try (Worker a = worker("a")) {
      StateSet set = states(a, GaugeMode.LIVEALL, "A");
      assertThrows(IllegalArgumentException.class, () -> set.set("B", true));
      assertThrows(IllegalArgumentException.class, () -> set.set(null, true));
      StateSet.Builder builder = StateSet.build("t", "Help.").worker(a);
      assertThrows(IllegalStateException.class, builder::create);
      assertThrows(IllegalArgumentException.class, builder::states);
      assertThrows(IllegalArgumentException.class, () -> builder.mode(GaugeMode.SUM));
      String[] many = new String[StateBits.MAX_STATES + 1];
      Arrays.setAll(many, i -> "x" + i);
      assertThrows(IllegalArgumentException.class, () -> builder.states(many));
    }
  }
}
