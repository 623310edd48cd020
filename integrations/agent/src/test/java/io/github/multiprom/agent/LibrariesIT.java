package io.github.multiprom.agent;

import static io.github.multiprom.agent.Scrapes.samples;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Applications of prometheus-metrics and Micrometer. */
class LibrariesIT {
  @TempDir(factory = InMemory.class)
  private Path directory;

  static String libraries() {
    return Arrays.stream(System.getProperty("java.class.path").split(":"))
        .filter(
            entry ->
                entry.endsWith("test-classes")
                    || entry.contains("/prometheus-metrics-")
                    || entry.contains("/micrometer-")
                    || entry.contains("/HdrHistogram")
                    || entry.contains("/LatencyUtils"))
        .filter(entry -> !entry.contains("multiprom-"))
        .collect(Collectors.joining(":"));
  }

  private static AgentProcess start(String options) throws Exception {
    return AgentProcess.java(
        List.of(AgentProcess.agent(options), "-classpath", libraries(), "shop.LibraryShop"));
  }

  @Test
  void areSampled() throws Exception {
    int port = Scrapes.freePort();
    Scrapes scrapes = new Scrapes(port);
    String options = port + ",dir=" + directory + ",worker=";
    try (AgentProcess a = start(options + "a");
        AgentProcess b = start(options + "b")) {
      a.ask("2");
      b.ask("3");
      // Each source is sampled for itself.
      scrapes.awaitSamples(
          """
          sales_total{item="tea"} 5
          seats{worker="a"} 2
          seats{worker="b"} 3
          visits_total{page="/"} 5
          wait_seconds_bucket{le="+Inf"} 5
          wait_seconds_bucket{le="1.0"} 5
          wait_seconds_count 5
          wait_seconds_sum 2.5
          work_seconds_count 5
          work_seconds_max{worker="a"} 0.5
          work_seconds_max{worker="b"} 0.5
          work_seconds_sum 2.5
          """,
          "sales",
          "seats",
          "visits",
          "wait_",
          "work_");
      assertEquals("", a.errors());
      assertEquals("", b.errors());
    }
  }

  @Test
  void multipromIsLeftAlone() throws Exception {
    String everything =
        Arrays.stream(System.getProperty("java.class.path").split(":"))
            // The agent's classes come from its jar alone.
            .filter(entry -> !Files.exists(Path.of(entry, "io/github/multiprom/agent/Agent.class")))
            .collect(Collectors.joining(":"));
    try (AgentProcess process =
        AgentProcess.java(
            List.of(
                AgentProcess.agent("dir=" + directory),
                "-Dmultiprom.dir=" + directory,
                "-classpath",
                everything,
                "shop.MultipromShop"))) {
      assertEquals(0, process.awaitExit());

      assertEquals(
          """
          own_total 3
          plain_total 2
          """,
          samples(process.output(), "own", "plain"));
      assertEquals("", process.errorsOfAgent());
    }
  }
}
