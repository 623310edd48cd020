package io.github.multiprom.benchmarks;

import io.github.multiprom.benchmarks.ChangingWorkers.Change;
import io.github.multiprom.exposition.format.ExpositionFormat;
import io.github.multiprom.exposition.format.TextWriter;
import io.github.multiprom.merge.MultiprocessCollector;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * Times scrapes after something changed beside warm ones, in turn. In one run, because ratios
 * count.
 *
 * <pre>java -cp benchmarks.jar io.github.multiprom.benchmarks.ChangedScrapeTimes 50 10000 40</pre>
 */
public final class ChangedScrapeTimes {
  private static final double NANOS_PER_MS = 1e6;

  /** A long-running collector is compiled. */
  private static final int WARM_UP = 30;

  private static final int WARM_SCRAPES = 3;

  private ChangedScrapeTimes() {}

  /**
   * Prints for each change the medians of the milliseconds of a warm scrape and of a scrape after
   * the change, their ratio, the ratio of the processor time that the scraping thread used, and the
   * heap that is in use after a collection of garbage.
   *
   * @param args workers, series, how often to change
   */
  public static void main(String[] args) throws IOException {
    int times = Integer.parseInt(args[2]);
    try (ChangingWorkers workers =
            new ChangingWorkers(Integer.parseInt(args[0]), Integer.parseInt(args[1]));
        MultiprocessCollector collector = new MultiprocessCollector(workers.directory())) {
      TextWriter writer = new TextWriter(ExpositionFormat.TEXT);
      for (int i = 0; i < WARM_UP; i++) {
        scrape(collector, writer);
      }
      // Twice: the first time compiles what a change runs.
      for (String heading : List.of("warming up", "measured")) {
        System.out.println(heading);
        for (Change change : Change.values()) {
          List<Time> changed = new ArrayList<>();
          List<Time> warm = new ArrayList<>();
          for (int i = 0; i < times; i++) {
            if (change == Change.RETIRE) {
              workers.make(Change.START);
              scrape(collector, writer);
            }
            workers.make(change);
            changed.add(scrape(collector, writer));
            for (int j = 0; j < WARM_SCRAPES; j++) {
              warm.add(scrape(collector, writer));
            }
            if (change == Change.START) {
              workers.make(Change.RETIRE);
              scrape(collector, writer);
            }
          }
          System.out.printf(
              "%-10s warm %6.2f ms, changed %6.2f ms, ratio %5.2f, of processor time %5.2f, heap %d"
                  + " KiB%n",
              change,
              median(warm, Time::ms),
              median(changed, Time::ms),
              median(changed, Time::ms) / median(warm, Time::ms),
              median(changed, Time::cpuMs) / median(warm, Time::cpuMs),
              heapKib());
        }
      }
    }
  }

  private record Time(double ms, double cpuMs) {}

  private static Time scrape(MultiprocessCollector collector, TextWriter writer) {
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    long cpuStart = threads.getCurrentThreadCpuTime();
    long start = System.nanoTime();
    // Other clients show no created samples either.
    collector.merge(
        family -> true, families -> writer.write(families, name -> !name.endsWith("_created")));
    long nanos = System.nanoTime() - start;
    return new Time(
        nanos / NANOS_PER_MS, (threads.getCurrentThreadCpuTime() - cpuStart) / NANOS_PER_MS);
  }

  private static double median(List<Time> times, ToDoubleFunction<Time> what) {
    double[] sorted = times.stream().mapToDouble(what).sorted().toArray();
    return sorted[sorted.length / 2];
  }

  private static long heapKib() {
    System.gc();
    Runtime runtime = Runtime.getRuntime();
    return (runtime.totalMemory() - runtime.freeMemory()) >> 10;
  }
}
