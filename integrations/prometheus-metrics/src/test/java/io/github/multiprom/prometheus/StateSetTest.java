package io.github.multiprom.prometheus;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.multiprom.metrics.GaugeMode;
import io.github.multiprom.metrics.Worker;
import io.prometheus.metrics.core.datapoints.StateSetDataPoint;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.Labels;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The state set of this package beside that of prometheus-metrics. */
class StateSetTest {
  @TempDir Path directory;

  private enum Feature {
    SEARCH("search"),
    PAY("pay"),
    MAIL("mail");

    private final String text;

    Feature(String text) {
      this.text = text;
    }

    @Override
    public String toString() {
      return text;
    }
  }

  private Worker worker(String name) {
    return Worker.builder().directory(directory).name(name).open();
  }

  private static void use(StateSetDataPoint features, StateSetDataPoint pool) {
    features.setTrue(Feature.SEARCH);
    features.setTrue("pay");
    features.setFalse("search");
    pool.setTrue("up");
    pool.setTrue("full");
  }

  private static void useOurs(Worker worker, PrometheusRegistry registry) {
    StateSet features =
        StateSet.builder()
            .name("features")
            .help("Features.")
            .states(Feature.class)
            .mode(GaugeMode.LIVEMAX)
            .worker(worker)
            .register(registry);
    StateSet pools =
        StateSet.builder()
            .name("pools")
            .help("Pools.")
            .states("up", "full", "up")
            .labelNames("pool")
            .constLabels(Labels.of("app", "shop"))
            .mode(GaugeMode.LIVEMAX)
            .worker(worker)
            .register(registry);
    use(features, pools.labelValues("a"));
    pools.initLabelValues("b");
    pools.labelValues("gone").setTrue("up");
    pools.remove("gone");
  }

  /** The same application before its imports were changed. */
  private static void useTheirs(PrometheusRegistry registry) {
    var features =
        io.prometheus.metrics.core.metrics.StateSet.builder()
            .name("features")
            .help("Features.")
            .states(Feature.class)
            .register(registry);
    var pools =
        io.prometheus.metrics.core.metrics.StateSet.builder()
            .name("pools")
            .help("Pools.")
            .states("up", "full", "up")
            .labelNames("pool")
            .constLabels(Labels.of("app", "shop"))
            .register(registry);
    use(features, pools.labelValues("a"));
    pools.initLabelValues("b");
    pools.labelValues("gone").setTrue("up");
    pools.remove("gone");
  }

  @Test
  void showsWhatTheClientsOwnShows() throws Exception {
    PrometheusRegistry theirs = new PrometheusRegistry();
    useTheirs(theirs);
    for (String format : new String[] {"text/plain", "application/openmetrics-text"}) {
      String expected = Scrapes.of(theirs, "", format);
      try (Worker worker = worker("one");
          MergedPrometheusRegistry merged = MergedPrometheusRegistry.of(worker)) {
        useOurs(worker, merged);
        String own = "?name[]=features&name[]=pools";
        assertEquals(expected, Scrapes.of(merged, own, format));
      }
      try (Worker memory = Worker.builder().name("memory").open()) {
        PrometheusRegistry plain = new PrometheusRegistry();
        useOurs(memory, plain);
        assertEquals(expected, Scrapes.of(plain, "", format));
      }
    }
  }

  @Test
  void showsTheStatesOfAllLiveWorkers() throws Exception {
    try (Worker one = worker("one");
        MergedPrometheusRegistry registry = MergedPrometheusRegistry.of(one)) {
      set(one).setTrue("a");
      try (Worker two = worker("two")) {
        set(two).setTrue("b");
        assertEquals(
            """
            # HELP s The states.
            # TYPE s gauge
            s{worker="one",s="a"} 1
            s{worker="one",s="b"} 0
            s{worker="two",s="a"} 0
            s{worker="two",s="b"} 1
            """,
            Scrapes.ofApplication(registry));
      }
      assertEquals(
          """
          # HELP s The states.
          # TYPE s gauge
          s{worker="one",s="a"} 1
          s{worker="one",s="b"} 0
          """,
          Scrapes.ofApplication(registry));
    }
  }

  private static StateSet set(Worker worker) {
    return StateSet.builder().name("s").help("The states.").states("a", "b").worker(worker).build();
  }

  @Test
  void refusesWhatTheClientRefuses() {
    try (Worker worker = worker("one");
        Worker memory = Worker.builder().name("memory").open()) {
      for (Worker its : new Worker[] {worker, memory}) {
        StateSet set = set(its);
        assertThrows(IllegalArgumentException.class, () -> set.setTrue("c"));
        assertThrows(IllegalArgumentException.class, () -> set.labelValues("x"));
        StateSet.Builder none = StateSet.builder().name("none").worker(its);
        assertThrows(IllegalStateException.class, none::build);
      }
    }
  }
}
