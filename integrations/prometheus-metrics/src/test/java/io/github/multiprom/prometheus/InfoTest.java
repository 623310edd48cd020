package io.github.multiprom.prometheus;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.multiprom.metrics.Worker;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.Unit;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The info of this package beside that of prometheus-metrics. */
class InfoTest {
  @TempDir Path directory;

  private Worker worker(String name) {
    return Worker.builder().directory(directory).name(name).open();
  }

  private static void useOurs(Worker worker, PrometheusRegistry registry) {
    Info build =
        Info.builder()
            .name("build_info")
            .help("The build.")
            .labelNames("version", "revision")
            .constLabels(Labels.of("app", "shop"))
            .worker(worker)
            .register(registry);
    build.setLabelValues("1", "e0704b");
    build.setLabelValues("2", "a1d52c");
    Info modules =
        Info.builder()
            .name("modules")
            .help("What is loaded.")
            .labelNames("module")
            .worker(worker)
            .register(registry);
    modules.addLabelValues("mail");
    modules.addLabelValues("mail");
    modules.addLabelValues("pay");
    modules.addLabelValues("old");
    modules.remove("old");
    modules.remove("never there");
    Info.builder()
        .name("never_set")
        .help("Only constant labels.")
        .constLabels(Labels.of("app", "shop"))
        .worker(worker)
        .register(registry);
    Info plain = Info.builder().name("plain").help("None.").worker(worker).register(registry);
    plain.setLabelValues();
    plain.remove();
  }

  /** The same application before its imports were changed. */
  private static void useTheirs(PrometheusRegistry registry) {
    var build =
        io.prometheus.metrics.core.metrics.Info.builder()
            .name("build_info")
            .help("The build.")
            .labelNames("version", "revision")
            .constLabels(Labels.of("app", "shop"))
            .register(registry);
    build.setLabelValues("1", "e0704b");
    build.setLabelValues("2", "a1d52c");
    var modules =
        io.prometheus.metrics.core.metrics.Info.builder()
            .name("modules")
            .help("What is loaded.")
            .labelNames("module")
            .register(registry);
    modules.addLabelValues("mail");
    modules.addLabelValues("mail");
    modules.addLabelValues("pay");
    modules.addLabelValues("old");
    modules.remove("old");
    modules.remove("never there");
    io.prometheus.metrics.core.metrics.Info.builder()
        .name("never_set")
        .help("Only constant labels.")
        .constLabels(Labels.of("app", "shop"))
        .register(registry);
    var plain =
        io.prometheus.metrics.core.metrics.Info.builder()
            .name("plain")
            .help("None.")
            .register(registry);
    plain.setLabelValues();
    plain.remove();
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
        String own =
            "?name[]=build_info&name[]=modules_info&name[]=never_set_info&name[]=plain_info";
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
  void isShownOnceForAllLiveWorkersThatSayTheSame() throws Exception {
    try (Worker one = worker("one");
        MergedPrometheusRegistry registry = MergedPrometheusRegistry.of(one)) {
      info(one).setLabelValues("1");
      try (Worker two = worker("two");
          Worker three = worker("three")) {
        Info changing = info(two);
        changing.setLabelValues("1");
        info(three).setLabelValues("2");
        String both =
            """
            # HELP app_info The application.
            # TYPE app_info gauge
            app_info{version="1"} 1
            app_info{version="2"} 1
            """;
        assertEquals(both, Scrapes.ofApplication(registry));
        changing.setLabelValues("2");
        assertEquals(both, Scrapes.ofApplication(registry));
        info(one).remove("1");
      }
      assertEquals(
          """
          # HELP app_info The application.
          # TYPE app_info gauge
          app_info{version="1"} 1
          """,
          Scrapes.ofApplication(registry));
    }
  }

  private static Info info(Worker worker) {
    return Info.builder()
        .name("app")
        .help("The application.")
        .labelNames("version")
        .worker(worker)
        .build();
  }

  @Test
  void isNotSampledBesides() throws Exception {
    try (Worker worker = worker("one");
        MergedPrometheusRegistry registry = MergedPrometheusRegistry.of(worker)) {
      Info info =
          Info.builder().name("app").labelNames("version").worker(worker).register(registry);
      info.setLabelValues("1");
      worker.sampler().sampleNow(Duration.ofSeconds(20));
      info.setLabelValues("2");
      assertFalse(Scrapes.of(registry).contains("version=\"1\""));
    }
  }

  @Test
  void refusesWhatTheClientRefuses() {
    try (Worker worker = worker("one");
        Worker memory = Worker.builder().name("memory").open()) {
      for (Worker its : new Worker[] {worker, memory}) {
        Info info = Info.builder().name("app").labelNames("version").worker(its).build();
        assertThrows(IllegalArgumentException.class, info::setLabelValues);
        assertThrows(IllegalArgumentException.class, () -> info.addLabelValues("1", "2"));
        assertThrows(IllegalArgumentException.class, info::remove);
        Info.Builder withUnit = Info.builder().name("u").unit(Unit.BYTES).worker(its);
        assertThrows(UnsupportedOperationException.class, withUnit::build);
      }
    }
  }
}
