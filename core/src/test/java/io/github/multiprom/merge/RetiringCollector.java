package io.github.multiprom.merge;

import io.github.multiprom.internal.directory.DirectoryReader;
import io.github.multiprom.internal.directory.RetiringPass;
import io.github.multiprom.internal.worker.MappedIncarnation;
import io.github.multiprom.internal.worker.StoreUnderTest;
import io.github.multiprom.model.DirectorySnapshot;
import io.github.multiprom.model.EpochClock;
import io.github.multiprom.model.FamilyDescriptor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/**
 * A process that scrapes and retires all the time, and checks that the counter of {@link
 * ChurnWorker} never falls and that the files stay few.
 */
final class RetiringCollector {
  static final FamilyDescriptor COUNTER = WorkerDirectory.counter("churn");

  private static final long MAX_MINUTES = 60;
  private static final long PAUSE_NANOS = 5_000_000;

  private final Path directory;
  private final DirectoryReader reader;
  private final MultiprocessCollector collector;
  private final List<Long> scrapeNanos = new ArrayList<>();
  private double last;
  private int passes;
  private int retired;
  private final int moreFiles;
  private final boolean pauses;

  private RetiringCollector(Path directory, int openers, boolean pauses) {
    this.directory = directory;
    this.moreFiles = 2 * openers;
    this.pauses = pauses;
    this.reader = new DirectoryReader(directory);
    this.collector = new MultiprocessCollector(directory);
  }

  /**
   * Arguments: the directory; a file that ends the process by existing; how many workers may be
   * opening their stores at a time, apart from those that a few files more allow for; {@code
   * worker} for a collector that is itself a live worker, which counts 1, or {@code pause} for one
   * that leaves the processor to others in between. Prints {@code ready}, and at the end a report
   * that begins with {@code ok}.
   */
  public static void main(String[] arguments) throws IOException {
    Path directory = Path.of(arguments[0]);
    Path stop = Path.of(arguments[1]);
    String manner = arguments.length > 3 ? arguments[3] : "";
    MappedIncarnation worker = null;
    if (manner.equals("worker")) {
      worker = MappedIncarnation.inDirectory(directory, StoreUnderTest.options("collector", 4));
      int family = worker.addFamily(COUNTER);
      worker.counter(worker.addSeries(family, List.of(), EpochClock.nowNanos())).add(1);
    }
    int openers = arguments.length > 2 ? Integer.parseInt(arguments[2]) : 0;
    RetiringCollector process = new RetiringCollector(directory, openers, manner.equals("pause"));
    String report = process.run(stop);
    System.out.println(report);
    if (worker != null) {
      worker.close();
    }
  }

  private String run(Path stop) throws IOException {
    long end = System.nanoTime() + TimeUnit.MINUTES.toNanos(MAX_MINUTES);
    ProcessHandle test = ProcessHandle.current().parent().orElseThrow();
    while (!Files.exists(stop) && System.nanoTime() - end < 0 && test.isAlive()) {
      String failure = scrape();
      failure = failure == null ? pass() : failure;
      if (failure != null) {
        return failure;
      }
      if (scrapeNanos.size() == 1) {
        System.out.println("ready");
      }
      if (pauses) {
        LockSupport.parkNanos(PAUSE_NANOS);
      }
    }
    collector.close();
    reader.close();
    int tenth = scrapeNanos.size() / 10;
    return "ok, %d scrapes, %d passes, %d retired, scrape of %d us at the start, %d us at the end"
        .formatted(
            scrapeNanos.size(),
            passes,
            retired,
            medianMicros(scrapeNanos.subList(tenth, 2 * tenth + 1)),
            medianMicros(scrapeNanos.subList(scrapeNanos.size() - 1 - tenth, scrapeNanos.size())));
  }

  private static long medianMicros(List<Long> nanos) {
    List<Long> sorted = new ArrayList<>(nanos);
    Collections.sort(sorted);
    return sorted.get(sorted.size() / 2) / 1000;
  }

  private String scrape() {
    long start = System.nanoTime();
    double now = total(collector);
    scrapeNanos.add(System.nanoTime() - start);
    if (now < last) {
      return "fell from " + last + " to " + now;
    }
    last = now;
    return null;
  }

  /** The merged counter; 0 if there is none. */
  static double total(MultiprocessCollector collector) {
    return collector.merge(
        family -> family.name().equals(COUNTER.name()),
        families -> {
          boolean hasSeries = !families.isEmpty() && families.get(0).seriesCount() > 0;
          return hasSeries ? families.get(0).values()[0] : 0.0;
        });
  }

  /** Runs a pass and counts the files before another pass can begin. */
  private String pass() throws IOException {
    try (RetiringPass pass = RetiringPass.begin(RetiringPass.users(reader).get(0), reader)) {
      if (pass == null) {
        return null;
      }
      passes++;
      retired += Retirer.retire(pass);
      List<String> files;
      try (Stream<Path> listing = Files.list(directory)) {
        files = listing.map(file -> file.getFileName().toString()).toList();
      }
      DirectorySnapshot after = reader.read();
      return files.size()
              <= StoreUnderTest.workerFileCount() * after.workers().size() + 6 + moreFiles
          ? null
          : after.workers().size() + " workers, and files " + files;
    }
  }
}
