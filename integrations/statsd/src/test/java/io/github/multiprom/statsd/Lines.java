package io.github.multiprom.statsd;

import io.github.multiprom.exposition.format.ExpositionFormat;
import io.github.multiprom.exposition.format.TextWriter;
import io.github.multiprom.merge.MultiprocessCollector;
import io.github.multiprom.metrics.Worker;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.SortedMap;
import java.util.TreeMap;

/** Datagrams that are read without a socket, and what is exposed then. */
final class Lines implements AutoCloseable {
  final SeriesTable table;
  final DatagramReader reader;
  private final Worker worker;
  private final MultiprocessCollector collector;

  Lines(Path directory, Mapping mapping) {
    worker = Worker.builder().directory(directory).name("statsd").open();
    collector = new MultiprocessCollector(directory);
    table = new SeriesTable(worker, 100_000);
    reader = new DatagramReader(table, mapping, new BridgeMetrics(worker));
  }

  Lines(Path directory) {
    this(directory, Mapping.NONE);
  }

  Lines send(String datagram) {
    return send(datagram.getBytes(StandardCharsets.UTF_8));
  }

  Lines send(byte[] datagram) {
    reader.read(datagram, datagram.length, false);
    return this;
  }

  /** All samples by name and labels, of all workers. */
  SortedMap<String, Double> samples() {
    return samples(text(collector));
  }

  /** All samples of a text. */
  static SortedMap<String, Double> samples(String text) {
    SortedMap<String, Double> samples = new TreeMap<>();
    // No other character ends a line.
    Arrays.stream(text.split("\n", -1))
        .filter(line -> !line.isEmpty())
        .filter(line -> !line.startsWith("#"))
        .forEach(
            line -> {
              int space = line.lastIndexOf(' ');
              String number = line.substring(space + 1).replace("Inf", "Infinity");
              samples.put(line.substring(0, space), Double.valueOf(number));
            });
    return samples;
  }

  /** What a scrape of a directory shows. */
  static String text(Path directory) {
    try (MultiprocessCollector collector = new MultiprocessCollector(directory)) {
      return text(collector);
    }
  }

  private static String text(MultiprocessCollector collector) {
    byte[] text =
        collector.merge(
            family -> true,
            families -> new TextWriter(ExpositionFormat.TEXT).write(families, name -> true));
    return new String(text, StandardCharsets.UTF_8);
  }

  /** How many lines were refused for a reason. */
  double refused(Refusal refusal) {
    return samples().get("multiprom_statsd_line_errors_total{reason=\"" + refusal.label() + "\",}");
  }

  @Override
  public void close() {
    collector.close();
    worker.close();
  }
}
