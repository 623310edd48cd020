package io.github.multiprom.statsd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Mapping files of statsd_exporter: what its README says of them. */
class MappingTest {
  @TempDir Path directory;

  private SortedMap<String, Double> samples(String mapping, String lines) throws IOException {
    Path own = Files.createTempDirectory(directory, "metrics");
    try (Lines bridge = new Lines(own, MappingParser.parse(mapping, "map.yml"))) {
      SortedMap<String, Double> samples = new TreeMap<>(bridge.send(lines).samples());
      samples.keySet().removeIf(name -> name.startsWith("multiprom_") || name.contains("_created"));
      return samples;
    }
  }

  @Test
  void namesAndLabelsByGlobs() throws IOException {
    assertEquals(
        "{client_failure_total{job=\"test_api\",outcome=\"dispatch\",}=2.0,"
            + " other_thing_total=1.0, test_dispatcher_total{job=\"test_dispatcher\",}=1.0}",
        samples(
                """
                mappings:
                - match: "test.dispatcher.*.*.*"
                  name: "test_dispatcher"
                  labels:
                    job: "test_dispatcher"
                    empty: "$9$foo"
                - match: "*.*.*.failure"
                  name: client_failure_total
                  labels:
                    outcome: "$2"
                    job: "${1}_$3"
                """,
                """
                test.dispatcher.a.b.c:1|c
                test.dispatch.api.failure:2|c
                other.thing:1|c
                """)
            .toString());
  }

  @Test
  void takesTheFirstGlobOrTheMostExactOne() throws IOException {
    String rules =
        """
        mappings:
        - {match: "a.*.c", name: first}
        - {match: "a.b.*", name: second}
        - {match: "*.b.c", name: third}
        """;
    assertEquals("{first_total=1.0}", samples(rules, "a.b.c:1|c").toString());
    assertEquals(
        "{second_total=1.0}",
        samples("defaults: {glob_disable_ordering: true}\n" + rules, "a.b.c:1|c").toString());
  }

  @Test
  void namesByRegularExpressionsBehindGlobs() throws IOException {
    assertEquals(
        "{late_total{full=\"status\",}=1.0,"
            + " request_total{code=\"500\",host=\"x\",}=1.0, x_y=1.0}",
        samples(
                """
                mappings:
                - match: "(.*)\\\\.(.*)--(?P<last>.*)\\\\.status\\\\.(5..)\\\\.count"
                  match_type: regex
                  name: "request_total"
                  labels: {host: "$1", code: "${4}", gone: "$1x", none: "$7"}
                - match: "status"
                  match_type: regex
                  name: late
                  labels: {full: "$0"}
                - match: "x.y"
                  name: x_y
                  match_metric_type: gauge
                - match: x
                  match_type: regex
                  match_metric_type: gauge
                  name: never
                """,
                """
                x.y--z.status.500.count:1|c
                x.y--z.status.200.count:1|c
                x.y:1|g
                """)
            .toString());
  }

  @Test
  void honorsLabelsOfLinesIfAsked() throws IOException {
    String rules =
        """
        mappings:
        - {match: "a", name: a, labels: {x: map, y: map}}
        - {match: "b", name: b, honor_labels: true, labels: {x: map, y: map}}
        """;
    assertEquals(
        "{a_total{x=\"map\",y=\"map\",}=1.0, b_total{x=\"map\",y=\"tag\",}=1.0}",
        samples(rules, "a:1|c|#y:tag\nb:1|c|#y:tag").toString());
  }

  @Test
  void dropsScalesAndHelps() throws IOException {
    String rules =
        """
        mappings:
        - {match: "kb.*", name: "bytes_$1", scale: 1024, help: In bytes.}
        - {match: "us", name: "seconds", scale: 1e-6, observer_type: summary}
        - {match: ".", match_type: regex, action: drop}
        """;
    try (Lines bridge = new Lines(directory, MappingParser.parse(rules, "map.yml"))) {
      bridge.send("kb.read:2|c\nkb.free:3|g\nkb.free:-1|g\nus:5|h\nother:1|c");
      SortedMap<String, Double> samples = bridge.samples();
      assertEquals(2048, samples.get("bytes_read_total"));
      assertEquals(2048, samples.get("bytes_free"));
      assertEquals(5e-6, samples.get("seconds_sum"), 1e-18);
      assertEquals(1, samples.get("multiprom_statsd_passed_over_total{kind=\"drop\",}"));
      assertFalse(samples.containsKey("other_total"));
      assertTrue(Lines.text(directory).contains("# HELP bytes_read_total In bytes.\n"));
    }
  }

