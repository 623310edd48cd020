package io.github.multiprom.statsd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.SortedMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Series and names that come and go all the time. */
class ShortLivedSeriesTest {
  private static final int SERIES_AT_A_TIME = 1_000;
  private static final long TTL_NANOS = TimeUnit.MILLISECONDS.toNanos(1);
  private static final long MAX_DIRECTORY_BYTES = 64 << 20;
  private static final long MAX_HEAP_GROWTH_BYTES = 48 << 20;

  @TempDir Path directory;

  @Test
  void leaveNothingBehind() throws IOException {
    leaveNothingBehind(20_000);
  }

  @Test
  @Tag("field")
  void leaveNothingBehindForLong() throws IOException {
    leaveNothingBehind(200_000);
  }

  private void leaveNothingBehind(int count) throws IOException {
    String rules =
        """
        mappings:
        - {match: "job.*", name: job, ttl: 1ms, labels: {id: $1}}
        - {match: "name.*.*", name: "name_$1_$2", ttl: 1ms}
        """;
    try (Lines bridge = new Lines(directory, MappingParser.parse(rules, "map.yml"))) {
      bridge.send("stays:1|c");
      round(bridge, 0);
      long heap = heapAfterCollection();
      double sent = 1;
      for (int first = 0; first < count; first += SERIES_AT_A_TIME) {
        round(bridge, first);
        bridge.send("stays:1|c");
        sent++;
      }
      // Of the bridge alone: a scrape needs heap of its own, and so does a retiring pass, which
      // ends.
      Await.until(
          () -> heapAfterCollection() - heap < MAX_HEAP_GROWTH_BYTES,
          () -> "heap: " + (heapAfterCollection() - heap));
      assertEquals(1, bridge.table.seriesCount());
      assertEquals(1, bridge.table.familyCount());
      SortedMap<String, Double> samples = bridge.samples();
      assertEquals(sent, samples.get("stays_total"));
      List<String> left =
          samples.keySet().stream()
              .filter(name -> name.contains("job") || name.contains("name_"))
              .toList();
      assertEquals(List.of(), left);
      assertTrue(
          samples.keySet().stream().noneMatch(name -> name.contains("overflow")),
          samples.keySet().toString());
      // The file that was renewed goes with the next pass.
      Await.until(
          () -> directoryBytes() < MAX_DIRECTORY_BYTES, () -> "directory: " + directoryBytes());
    }
  }

  /** Some series of one name, and some names, which are removed again. */
  private static void round(Lines bridge, int first) {
    StringBuilder lines = new StringBuilder();
    for (int i = first; i < first + SERIES_AT_A_TIME; i++) {
      lines.append("job.").append(i).append(":1|c\n");
      if (i % 20 == 0) {
        lines.append("name.a.").append(i).append(":1|ms|#x:y\n");
      }
    }
    bridge.send(lines.toString());
    long sent = System.nanoTime();
    while (System.nanoTime() - sent <= TTL_NANOS) {
      LockSupport.parkNanos(TTL_NANOS);
    }
    bridge.reader.removeIdle();
  }

  private static long heapAfterCollection() {
    System.gc();
    Runtime runtime = Runtime.getRuntime();
    return runtime.totalMemory() - runtime.freeMemory();
  }

  private long directoryBytes() {
    long bytes = 0;
    // 0 for one that was retired meanwhile.
    for (File file : directory.toFile().listFiles()) {
      bytes += file.length();
    }
    return bytes;
  }
}
