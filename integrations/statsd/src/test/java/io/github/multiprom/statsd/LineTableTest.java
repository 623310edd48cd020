package io.github.multiprom.statsd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.nio.file.Path;
import java.util.List;
import java.util.SortedMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What each kind of line becomes: one per row. Buckets are left out. */
class LineTableTest {
  private static final Pattern ERROR =
      Pattern.compile(
          "multiprom_statsd_(line_errors|passed_over|tag_errors)_total(\\{\\w+=\"(.*)\",})?");

  @TempDir static Path directory;
  private static Lines bridge;

  @BeforeAll
  static void open() {
    bridge = new Lines(directory);
  }

  @AfterAll
  static void close() {
    bridge.close();
  }

  static Stream<Arguments> lines() {
    return Stream.of(
        // Counters and their rates.
        arguments("a:1|c", "a_total 1"),
        arguments("a:1|c|@0.1", "a_total 10"),
        arguments("a:1|c|@1", "a_total 1"),
        arguments("a:1|c|@0", "!sample_rate 1"),
        arguments("a:1|c|@2", "!sample_rate 1"),
        arguments("a:1|c|@x", "!sample_rate 1"),
        arguments("a:1|c|@nan", "!sample_rate 1"),
        arguments("a:-1|c", "a_total 0; !negative_counter 1"),
        arguments("a:+2|c", "a_total 2"),
        arguments("a_total:2|c\na:1|c", "a_total 3"),
        arguments("a:1e3|c", "a_total 1000"),
        arguments("a:.5|c\na:2.|c", "a_total 2.5"),
        arguments("a:12345678901234567890|c", "a_total 1.2345678901234567E19"),
        // Gauges. A sign is relative.
        arguments("a:5|g\na:-2|g\na:+1|g", "a 4"),
        arguments("a:-3|g", "a -3"),
        arguments("a:0|g\na:-3|g", "a -3"),
        arguments("a:5|g|@0.1", "a 5"),
        arguments("a:nan|g", "a NaN"),
        arguments("a:inf|g", "a Infinity"),
        arguments("a:2|g\na:-inf|g\na:+Inf|g", "a 2; !not_finite 2"),
        // Observations.
        arguments("a:320|ms", "a_count 1; a_sum 0.32"),
        arguments("a:250|ms|@0.1", "a_count 10; a_sum 2.5"),
        arguments("a:2|h|@0.3", "a_count 3; a_sum 6"),
        arguments("a:2|h|@0.00001", "a_count 1000; a_sum 2000"),
        arguments("a:2|h\na:3|d", "a_count 2; a_sum 5"),
        arguments("a:-2|h", "a_count 1; a_sum -2"),
        // Packed values, and samples that follow one another.
        arguments("a:1:2:3|d|#x:y", "a_count{x=\"y\",} 3; a_sum{x=\"y\",} 6"),
        arguments("a:1:2|c", "a_total 3"),
        arguments("a:1:2|g", "a 2"),
        arguments("a:1:x:3|d", "a_count 2; a_sum 4; !malformed_value 1"),
        arguments("a:1|c:2|c", "a_total 3"),
        arguments("a:1|c|@0.1:2|c", "a_total 12"),
        arguments("a:1|c:2|c|#x:y", "!unknown_type 1; !component 1"),
        arguments("a:1|c:", "a_total 1; !missing_type 1"),
        // Tags of DogStatsD.
        arguments("a:1|c|#a:b,c", "a_total{a=\"b\",} 1; !tags 1"),
        arguments("a:1|c|#k:v:w", "a_total{k=\"v:w\",} 1"),
        arguments("a:1|c|#a-b:v", "a_total{a_b=\"v\",} 1"),
        arguments("a:1|c|#a:1,#b:2", "a_total{a=\"1\",b=\"2\",} 1"),
        arguments("a:1|c|#b:2,a:1\na:1|c|#a:1,b:2", "a_total{a=\"1\",b=\"2\",} 2"),
        arguments("a:1|c|#a:1,a:2", "a_total{a=\"2\",} 1"),
        arguments("a:1|c|#", "a_total 1"),
        arguments("a:1|c|#x:y,", "a_total{x=\"y\",} 1"),
        arguments("a:1|c|#,x:y", "a_total{x=\"y\",} 1; !tags 1"),
        arguments("a:1|c|#a:", "a_total 1; !tags 1"),
        arguments("a:1|c|#x:y|@0.5", "a_total{x=\"y\",} 2"),
        arguments("a:1|c|@0.5|#x:y", "a_total{x=\"y\",} 2"),
        arguments("a:1|c|#x:y|#z:w", "!malformed_component 1"),
        arguments("a:1|c|#é:é", "a_total{_=\"é\",} 1"),
        // Versions 1.2 and 1.3, and what may come.
        arguments("a:1|c|c:ID", "a_total 1"),
        arguments("a:1|c|#x:y|c:ci-0123|T1656581400", "a_total{x=\"y\",} 1"),
        arguments("a:1|c|T1656581400", "a_total 1"),
        arguments("a:1|c|e:it-false", "a_total 1; !component 1"),
        arguments("a:1|c|#x:y|card:low", "a_total{x=\"y\",} 1; !component 1"),
        arguments("a:1|c|cc", "a_total 1; !component 1"),
        // Not metrics.
        arguments("u:17|s", "!set 1"),
        arguments("u:ann|s\nu:bob|s|#a:b", "!set 2"),
        arguments("_e{5,4}:title|text|#x:y", "!event 1"),
        arguments("_sc|db|0|#x:y", "!service_check 1"),
        // Lines.
        arguments("", ""),
        arguments("\n\n", ""),
        arguments("a:1|c\n", "a_total 1"),
        arguments("a:1|c\r\na:2|c\r\n\r\n", "a_total 3"),
        arguments("a:1|c\n\nb:1|c", "a_total 1; b_total 1"),
        arguments("a", "!malformed_line 1"),
        arguments(":1|c", "!malformed_line 1"),
        arguments("a:1", "!missing_type 1"),
        arguments("a:1|", "!missing_type 1"),
        arguments("a:1||c", "!malformed_component 1"),
        arguments("a:1|c||#x:y", "!malformed_component 1"),
        arguments("a:1|c|", "!malformed_component 1"),
        arguments("a:|c", "!malformed_value 1"),
        arguments("a:1|x", "!unknown_type 1"),
        arguments("a:x|c", "!malformed_value 1"),
        arguments("a:0x10|c", "!malformed_value 1"),
        arguments("a:1_000|c", "!malformed_value 1"),
        arguments("a:1d|c", "!malformed_value 1"),
        arguments("a:--1|g", "!malformed_value 1"),
        arguments("a: 1|c", "!malformed_value 1"),
        arguments("a:1e999|c", "a_total 0; !not_finite 1"),
        arguments("a:inf|c", "a_total 0; !not_finite 1"),
        arguments("a:nan|c", "a_total 0; !not_finite 1"),
        arguments("a:nan|ms", "a_count 0; a_sum 0; !not_finite 1"),
        arguments("a:inf|h", "a_count 0; a_sum 0; !not_finite 1"),
        // Names.
        arguments("4d:1|c", "_4d_total 1"),
        arguments("d.3-x/y:1|c", "d_3_x_y_total 1"),
        arguments("a--b:1|c", "a_b_total 1"),
        arguments("d2: 1|c", "!malformed_value 1"),
        arguments("é:1|c", "__total 1"),
        arguments("_total:1|c", "!empty_name 1"),
        arguments("multiprom_workers:1|g", "!reserved_name 1"),
        arguments("multiprom.statsd.lines:1|c", "!reserved_name 1"),
        // Tags in the name: of Librato, InfluxDB, SignalFx.
        arguments("m#a=b,c=d:1|c", "m_total{a=\"b\",c=\"d\",} 1"),
        arguments("m,a=b,c=d:1|c", "m_total{a=\"b\",c=\"d\",} 1"),
        arguments("m[a=b,c=d]:1|c", "m_total{a=\"b\",c=\"d\",} 1"),
        arguments("m[a=b].n:1|c", "m_n_total{a=\"b\",} 1"),
        arguments("m[a=b:1|c", "m_a_b_total 1; !tags 1"),
        arguments("m,a=b:1|c|#x:y", "!mixed_tags 1"),
        arguments("m,a:1|c", "m_total 1; !tags 1"),
        // What would break an exposition.
        arguments("a:1|ms|#le:5", "a_count{tag_le=\"5\",} 1; a_sum{tag_le=\"5\",} 0.001"),
        arguments("a:1|c|#le:5", "a_total{le=\"5\",} 1"),
        arguments("a:1|c|#__name__:x", "a_total{tag___name__=\"x\",} 1"),
        arguments("a:1|g|#quantile:x,worker:y", "a{quantile=\"x\",worker=\"y\",} 1"),
        arguments("a:1|c|#x:\"\\", "a_total{x=\"\\\"\\\\\",} 1"),
        // Names of one type, and lists of labels.
        arguments("a:1|c\na:5|g\na:1|c", "a_total 2; !conflict 1"),
        arguments(
            "a:1|c\na:1|c|#x:y\na:1|c|#z:w",
            "a_total 1; a_total{x=\"y\",} 1; a_total{z=\"w\",} 1"));
  }

