package io.github.multiprom.opentelemetry;

import io.github.multiprom.merge.MultiprocessCollector;
import io.github.multiprom.metrics.Worker;
import io.github.multiprom.model.NativeBuckets;
import io.opentelemetry.sdk.metrics.SdkMeterProvider;
import io.prometheus.client.Collector.MetricFamilySamples;
import io.prometheus.client.exporter.common.TextFormat;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;

/** The text of a directory. */
final class Shown {
  private Shown() {}

  /** Samples, however long that takes: a flush waits two seconds for it. */
  static void flush(SdkMeterProvider provider, Worker worker) {
    provider.forceFlush();
    worker.sampler().sampleNow(Duration.ofMinutes(1));
  }

  /** All but Multiprom's own metrics and the times when series were made, families by name. */
  static String of(Path directory) {
    MultiprocessCollector collector = new MultiprocessCollector(directory);
    StringWriter text = new StringWriter();
    try {
      List<MetricFamilySamples> families =
          collector.collect().stream()
              .filter(family -> !family.name.startsWith("multiprom_"))
              .sorted(Comparator.comparing(family -> family.name))
              .toList();
      TextFormat.write004(text, Collections.enumeration(families));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      collector.close();
    }
    StringBuilder kept = new StringBuilder();
    text.toString()
        .lines()
        .filter(line -> !line.contains("_created"))
        .forEach(line -> kept.append(line).append('\n'));
    return kept.toString();
  }

  /** The native buckets of a family with one series; null if it has none. */
  static NativeBuckets nativeBuckets(Path directory, String name) {
    try (MultiprocessCollector collector = new MultiprocessCollector(directory)) {
      return collector.merge(
          family -> family.name().equals(name), families -> families.get(0).nativeBuckets(0));
    }
  }
}
