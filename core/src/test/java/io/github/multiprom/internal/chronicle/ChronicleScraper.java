package io.github.multiprom.internal.chronicle;

import io.github.multiprom.merge.MultiprocessCollector;
import java.nio.file.Path;

/**
 * The collector of {@link ChronicleKillProcessTest}: scrapes without a pause until it is killed.
 */
final class ChronicleScraper {
  private ChronicleScraper() {}

  /** Argument: the directory. Prints {@code scraped} after the first scrape. */
  public static void main(String[] arguments) {
    try (MultiprocessCollector collector = new MultiprocessCollector(Path.of(arguments[0]))) {
      collector.collect();
      System.out.println("scraped");
      while (!System.out.checkError()) {
        collector.collect();
      }
    }
  }
}