  @ParameterizedTest
  @MethodSource("lines")
  void becomes(String lines, String expected) {
    SortedMap<String, Double> before = bridge.samples();
    assertEquals(expected, changes(before, bridge.send(lines).samples()), lines);
    List.copyOf(bridge.table.all()).forEach(bridge.table::remove);
  }

  /** The samples, and after a ! what was refused or passed over. */
  private static String changes(SortedMap<String, Double> before, SortedMap<String, Double> after) {
    Stream<String> samples =
        after.entrySet().stream()
            .filter(sample -> !sample.getKey().startsWith("multiprom_"))
            .filter(sample -> !sample.getKey().matches(".*_(bucket|created)(\\{.*|)"))
            .map(sample -> sample.getKey() + " " + number(sample.getValue()));
    Stream<String> errors =
        after.entrySet().stream()
            .filter(sample -> ERROR.matcher(sample.getKey()).matches())
            .filter(sample -> sample.getValue() - before.get(sample.getKey()) != 0)
            .map(
                sample -> {
                  String label = ERROR.matcher(sample.getKey()).replaceFirst("$3");
                  double count = sample.getValue() - before.get(sample.getKey());
                  return "!" + (label.isEmpty() ? "tags" : label) + " " + number(count);
                });
    return Stream.concat(samples, errors).collect(Collectors.joining("; "));
  }

  private static String number(double value) {
    return value == (long) value ? String.format("%.0f", value) : Double.toString(value);
  }
}
