package io.github.multiprom.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.multiprom.exposition.Peers;
import io.github.multiprom.model.FamilyDescriptor;
import io.github.multiprom.model.GaugeFold;
import io.github.multiprom.model.MetricType;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RecordingRulesTest {
  private static final String FIRST = "abzABZ_:";
  private static final String FURTHER = FIRST + "019";

  /** As Prometheus' documentation and its lexer have them, and names of functions and units. */
  private static final String WORDS =
      "and or unless atan2 sum avg count min max group stddev stdvar topk bottomk count_values"
          + " quantile limitk limit_ratio offset by without on ignoring group_left group_right"
          + " bool start end step range inf nan Inf NaN AND Sum rate abs time s m h le e5 x0 up"
          + " job job:a _ : :: true null";

  private static List<String> rules(List<FamilyDescriptor> families) {
    RecordingRules rules = new RecordingRules(List.of("instance"), "5m");
    families.stream().sorted(Comparator.comparing(FamilyDescriptor::name)).forEach(rules::add);
    return rules.lines();
  }

  private static FamilyDescriptor addedUp(String name, MetricType type) {
    return new FamilyDescriptor(
        name, type, "", "", List.of("path"), GaugeFold.SUM, false, List.of());
  }

  private static FamilyDescriptor set(String name, MetricType type, GaugeFold fold, boolean live) {
    FamilyDescriptor gauge =
        new FamilyDescriptor(name, MetricType.GAUGE, "", "", List.of(), fold, live, List.of());
    return switch (type) {
      case INFO -> new FamilyDescriptor(name, type, "", "", List.of("v"), fold, live, List.of());
      case STATESET -> gauge.withStates(List.of("on", "off"));
      default -> gauge;
    };
  }

  private static FamilyDescriptor gauge(String name, GaugeFold fold, boolean live) {
    return set(name, MetricType.GAUGE, fold, live);
  }

  @Test
  void mergeByTypeAndMode() {
    assertEquals(
        """
        # Kept as it is: heap (LIVEALL, a series per worker)
        # Kept as it is: last_run (MOSTRECENT, and no scrape tells when a value was set)
        # Kept as it is: old (ALL, a series per worker)
        # Kept as it is: state (an enumeration)
        groups:
          - name: multiprom-fleet
            rules:
              - record: job:build_info:max
                expr: max without (instance) (build_info)
              - record: job:free:min
                expr: min without (instance) (free)
              - record: job:in_flight:sum
                expr: sum without (instance) (in_flight)
              - record: job:jobs:rate5m
                expr: sum without (instance) (rate(jobs_total[5m]))
              - record: job:peak:max
                expr: max without (instance) (peak)
              - record: job:request_seconds_bucket:rate5m
                expr: sum without (instance) (rate(request_seconds_bucket[5m]))
              - record: job:request_seconds_count:rate5m
                expr: sum without (instance) (rate(request_seconds_count[5m]))
              - record: job:request_seconds_sum:rate5m
                expr: sum without (instance) (rate(request_seconds_sum[5m]))
              - record: job:size_count:rate5m
                expr: sum without (instance) (rate(size_count[5m]))
              - record: job:size_sum:rate5m
                expr: sum without (instance) (rate(size_sum[5m]))
        """,
        String.join(
                "\n",
                rules(
                    List.of(
                        addedUp("jobs", MetricType.COUNTER),
                        addedUp("request_seconds", MetricType.HISTOGRAM),
                        addedUp("size", MetricType.SUMMARY),
                        gauge("in_flight", GaugeFold.SUM, true),
                        gauge("peak", GaugeFold.MAX, true),
                        gauge("free", GaugeFold.MIN, false),
                        gauge("heap", GaugeFold.ALL, true),
                        gauge("old", GaugeFold.ALL, false),
                        gauge("last_run", GaugeFold.MOSTRECENT, false),
                        set("build", MetricType.INFO, GaugeFold.MAX, true),
                        set("state", MetricType.STATESET, GaugeFold.MOSTRECENT, true))))
            + "\n");
  }

  @Test
  void areDistinctWhereNamesMeet() {
    List<String> records =
        rules(
                List.of(
                    addedUp("x", MetricType.HISTOGRAM),
                    addedUp("x_count", MetricType.COUNTER),
                    gauge("x_sum:rate5m", GaugeFold.SUM, true)))
            .stream()
            .filter(line -> line.contains("record:"))
            .map(line -> line.substring(line.indexOf("job:")))
            .toList();
    assertEquals(
        List.of(
            "job:x_bucket:rate5m",
            "job:x_count:rate5m",
            "job:x_sum:rate5m",
            "job:x_count_total:rate5m",
            "job:x_sum:rate5m:sum"),
        records);
  }

  @Test
  void areTakenByPrometheusWhateverMetricsAreCalled(@TempDir Path temporary) throws Exception {
    Peers.requirePromtool();
    long seed = System.nanoTime();
    System.out.println("RecordingRulesTest seed " + seed);
    Random random = new Random(seed);
    Set<String> names = new TreeSet<>(List.of(WORDS.split(" ")));
    for (int i = 0; i < 200; i++) {
      StringBuilder name = new StringBuilder();
      name.append(FIRST.charAt(random.nextInt(FIRST.length())));
      for (int length = random.nextInt(6); length > 0; length--) {
        name.append(FURTHER.charAt(random.nextInt(FURTHER.length())));
      }
      names.add(name.toString());
    }
    for (MetricType type : MetricType.values()) {
      List<FamilyDescriptor> families = new ArrayList<>();
      for (String name : names) {
        families.add(type.isSet() ? set(name, type, GaugeFold.MAX, true) : addedUp(name, type));
      }
      Path file = Files.write(temporary.resolve(type + ".yml"), rules(families));
      Peers.Result result = Peers.run(new byte[0], "promtool", "check", "rules", file.toString());
      assertEquals(0, result.exitCode(), result.output());
      long count = Files.readString(file, UTF_8).lines().filter(l -> l.contains("expr:")).count();
      assertTrue(result.output().contains("SUCCESS: " + count + " rules found"), result.output());
    }
  }
}
