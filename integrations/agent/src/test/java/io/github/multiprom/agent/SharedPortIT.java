package io.github.multiprom.agent;

import static io.github.multiprom.agent.Scrapes.samples;
import static io.github.multiprom.agent.Scrapes.value;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Applications with equal options, one port. */
class SharedPortIT {
  @TempDir(factory = InMemory.class)
  private Path directory;

  @Test
  void oneOfTwoServesBoth() throws Exception {
    int port = Scrapes.freePort();
    String options = port + ",dir=" + directory;
    Scrapes scrapes = new Scrapes(port);
    try (AgentProcess a = AgentProcess.shop(AgentProcess.OLDEST, options);
        AgentProcess b = AgentProcess.shop(AgentProcess.NEWEST, options)) {
      a.ask("count 2");
      b.ask("count 3");

      scrapes.scrapeWith("jvm_threads_current{worker=\"" + a.pid());
      scrapes.scrapeWith("process_cpu_seconds_total ");
      String text = scrapes.scrapeWith("jvm_threads_current{worker=\"" + b.pid());
      assertEquals("shop_orders_total 5\n", samples(text, "shop_orders"));

      a.kill();
      b.ask("count 1");

      assertEquals("shop_orders_total 6\n", samples(scrapes.scrape(), "shop_orders"));
      assertEquals("", b.errors());
    }
  }

  @Test
  void samplesNothingOfTheJvmIfItIsToldTo() throws Exception {
    int port = Scrapes.freePort();
    try (AgentProcess a =
        AgentProcess.shop(AgentProcess.NEWEST, port + ",dir=" + directory + ",jvm=off")) {
      a.ask("count 2");

      String text = new Scrapes(port).scrapeWith("shop_orders_total 2");
      assertTrue(!text.contains("jvm_"), text);
    }
  }

  @Test
  void samplesBeansByAConfigurationOfJmxExporter() throws Exception {
    Path rules = directory.resolve("jmx.yml");
    Files.writeString(
        rules,
        """
        includeObjectNames: ["java.lang:type=Threading"]
        rules:
          - pattern: java.lang<type=Threading><>TotalStartedThreadCount
            name: app_started_threads_total
            type: COUNTER
          - pattern: java.lang<type=Threading><>DaemonThreadCount
            name: app_daemons
        """);
    int port = Scrapes.freePort();
    String options = port + ",dir=" + directory.resolve("metrics") + ",jmx=" + rules + ",worker=a";
    try (AgentProcess a = AgentProcess.shop(AgentProcess.NEWEST, options)) {
      a.ask("count 2");

      Scrapes scrapes = new Scrapes(port);
      scrapes.scrapeWith("app_daemons{worker=\"a\"}");
      long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
      String text;
      do {
        text = scrapes.scrapeWith("\napp_started_threads_total ");
        // 0 until it is sampled.
      } while (value(text, "app_started_threads_total") == 0 && System.nanoTime() - end < 0);
      assertTrue(value(text, "app_started_threads_total") > 0, text);
      assertEquals("", a.errors());
    }
  }

  @Tag("field")
  @Test
  void oneOfTwentyServesAll() throws Exception {
    int port = Scrapes.freePort();
    String options = port + ",dir=" + directory;
    Scrapes scrapes = new Scrapes(port);
    List<AgentProcess> processes = new ArrayList<>();
    try {
      for (int i = 0; i < 20; i++) {
        processes.add(AgentProcess.shop(AgentProcess.NEWEST, options));
      }
      for (AgentProcess process : processes) {
        process.ask("count 1");
      }
      scrapes.scrapeWith("shop_orders_total 20");

      // A short command beside them.
      try (AgentProcess command = AgentProcess.shop(AgentProcess.NEWEST, options, "3")) {
        assertEquals(3, command.awaitExit());
        assertEquals("", command.errors());
      }
      double before = value(scrapes.scrapeWith("shop_orders_total 21"), "shop_orders_total");

      for (int killed = 0; killed < 20; killed++) {
        AgentProcess holder = holder(processes, port);
        holder.kill();
        processes.remove(holder);
        long start = System.nanoTime();
        processes.add(AgentProcess.shop(AgentProcess.NEWEST, options));
        double now = value(scrapes.scrape(), "shop_orders_total");
        System.out.println(
            "away for " + TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start) + " ms");
        assertTrue(now >= before, now + " after " + before);
        before = now;
      }
      assertEquals(21, before);
    } finally {
      processes.forEach(AgentProcess::close);
    }
  }

  /** The process that listens at a port. */
  private static AgentProcess holder(List<AgentProcess> processes, int port) throws Exception {
    String pid = Listeners.pidAt(port);
    return processes.stream()
        .filter(process -> Long.toString(process.pid()).equals(pid))
        .findFirst()
        .orElseThrow();
  }
}
