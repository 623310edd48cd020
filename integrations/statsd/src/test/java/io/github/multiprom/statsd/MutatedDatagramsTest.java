package io.github.multiprom.statsd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.SortedMap;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Datagrams with mistakes of all kinds, between which others are counted. */
class MutatedDatagramsTest {
  private static final String EXACT = "exact:1|c|#of:others";
  private static final int DATAGRAMS_PER_EXACT = 50;

  private static final Pattern SAMPLE =
      Pattern.compile(
          "[a-zA-Z_:][\\w:]*(\\{([a-zA-Z_]\\w*=\"([^\"\\\\]|\\\\[\\\\n\"])*\",)*\\})?"
              + " (NaN|[-+]Inf|-?[0-9.]+(e[-+]?[0-9]+)?)");

  private static final List<String> LINES =
      List.of(
          "shop.hits:1|c|@0.1|#path:/a,code:200",
          "shop.hits:1|c|#path:/b",
          "shop.queue:+3|g|#le:5",
          "shop.queue:17|g",
          "shop.wait:320:17.5:1e-3|ms|#quantile:0.5,__name__:x",
          "shop.size:1:2:3|d|@0.25|c:ci-012345|T1656581400|e:it-false|card:low",
          "shop.multi:1|c:2|c|@0.5:3|g",
          "librato#a=b,c=d:1|c",
          "influx,a=b,c=d:2|h",
          "signalfx[a=b,c=d]:3|ms",
          "shop.users:4711|s",
          "_e{5,4}:title|text|#x:y",
          "_sc|db|0|#x:y",
          "shop.nan:nan|g",
          "");

  private static final byte[] SPECIAL =
      "\n\r\0:|#@,=[].-+\"\\ \u007f".getBytes(StandardCharsets.UTF_8);

  @TempDir Path directory;

  @Test
  void disturbNothing() {
    disturbNothing(100_000);
  }

  @Test
  @Tag("field")
  void disturbNothingInAMillion() {
    disturbNothing(1_000_000);
  }

  private void disturbNothing(int count) {
    long seed = System.nanoTime();
    System.out.println("seed " + seed);
    Random random = new Random(seed);
    double exact = 0;
    try (Lines bridge = new Lines(directory)) {
      for (int i = 0; i < count; i++) {
        byte[] datagram = mutated(random);
        try {
          bridge.send(datagram);
        } catch (RuntimeException | Error e) {
          throw new AssertionError(
              "seed " + seed + ": " + new String(datagram, StandardCharsets.ISO_8859_1), e);
        }
        if (i % DATAGRAMS_PER_EXACT == 0) {
          bridge.send(EXACT);
          exact++;
        }
      }
      SortedMap<String, Double> samples = bridge.samples();
      assertEquals(exact, samples.get("exact_total{of=\"others\",}"));
      assertEquals(count + exact, samples.get("multiprom_statsd_datagrams_total"));
      assertTrue(bridge.table.familyCount() <= 10_000, "families: " + bridge.table.familyCount());
      assertTrue(bridge.table.seriesCount() <= 100_000, "series: " + bridge.table.seriesCount());
    }
    Arrays.stream(Lines.text(directory).split("\n", -1))
        .filter(line -> !line.isEmpty() && !line.startsWith("# "))
        .forEach(line -> assertTrue(SAMPLE.matcher(line).matches(), "seed " + seed + ": " + line));
  }

  private static byte[] mutated(Random random) {
    ByteArrayOutputStream datagram = new ByteArrayOutputStream();
    for (int lines = random.nextInt(4); lines >= 0; lines--) {
      byte[] line = LINES.get(random.nextInt(LINES.size())).getBytes(StandardCharsets.UTF_8);
      datagram.writeBytes(line);
      datagram.write('\n');
    }
    byte[] bytes = datagram.toByteArray();
    for (int mutations = random.nextInt(4); mutations >= 0; mutations--) {
      bytes = mutate(bytes, random);
    }
    return bytes;
  }

  private static byte[] mutate(byte[] bytes, Random random) {
    int from = random.nextInt(bytes.length + 1);
    int to = from + random.nextInt(Math.min(8, bytes.length - from) + 1);
    ByteArrayOutputStream mutated = new ByteArrayOutputStream();
    mutated.write(bytes, 0, from);
    switch (random.nextInt(5)) {
      // Removed.
      case 0 -> {}
      // Doubled.
      case 1 -> {
        mutated.write(bytes, from, to - from);
        mutated.write(bytes, from, to - from);
      }
      // Written over by any byte, by one that means something, by the beginning.
      case 2 -> mutated.write(random.nextInt(256));
      case 3 -> mutated.write(SPECIAL[random.nextInt(SPECIAL.length)]);
      default -> mutated.write(bytes, 0, to - from);
    }
    mutated.write(bytes, to, bytes.length - to);
    return mutated.toByteArray();
  }
}
