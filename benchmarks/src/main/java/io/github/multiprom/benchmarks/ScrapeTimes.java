package io.github.multiprom.benchmarks;

import io.github.multiprom.exposition.ExpositionFormat;
import io.github.multiprom.exposition.TextWriter;
import io.github.multiprom.merge.MultiprocessCollector;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;

/** Prints what scrapes of a directory cost; called by the script {@code compare-scrape}. */
public final class ScrapeTimes {
  private static final double NANOS_PER_MILLISECOND = 1e6;

  private ScrapeTimes() {}

  /**
   * Prints two lines, {@code cold} and {@code warm}: the median of milliseconds, and bytes.
   *
   * @param arguments directory for the files, workers, series, rounds
   */
  public static void main(String... arguments) throws IOException {
    Path directory = Path.of(arguments[0]);
    int workers = Integer.parseInt(arguments[1]);
    int series = Integer.parseInt(arguments[2]);
    int rounds = Integer.parseInt(arguments[3]);
    // Other data first: what is measured is not how a JVM starts.
    Path other = directory.resolve("other");
    try (CounterFiles counters = new CounterFiles(other, workers, series, 1, true)) {
      for (int i = 0; i < 3; i++) {
        cold(other, 3);
      }
    }
    Path own = directory.resolve("own");
    try (CounterFiles counters = new CounterFiles(own, workers, series, 1, true)) {
      cold(own, rounds);
      warm(own, 20 * rounds);
      print("cold", cold(own, rounds));
      print("warm", warm(own, 20 * rounds));
    }
  }

  private record Times(double medianMillis, int bytes) {}

  private static Times cold(Path directory, int rounds) {
    double[] millis = new double[rounds];
    int bytes = 0;
    for (int i = 0; i < rounds; i++) {
      try (MultiprocessCollector collector = new MultiprocessCollector(directory)) {
        TextWriter writer = new TextWriter(ExpositionFormat.TEXT);
        long start = System.nanoTime();
        bytes = scrape(collector, writer);
        millis[i] = (System.nanoTime() - start) / NANOS_PER_MILLISECOND;
      }
    }
    return median(millis, bytes);
  }

  private static Times warm(Path directory, int rounds) {
    double[] millis = new double[rounds];
    int bytes = 0;
    try (MultiprocessCollector collector = new MultiprocessCollector(directory)) {
      TextWriter writer = new TextWriter(ExpositionFormat.TEXT);
      scrape(collector, writer);
      for (int i = 0; i < rounds; i++) {
        long start = System.nanoTime();
        bytes = scrape(collector, writer);
        millis[i] = (System.nanoTime() - start) / NANOS_PER_MILLISECOND;
      }
    }
    return median(millis, bytes);
  }

  private static int scrape(MultiprocessCollector collector, TextWriter writer) {
    return collector.merge(family -> true, families -> writer.write(families, name -> true)).length;
  }

  private static Times median(double[] millis, int bytes) {
    Arrays.sort(millis);
    return new Times(millis[millis.length / 2], bytes);
  }

  private static void print(String state, Times times) {
    System.out.println(state + " " + times.medianMillis + " " + times.bytes);
  }
}
