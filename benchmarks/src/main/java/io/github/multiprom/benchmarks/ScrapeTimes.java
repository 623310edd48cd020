package io.github.multiprom.benchmarks;

import io.github.multiprom.exposition.format.ExpositionFormat;
import io.github.multiprom.exposition.format.TextWriter;
import io.github.multiprom.merge.MultiprocessCollector;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.function.IntSupplier;

/** Times scrapes for {@code benchmarks/compare-scrape}, which times other clients beside them. */
public final class ScrapeTimes {
  private static final double NANOS_PER_SECOND = 1e9;

  /** A long-running collector is compiled. */
  private static final int WARM_UP = 30;

  private ScrapeTimes() {}

  private static final class Scraper implements AutoCloseable {
    private final MultiprocessCollector collector;
    private final TextWriter writer = new TextWriter(ExpositionFormat.TEXT);

    Scraper(Path directory) {
      collector = new MultiprocessCollector(directory);
    }

    int scrape() {
      // The others show no created samples either.
      return collector.merge(
          family -> true,
          families -> writer.write(families, name -> !name.endsWith("_created")).length);
    }

    @Override
    public void close() {
      collector.close();
    }
  }

  /**
   * Prints, for a warm and for a cold scrape, one line with the median of the seconds and the
   * number of bytes.
   *
   * @param args workers, series, how many scrapes to time
   */
  public static void main(String[] args) throws IOException {
    int workers = Integer.parseInt(args[0]);
    int series = Integer.parseInt(args[1]);
    int times = Integer.parseInt(args[2]);
    // The JVM is warmed by other data.
    try (ScrapedWorkers scraped = new ScrapedWorkers((workers + 3) / 4, series, 1)) {
      measure(WARM_UP, () -> coldScrape(scraped.directory()));
    }
    try (ScrapedWorkers scraped = new ScrapedWorkers(workers, series, 1)) {
      print("cold", measure(times, () -> coldScrape(scraped.directory())));
      try (Scraper scraper = new Scraper(scraped.directory())) {
        measure(WARM_UP, scraper::scrape);
        print("warm", measure(times, scraper::scrape));
      }
    }
  }

  private static int coldScrape(Path directory) {
    try (Scraper scraper = new Scraper(directory)) {
      return scraper.scrape();
    }
  }

  private record Result(double seconds, int bytes) {}

  private static Result measure(int times, IntSupplier scrape) {
    double[] seconds = new double[times];
    int bytes = 0;
    for (int i = 0; i < times; i++) {
      long start = System.nanoTime();
      bytes = scrape.getAsInt();
      seconds[i] = (System.nanoTime() - start) / NANOS_PER_SECOND;
    }
    Arrays.sort(seconds);
    return new Result(seconds[times / 2], bytes);
  }

  private static void print(String state, Result result) {
    System.out.println(state + " " + result.seconds + " " + result.bytes);
  }
}
