package io.github.multiprom.benchmarks;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.github.multiprom.benchmarks.BarChart.Bar;
import io.github.multiprom.benchmarks.BarChart.Group;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Draws the charts of {@code docs/performance.md} from results in JMH's JSON.
 *
 * <p>What the files do not contain is left out, and a chart without a bar is not written.
 */
public final class Charts {
  private static final Map<String, String> NAMES =
      new LinkedHashMap<>(
          Map.of(
              "multiprom", "Multiprom",
              "simpleclient", "simpleclient",
              "prometheusMetrics", "prometheus-metrics",
              "micrometer", "Micrometer"));
  private static final List<String> ORDER =
      List.of("multiprom", "simpleclient", "prometheusMetrics", "micrometer");
  private static final Map<String, String> OPERATIONS = operations();

  private Charts() {}

  private static Map<String, String> operations() {
    Map<String, String> operations = new LinkedHashMap<>();
    operations.put("CounterBenchmark.inc", "inc()");
    operations.put("CounterBenchmark.incInTurn", "inc(), 100 in turn");
    operations.put("CounterBenchmark.incThroughLabels", "labels(…).inc()");
    operations.put("HistogramBenchmark.observe", "observe()");
    return operations;
  }

  /** One measurement. */
  private record Result(String benchmark, int threads, Map<String, String> params, double score) {}

  /**
   * Draws all charts.
   *
   * @param args the folder for the charts, and the files with the results
   */
  public static void main(String[] args) throws IOException {
    if (args.length < 2) {
      System.err.println("usage: Charts FOLDER RESULTS.json...");
      System.exit(2);
    }
    Path folder = Files.createDirectories(Path.of(args[0]));
    List<Result> results = new ArrayList<>();
    for (int i = 1; i < args.length; i++) {
      results.addAll(read(new File(args[i])));
    }
    write(folder.resolve("increments.svg"), increments(results));
    write(folder.resolve("scrapes.svg"), scrapes(results));
    write(folder.resolve("file-sizes.svg"), fileSizes(results));
  }

  private static void write(Path file, BarChart chart) throws IOException {
    if (chart.groups().isEmpty()) {
      System.err.println("no results for " + file);
      return;
    }
    Files.writeString(file, chart.toSvg());
    System.out.println(file);
  }

  private static BarChart increments(List<Result> results) {
    Map<Integer, List<Group>> byThreads = new TreeMap<>();
    for (int threads : List.of(1, 2, 64)) {
      List<Group> groups = new ArrayList<>();
      OPERATIONS.forEach(
          (benchmark, label) -> {
            List<Bar> bars = new ArrayList<>();
            for (String implementation : ORDER) {
              results.stream()
                  .filter(result -> result.threads == threads)
                  .filter(result -> result.benchmark.endsWith("." + benchmark))
                  .filter(result -> implementation.equals(result.params.get("implementation")))
                  .filter(result -> !"chronicle".equals(result.params.get("store")))
                  .findFirst()
                  .ifPresent(result -> bars.add(new Bar(NAMES.get(implementation), result.score)));
            }
            if (bars.size() > 1) {
              groups.add(
                  new Group(
                      label + ", " + threads + (threads == 1 ? " thread" : " threads"), bars));
            }
          });
      byThreads.put(threads, groups);
    }
    List<Group> all = new ArrayList<>();
    byThreads.values().forEach(all::addAll);
    return new BarChart("Time of one operation, logarithmic; shorter is better", "ns", true, all);
  }

  private static BarChart scrapes(List<Result> results) {
    Map<String, List<Bar>> groups = new LinkedHashMap<>();
    results.stream()
        .filter(result -> result.benchmark.startsWith("compare-scrape."))
        .forEach(
            result ->
                groups
                    .computeIfAbsent(
                        result.params.get("workers")
                            + " workers × "
                            + result.params.get("series")
                            + " series",
                        key -> new ArrayList<>())
                    .add(new Bar(result.params.get("client"), result.score)));
    return new BarChart(
        "Time of one scrape, logarithmic; shorter is better", "ms", true, groups(groups));
  }

  private static BarChart fileSizes(List<Result> results) {
    List<Group> groups = new ArrayList<>();
    results.stream()
        .filter(result -> result.benchmark.endsWith("LaneSizes.bytes"))
        .forEach(
            result ->
                groups.add(
                    new Group(
                        result.params.get("writers"),
                        List.of(new Bar("Multiprom", result.score / (1 << 20))))));
    return new BarChart(
        "Size of a worker file with 5,000 counters and 5,000 histograms", "MiB", false, groups);
  }

  private static List<Group> groups(Map<String, List<Bar>> bars) {
    List<Group> groups = new ArrayList<>();
    bars.forEach((label, some) -> groups.add(new Group(label, some)));
    return groups;
  }

  private static List<Result> read(File file) throws IOException {
    List<Result> results = new ArrayList<>();
    try (JsonParser parser = new JsonFactory().createParser(file)) {
      parser.nextToken();
      for (Object entry : (List<?>) value(parser)) {
        Map<?, ?> fields = (Map<?, ?>) entry;
        Map<String, String> params = new LinkedHashMap<>();
        if (fields.get("params") instanceof Map<?, ?> given) {
          given.forEach((name, value) -> params.put(name.toString(), value.toString()));
        }
        Map<?, ?> metric = (Map<?, ?>) fields.get("primaryMetric");
        results.add(
            new Result(
                fields.get("benchmark").toString(),
                Integer.parseInt(fields.get("threads").toString()),
                params,
                Double.parseDouble(metric.get("score").toString())));
      }
    }
    return results;
  }

  /** A JSON value as maps, lists and texts. */
  private static Object value(JsonParser parser) throws IOException {
    if (parser.currentToken() == JsonToken.START_ARRAY) {
      List<Object> list = new ArrayList<>();
      while (parser.nextToken() != JsonToken.END_ARRAY) {
        list.add(value(parser));
      }
      return list;
    }
    if (parser.currentToken() == JsonToken.START_OBJECT) {
      Map<String, Object> map = new LinkedHashMap<>();
      while (parser.nextToken() != JsonToken.END_OBJECT) {
        String name = parser.currentName();
        parser.nextToken();
        map.put(name, value(parser));
      }
      return map;
    }
    return parser.getText();
  }
}
