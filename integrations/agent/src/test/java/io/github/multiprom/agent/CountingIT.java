package io.github.multiprom.agent;

import static io.github.multiprom.agent.Scrapes.samples;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Applications of several versions of simpleclient, which know nothing of this agent. */
class CountingIT {
  private static final String MERGED =
      """
      early_bytes_count 8
      early_bytes_sum 16
      early_open{worker="a"} 5
      early_open{worker="b"} 5
      early_seconds_bucket{le="+Inf"} 8
      early_seconds_bucket{le="1.0"} 4
      early_seconds_count 8
      early_seconds_sum 16
      early_total 8
      shop_latency_seconds_bucket{le="+Inf"} 12
      shop_latency_seconds_bucket{le="0.1"} 7
      shop_latency_seconds_bucket{le="1.0"} 12
      shop_latency_seconds_count 12
      shop_latency_seconds_sum 2.9375
      shop_open{worker="a"} 1.5
      shop_open{worker="b"} 2.5
      shop_requests_total{code="200",path="/"} 14
      shop_requests_total{code="500",path="/"} 10
      shop_size_bytes_count 12
      shop_size_bytes_sum 48
      shop_stock{item="tea",worker="a"} 7
      shop_stock{item="tea",worker="b"} 7
      """;

  @TempDir(factory = InMemory.class)
  private Path directory;

  @ParameterizedTest
  @ValueSource(strings = {AgentProcess.OLDEST, AgentProcess.NEWEST})
  void everyProcessShowsAll(String version) throws Exception {
    everyProcessShowsAll(AgentProcess.ownJdk(), version);
  }

  private void everyProcessShowsAll(Path jdk, String version) throws Exception {
    try (AgentProcess a = AgentProcess.shop(jdk, version, "dir=" + directory + ",worker=a");
        AgentProcess b = AgentProcess.shop(jdk, version, "dir=" + directory + ",worker=b")) {
      a.ask("early");
      b.ask("early");
      a.ask("gauges 1");
      b.ask("gauges 2");
      a.ask("count 7");
      b.ask("count 5");
      // Since 0.10 a counter is given the suffix.
      boolean hasSuffix = version.matches("0\\.1\\d\\.\\d");
      String orders = hasSuffix ? "shop_orders_total" : "shop_orders";

      String text = a.ask("scrape");

      assertEquals(MERGED, samples(text, "early_", "shop_la", "shop_op", "shop_r", "shop_s"));
      assertEquals(orders + " 12\n", samples(text, "shop_or"));
      assertEquals(samples(text, "shop_", "early_"), samples(b.ask("scrape"), "shop_", "early_"));
      String filtered = a.ask("filtered " + orders);
      assertTrue(filtered.contains("12.0") && !filtered.contains("shop_size"), filtered);
      assertEquals("7.0 8.0 1.75 [4.0, 7.0, 7.0] 7.0 28.0 {0.5=4.0}", a.ask("own"));

      b.kill();
      a.ask("remove");
      a.ask("count 1");

      text = a.ask("scrape");
      assertEquals(
          """
          shop_latency_seconds_count 13
          shop_requests_total{code="200",path="/"} 14
          shop_requests_total{code="500",path="/"} 12
          """,
          samples(text, "shop_latency_seconds_count", "shop_requests"));
      assertEquals("shop_open{worker=\"a\"} 1.5\n", samples(text, "shop_open"));
      assertEquals("", a.errorsOfAgent());
    }
  }

  @Test
  void samplesCollectorsOfItsOwn() throws Exception {
    try (AgentProcess a = AgentProcess.shop(AgentProcess.NEWEST, "dir=" + directory + ",worker=a");
        AgentProcess b = AgentProcess.shop(AgentProcess.NEWEST, "dir=" + directory + ",worker=b")) {
      a.ask("custom 3");
      b.ask("custom 4");

      String expected =
          """
          custom_things_total 7
          shop_stock{item="own",worker="a"} 77
          shop_stock{item="own",worker="b"} 77
          """;
      long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
      String text;
      do {
        text = samples(a.ask("scrape"), "custom_", "shop_stock");
      } while (!text.equals(expected) && System.nanoTime() - end < 0);
      assertEquals(expected, text);
    }
  }

  @Test
  void leavesRegistriesAsTheyAreIfItIsToldTo() throws Exception {
    try (AgentProcess a =
            AgentProcess.shop(AgentProcess.NEWEST, "dir=" + directory + ",simpleclient=own");
        AgentProcess b =
            AgentProcess.shop(AgentProcess.NEWEST, "dir=" + directory + ",simpleclient=on")) {
      a.ask("count 2");
      b.ask("count 3");

      assertEquals("shop_orders_total 2\n", samples(a.ask("scrape"), "shop_orders"));
      assertEquals("shop_orders_total 5\n", samples(b.ask("scrape"), "shop_orders"));
    }
  }

  @Test
  void doesNothingWithSimpleclientIfItIsToldTo() throws Exception {
    try (AgentProcess a =
            AgentProcess.shop(AgentProcess.NEWEST, "dir=" + directory + ",simpleclient=off");
        AgentProcess b = AgentProcess.shop(AgentProcess.NEWEST, "dir=" + directory)) {
      a.ask("count 2");
      b.ask("count 3");

      assertEquals("shop_orders_total 3\n", samples(b.ask("scrape"), "shop_orders"));
    }
  }

  @Test
  void forgetsWhatIsUnregistered() throws Exception {
    try (AgentProcess a = AgentProcess.shop(AgentProcess.NEWEST, "dir=" + directory)) {
      a.ask("count 2");
      assertEquals("shop_size_bytes_count 2\n", samples(a.ask("scrape"), "shop_size_bytes_count"));

      a.ask("unregister");

      assertEquals("\n", samples(a.ask("scrape"), "shop_size"));
    }
  }

  @Tag("field")
  @ParameterizedTest
  @ValueSource(
      strings = {
        "0.0.26", "0.1.0", "0.4.0", "0.6.0", "0.8.1", "0.9.0", "0.10.0", "0.12.0", "0.16.0"
      })
  void countsWithEachVersion(String version) throws Exception {
    everyProcessShowsAll(version);
  }

  @Tag("field")
  @ParameterizedTest
  @ValueSource(
      strings = {
        "0.0.26", "0.1.0", "0.4.0", "0.6.0", "0.8.1", "0.9.0", "0.10.0", "0.12.0", "0.16.0"
      })
  void countsWithEachVersionOnTheNewestJdk(String version) throws Exception {
    everyProcessShowsAll(AgentProcess.newestJdk(), version);
  }
}
