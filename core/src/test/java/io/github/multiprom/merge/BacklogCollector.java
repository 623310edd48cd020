package io.github.multiprom.merge;

import java.nio.file.Path;
import java.util.TreeMap;

/** A process that scrapes a directory once. */
final class BacklogCollector {
  private BacklogCollector() {}

  /** Arguments: the directory. Prints what it found there, and how long that took. */
  public static void main(String[] arguments) {
    long start = System.nanoTime();
    try (MultiprocessCollector collector = new MultiprocessCollector(Path.of(arguments[0]))) {
      var families = new TreeMap<String, MergedFamily>();
      collector.merge(
          family -> true,
          all -> {
            all.forEach(family -> families.put(family.descriptor().name(), family));
            return null;
          });
      System.out.printf(
          "%d series of c, %s in the first; %d of g; %.0f retired, %.0f dead%n",
          families.get("c").seriesCount(),
          families.get("c").values()[0],
          families.get("g").seriesCount(),
          families.get("multiprom_retired_workers").values()[0],
          families.get("multiprom_workers").values()[0]);
    }
    System.out.println((System.nanoTime() - start) / 1_000_000);
  }
}
