package io.github.multiprom.exposition.http;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.multiprom.exposition.format.ExpositionFormat;
import io.github.multiprom.merge.MultiprocessCollector;
import io.github.multiprom.metrics.Counter;
import io.github.multiprom.metrics.Gauge;
import io.github.multiprom.metrics.Histogram;
import io.github.multiprom.metrics.Summary;
import io.github.multiprom.metrics.Worker;
import io.prometheus.client.CollectorRegistry;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class ScrapesTest {
  private static final List<ExpositionFormat> TEXTS =
      List.of(ExpositionFormat.TEXT, ExpositionFormat.OPENMETRICS);

  @TempDir Path directory;

  private Worker worker;
  private MultiprocessCollector collector;
  private Scrapes scrapes;

  @BeforeEach
  void open() {
    worker = Worker.builder().directory(directory).open();
    CollectorRegistry registry = new CollectorRegistry();
    Counter.build("job", "Help.").worker(worker).register(registry);
    Counter.build("jobs", "Help.").worker(worker).register(registry);
    Counter.build("jobs_total_count", "Help.").worker(worker).register(registry);
    Gauge.build("depth", "Help.").worker(worker).register(registry);
    Histogram.build("latency", "Help.").buckets(1).worker(worker).register(registry);
    Summary.build("size", "Help.").worker(worker).register(registry);
    collector = new MultiprocessCollector(directory);
    scrapes = new Scrapes(collector, length -> {});
  }

  @AfterEach
  void close() {
    collector.close();
    worker.close();
  }

  private Set<String> sampleNames(ExpositionFormat format, Set<String> names) {
    String text =
        new String(scrapes.named(format, names).plain().toByteArray(), StandardCharsets.UTF_8);
    return text.lines()
        .filter(line -> !line.startsWith("#"))
        .map(line -> line.substring(0, line.indexOf(line.contains("{") ? '{' : ' ')))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  @ParameterizedTest
  @CsvSource({
    "jobs, jobs_created jobs_total",
    "jobs_total, jobs_total",
    "jobs_created, jobs_created",
    "job, job_created job_total",
    "jobs_total_count, jobs_total_count_created jobs_total_count_total",
    "depth, depth",
    "latency, latency_bucket latency_count latency_created latency_sum",
    "latency_bucket, latency_bucket",
    "latency_count, latency_count",
    "latency_sum, latency_sum",
    "latency_created, latency_created",
    "size, size_count size_created size_sum",
    "size_sum, size_sum",
    "latency_sum size_count depth, depth latency_sum size_count",
    "latency latency_sum, latency_bucket latency_count latency_created latency_sum",
    "multiprom_workers, multiprom_workers",
    "latenc, ''",
    "latency_sums, ''",
    "jobs_count, ''",
    "depth_created, ''",
    "'', ''"
  })
  void selectFamiliesAndSamplesByName(String names, String expected) {
    for (ExpositionFormat format : TEXTS) {
      assertEquals(
          expected, String.join(" ", sampleNames(format, Set.of(names.split(" ")))), names);
    }
  }

  @ParameterizedTest
  @EnumSource
  void writeNothingButTheEndIfNothingIsSelected(ExpositionFormat format) {
    assertEquals(
        format == ExpositionFormat.OPENMETRICS ? "# EOF\n" : "",
        new String(
            scrapes.named(format, Set.of("none")).plain().toByteArray(), StandardCharsets.UTF_8));
  }

  @Test
  void selectAFamilyAsItIsInAWholeScrape() {
    for (ExpositionFormat format : TEXTS) {
      String all = new String(scrapes.all(format).plain().toByteArray(), StandardCharsets.UTF_8);
      String one =
          new String(
              scrapes.named(format, Set.of("latency")).plain().toByteArray(),
              StandardCharsets.UTF_8);
      String expected =
          all.lines()
              .filter(line -> line.matches("(# (TYPE|HELP) )?latency(_\\w+)?[{ ].*|# EOF"))
              .map(line -> line + "\n")
              .collect(Collectors.joining());
      assertEquals(expected, one);
    }
  }
}
