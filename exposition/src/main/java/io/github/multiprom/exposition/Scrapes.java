package io.github.multiprom.exposition;

import io.github.multiprom.merge.MultiprocessCollector;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.EnumMap;
import java.util.Map;
import java.util.Set;
import java.util.zip.GZIPOutputStream;

/** The bodies of scrapes of one collector. Thread-safe; concurrent scrapes share merges. */
final class Scrapes {
  private final MultiprocessCollector collector;
  private final Map<ExpositionFormat, SingleFlight<Body>> flights =
      new EnumMap<>(ExpositionFormat.class);

  /** One rendered scrape, compressed when somebody first asks for that. */
  static final class Body {
    private final byte[] plain;
    private byte[] compressed;

    Body(byte[] plain) {
      this.plain = plain;
    }

    byte[] plain() {
      return plain;
    }

    synchronized byte[] gzip() {
      if (compressed == null) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(plain.length / 8 + 64);
        try (GZIPOutputStream gzip = new GZIPOutputStream(bytes)) {
          gzip.write(plain);
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
        compressed = bytes.toByteArray();
      }
      return compressed;
    }
  }

  Scrapes(MultiprocessCollector collector) {
    this.collector = collector;
    for (ExpositionFormat format : ExpositionFormat.values()) {
      TextWriter writer = new TextWriter(format);
      // Runs of one flight follow one another, so its writer has one thread at a time.
      flights.put(
          format,
          new SingleFlight<>(
              () ->
                  new Body(
                      collector.merge(
                          family -> true, families -> writer.write(families, name -> true)))));
    }
  }

  /** All samples. */
  Body all(ExpositionFormat format) {
    return flights.get(format).get();
  }

  /** The samples with some names; families without one are not merged. */
  Body named(ExpositionFormat format, Set<String> names) {
    return new Body(
        collector.merge(
            family -> names.stream().anyMatch(name -> name.startsWith(family.name())),
            families -> new TextWriter(format).write(families, names::contains)));
  }
}
