package io.github.multiprom.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Applications that a container loads, undeploys and loads again, in one JVM. */
class WebappsIT {
  @TempDir(factory = InMemory.class)
  private Path directory;

  private AgentProcess start(String version) throws Exception {
    return AgentProcess.java(
        List.of(AgentProcess.agent("dir=" + directory + ",worker=w,jvm=off")),
        version,
        shop.Container.class,
        shop.Webapp.class.getName());
  }

  private static void await(String expected, Callable<String> asked) throws Exception {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    String last = asked.call();
    while (!last.equals(expected) && System.nanoTime() - end < 0) {
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(100));
      last = asked.call();
    }
    assertEquals(expected, last);
  }

  @Test
  void countOnWhenAnotherOneClearsOrIsUndeployed() throws Exception {
    try (AgentProcess container = start(AgentProcess.NEWEST)) {
      for (String name : List.of("a", "b")) {
        container.ask(name + " deploy");
        container.ask(name + " register");
        container.ask(name + " count");
      }
      assertEquals("web_requests_total[/] 2.0", container.ask("b scrape web_requests"));
      container.ask("a count /only-a");
      container.ask("a clear");
      container.ask("a count");
      container.ask("b count");
      // What both have stays.
      assertEquals("web_requests_total[/] 4.0", container.ask("b scrape web_requests"));

      container.ask("a count /only-a");
      container.ask("a undeploy");
      container.ask("b count");

      assertEquals("web_requests_total[/] 5.0", container.ask("b scrape web_requests"));
      assertEquals("5.0", container.ask("b get"));
      container.ask("b undeploy");
      assertEquals("", container.ask("b scrape web_requests"));
      assertEquals("", container.errorsOfAgent());
    }
  }

  @Test
  void leaveTheMemoryWhenTheyAreGone() throws Exception {
    try (AgentProcess container = start(AgentProcess.NEWEST)) {
      container.ask("scraping deploy");
      container.ask("scraping register");
      for (int i = 1; i <= 2; i++) {
        String name = "app" + i;
        container.ask(name + " deploy");
        container.ask(name + " register");
        container.ask(name + " count");
        container.ask(name + " collector " + i);
        container.ask(name + " child " + i);
        // Its last one shows what it has, although nobody unregistered those of the first one.
        String shown = "web_custom[w] " + i + ".0";
        await(shown, () -> container.ask("scraping scrape web_custom"));
        await("web_own[w] " + i + ".0", () -> container.ask("scraping scrape web_own"));
        container.ask(name + " drop");
        await("true", () -> container.ask(name + " isGone"));
        await("", () -> container.ask("scraping scrape web_custom"));
        await("", () -> container.ask("scraping scrape web_own"));
      }
      assertEquals("web_requests_total[/] 2.0", container.ask("scraping scrape web_requests"));
      assertEquals("", container.errorsOfAgent());
    }
  }

  @Test
  void leaveTheMemoryWithTheirPrometheusMetrics() throws Exception {
    int port = Scrapes.freePort();
    Scrapes scrapes = new Scrapes(port);
    try (AgentProcess container =
        AgentProcess.java(
            List.of(
                AgentProcess.agent(port + ",dir=" + directory + ",worker=w,jvm=off"),
                "-classpath",
                LibrariesIT.libraries(),
                shop.Container.class.getName(),
                shop.LibraryWebapp.class.getName()))) {
      for (int i = 1; i <= 2; i++) {
        String name = "app" + i;
        container.ask(name + " deploy");
        container.ask(name + " level " + i);
        scrapes.awaitSamples("web_level{worker=\"w\"} " + i + "\n", "web_");
        container.ask(name + " drop");
        await("true", () -> container.ask(name + " isGone"));
        scrapes.awaitSamples("", "web_");
      }
      assertEquals("", container.errorsOfAgent());
    }
  }

  @Test
  void beginSumsAgainWhenTheyRegisterAgain() throws Exception {
    try (AgentProcess container = start(AgentProcess.NEWEST)) {
      container.ask("a deploy");

      // A gauge goes on from its value.
      assertEquals("1.0 6.0 2.0", container.ask("a again"));

      assertEquals("again_total[] 1.0", container.ask("a scrape again_total"));
      assertEquals("again_level[w] 6.0", container.ask("a scrape again_level"));
      assertEquals("again_seconds_sum[] 2.0", container.ask("a scrape again_seconds_sum"));
      assertEquals("again_seconds_count[] 1.0", container.ask("a scrape again_seconds_count"));
      assertEquals("3.0", container.ask("a plain"));
      container.ask("a infinite");
      assertEquals("infinite_seconds_sum[] 1.0", container.ask("a scrape infinite_seconds_sum"));
      assertEquals("infinite_bytes_sum[] 1.0", container.ask("a scrape infinite_bytes_sum"));
      assertEquals("", container.errorsOfAgent());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {AgentProcess.OLDEST, AgentProcess.NEWEST})
  void loseNothingThatIsCountedWhileAFamilyIsRegistered(String version) throws Exception {
    try (AgentProcess container = start(version)) {
      container.ask("a deploy");
      for (int i = 0; i < 8; i++) {
        String family = "race_" + i;
        String counted = container.ask("a race " + i);
        // What a thread was on its way to is found a second later.
        await(counted, () -> sum(container.ask("a scrape " + family + "_total")));
      }
      assertEquals("", container.errorsOfAgent());
    }
  }

  private static String sum(String samples) {
    DoubleStream values =
        samples
            .lines()
            .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' '))));
    return Double.toString(values.sum());
  }
}