  @Test
  void decidesWhatObservationsAre() throws IOException {
    SortedMap<String, Double> samples =
        samples(
            """
            defaults:
              observer_type: summary
              histogram_options:
                buckets: [.1, 1]
              ttl: 1m20s
            mappings:
            - match: h.plain
              observer_type: histogram
              name: plain
            - match: h.own
              observer_type: histogram
              histogram_options:
                buckets: [ 0.01, 5, .inf ]
                native_histogram_bucket_factor: 1.1
                native_histogram_max_buckets: 256
              name: own
            - match: h.old
              timer_type: histogram
              buckets: [7]
              name: old
            - match: s
              name: s
              summary_options:
                quantiles:
                - {quantile: 0.99, error: 0.001}
                max_age: 30s
            """,
            "h.plain:2|h\nh.own:2|h\nh.old:2|h\ns:2|h\nother:2|ms");
    assertEquals(0, samples.get("plain_bucket{le=\"1.0\",}"));
    assertEquals(1, samples.get("own_bucket{le=\"5.0\",}"));
    assertEquals(1, samples.get("own_bucket{le=\"+Inf\",}"));
    assertEquals(1, samples.get("old_bucket{le=\"7.0\",}"));
    assertEquals(1, samples.get("s_count"));
    assertEquals(0.002, samples.get("other_sum"));
    assertNull(samples.get("other_bucket{le=\"+Inf\",}"));
  }

  @Test
  void hasNoRulesInAnEmptyFile() throws IOException {
    assertTrue(MappingParser.parse("", "map.yml").isEmpty());
    assertTrue(MappingParser.parse("# Nothing.\nmappings:\n", "map.yml").isEmpty());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      textBlock =
          """
          mappings:;- {match: a, name: b};- match: a;  nam: b            | map.yml:3: a mapping needs a name
          mappings:;- match: a;  name: b;  nme: c                         | map.yml:4: unknown key nme
          mappings:;- match: a;  name: b;  ttl: 5 minutes                 | map.yml:4: not a duration: 5 minutes
          mappings:;- match: a..b;  name: b                               | map.yml:2: not a match of type glob: a..b
          mappings:;- match: 4a;  name: b                                 | map.yml:2: not a match of type glob: 4a
          mappings:;- match: (;  match_type: regex;  name: b              | map.yml:2: not a regular expression: ( (missing closing ))
          mappings:;- match: a;  name: b-c                                | map.yml:3: not a metric name: b-c
          mappings:;- match: a;  name: b;  labels:;    a-b: c             | map.yml:5: not a label name: a-b
          mappings:;- match: a;  name: b;  action: dorp                   | map.yml:4: action must be one of map drop: dorp
          mappings:;- match: a;  name: b;  honor_labels: yes              | map.yml:4: honor_labels must be true or false: yes
          mappings:;- match: a;  name: b;  buckets: [2, 1]                | map.yml:4: buckets must be in increasing order: [2.0, 1.0]
          mappings:;- match: a;  name: b;  scale: x                       | map.yml:4: not a number: x
          mappings:;- match: a;  name: b;  name: c                        | map.yml:4: key name stands there twice
          mappings: a                                                     | map.yml:1: mappings must be a list
          defaults:;  ttl: 1m;default:;  ttl: 2m                          | map.yml:3: unknown key default
          """)
  void namesTheLineOfAMistake(String text, String message) {
    IOException e =
        assertThrows(
            IOException.class, () -> MappingParser.parse(text.replace(';', '\n'), "map.yml"));
    assertEquals(message, e.getMessage());
  }

  @Test
  void saysWhereAFileIsNotYaml() {
    IOException e =
        assertThrows(IOException.class, () -> MappingParser.parse("mappings: [", "map.yml"));
    assertTrue(e.getMessage().startsWith("map.yml is not YAML: "), e.getMessage());
    assertTrue(e.getMessage().contains("line 1"), e.getMessage());
  }

  @Test
  void followsItsFile() throws IOException {
    Path path = directory.resolve("map.yml");
    MappingFile file = new MappingFile(path);
    assertThrows(IOException.class, file::readIfChanged);
    Files.writeString(path, "mappings: [{match: a, name: b}]");
    assertEquals(1, file.readIfChanged().size());
    assertNull(file.readIfChanged());
    Files.writeString(path, "mappings: [{match: a}]");
    assertThrows(IOException.class, file::readIfChanged);
    assertNull(file.readIfChanged(), "one mistake is told once");
    Files.writeString(path, "");
    assertEquals(0, file.readIfChanged().size());
    Files.write(path, new byte[] {(byte) 0xC3});
    assertThrows(IOException.class, file::readIfChanged);
    Files.delete(path);
    assertThrows(IOException.class, file::readIfChanged);
    assertNull(file.readIfChanged(), "one failure is told once");
    Files.createDirectory(path);
    assertThrows(IOException.class, file::readIfChanged, "another one");
    Files.delete(path);
    Files.writeString(path, "mappings: [{match: a, name: b}]");
    assertEquals(1, file.readIfChanged().size());
    Files.delete(path);
    assertThrows(IOException.class, file::readIfChanged, "it could be read meanwhile");
  }

  @Test
  void changesWhatLinesCountInFromThenOn() throws IOException {
    try (Lines bridge = new Lines(directory)) {
      bridge.send("a.b:1|c\na.b:1|c");
      bridge.reader.use(MappingParser.parse("mappings: [{match: a.b, name: c}]", "map.yml"));
      bridge.send("a.b:5|c");
      assertEquals(2, bridge.samples().get("a_b_total"));
      assertEquals(5, bridge.samples().get("c_total"));
    }
  }
}
