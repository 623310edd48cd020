package io.github.multiprom.metrics;

import static java.util.stream.Collectors.joining;

import io.prometheus.client.CollectorRegistry;
import io.prometheus.client.exporter.common.TextFormat;
import java.io.IOException;
import java.io.StringWriter;

/** What a registry shows, as text that tests compare. */
final class Expositions {
  private Expositions() {}

  /** Text 0.0.4, its lines sorted, with the times of creation masked. */
  static String text(CollectorRegistry registry) throws IOException {
    StringWriter text = new StringWriter();
    TextFormat.write004(text, registry.metricFamilySamples());
    return sorted(text.toString());
  }

  /** OpenMetrics 1.0.0, its lines sorted, with the times of creation masked. */
  static String openMetrics(CollectorRegistry registry) throws IOException {
    StringWriter text = new StringWriter();
    TextFormat.writeOpenMetrics100(text, registry.metricFamilySamples());
    return sorted(text.toString());
  }

  /** The samples whose line starts so, without comments and times of creation. */
  static String samples(CollectorRegistry registry, String prefix) throws IOException {
    return text(registry)
        .lines()
        .filter(line -> line.startsWith(prefix) && !line.contains("_created"))
        .collect(joining("\n"));
  }

  private static String sorted(String text) {
    return text.lines()
        .map(line -> line.replaceAll("( # .* )\\d{10}[.]\\d{3}$", "$1TIME"))
        .map(line -> line.replaceAll("^([a-zA-Z0-9_:]+_created(\\{.*})?) .*$", "$1 MASKED"))
        .sorted()
        .collect(joining("\n"));
  }
}
