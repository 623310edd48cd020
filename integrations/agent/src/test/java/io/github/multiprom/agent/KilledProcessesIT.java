package io.github.multiprom.agent;

import static io.github.multiprom.agent.Scrapes.value;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Applications that are killed while they count. */
class KilledProcessesIT {
  private static final int TOGETHER = 4;

  @TempDir(factory = InMemory.class)
  private Path directory;

  @Test
  void loseNothing() throws Exception {
    killAndCompare(4);
  }

  @Tag("field")
  @Test
  void loseNothingInTwoHundredKills() throws Exception {
    killAndCompare(200);
  }

  private void killAndCompare(int kills) throws Exception {
    long seed = System.nanoTime();
    System.out.println("seed " + seed);
    Random random = new Random(seed);
    long acknowledged = 0;
    long most = 0;
    try (AgentProcess reader = AgentProcess.shop(AgentProcess.NEWEST, "dir=" + directory)) {
      for (int killed = 0; killed < kills; ) {
        List<AgentProcess> processes = new ArrayList<>();
        try {
          for (int i = 0; i < Math.min(TOGETHER, kills - killed); i++) {
            processes.add(AgentProcess.shop(AgentProcess.NEWEST, "dir=" + directory));
            processes.get(i).tell("run");
          }
          for (AgentProcess process : processes) {
            process.awaitLines(1 + random.nextInt(2_000));
            process.kill();
            long said = process.lastNumber();
            acknowledged += said;
            // A line that was cut, one that was not sent, and what was on its way there.
            most += said + 48;
            killed++;
          }
        } finally {
          processes.forEach(AgentProcess::close);
        }
        assertCounted(reader.ask("scrape"), acknowledged, most, killed);
      }
      assertEquals("", reader.errors());
    }
  }

  private static void assertCounted(String text, long least, long most, int killed) {
    double orders = value(text, "shop_orders_total");
    assertTrue(least <= orders && orders <= most, least + " <= " + orders + " <= " + most);
    // They count orders, then requests by two, then latencies, then sizes.
    double before = orders;
    for (double counted :
        new double[] {
          (value(text, "shop_requests_total{code=\"200\",path=\"/\"}")
                  + value(text, "shop_requests_total{code=\"500\",path=\"/\"}"))
              / 2,
          value(text, "shop_latency_seconds_count"),
          value(text, "shop_size_bytes_count")
        }) {
      assertTrue(before - killed <= counted && counted <= before, before + " and " + counted);
      before = counted;
    }
    assertEquals(value(text, "shop_size_bytes_count") * 4, value(text, "shop_size_bytes_sum"));
    assertEquals(
        value(text, "shop_latency_seconds_count"),
        value(text, "shop_latency_seconds_bucket{le=\"+Inf\"}"));
  }
}
