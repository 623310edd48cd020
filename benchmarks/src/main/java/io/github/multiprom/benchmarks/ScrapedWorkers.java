package io.github.multiprom.benchmarks;

import io.github.multiprom.internal.cell.CounterCell;
import io.github.multiprom.internal.worker.MappedIncarnation;
import io.github.multiprom.internal.worker.StoreKind;
import io.github.multiprom.internal.worker.StoreOptions;
import io.github.multiprom.model.FamilyDescriptor;
import io.github.multiprom.model.GaugeFold;
import io.github.multiprom.model.MetricType;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/**
 * Live workers with equal counters, all in one process of their own: a collector probes the leases
 * of its own process in another way than those of others.
 */
public final class ScrapedWorkers implements AutoCloseable {
  private static final int MAX_LANES = 64;

  private final MetricsFolder folder;
  private final Process process;

  /**
   * Starts the process, and returns when all counters were counted.
   *
   * @param workers how many workers
   * @param series counters of each
   * @param lanes how many threads of each worker have counted every counter
   */
  public ScrapedWorkers(int workers, int series, int lanes) throws IOException {
    this(workers, series, lanes, "mapped");
  }

  /**
   * Starts the process, and returns when all counters were counted.
   *
   * @param workers how many workers
   * @param series counters of each
   * @param lanes how many threads of each worker have counted every counter
   * @param store where the cells are kept
   */
  public ScrapedWorkers(int workers, int series, int lanes, String store) throws IOException {
    folder = new MetricsFolder();
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(ChronicleFlags.ALL);
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.addAll(List.of(ScrapedWorkers.class.getName(), folder.path.toString()));
    command.addAll(List.of("" + workers, "" + series, "" + lanes, store));
    process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    if (process.getInputStream().read() < 0
        || folder.mapCount() != (store.equals("chronicle") ? workers : 0)) {
      close();
      throw new IOException("the workers could not be made with store " + store);
    }
  }

  /** The metrics directory. */
  public Path directory() {
    return folder.path;
  }

  /** The worker files. */
  public List<Path> files() throws IOException {
    List<Path> files = new ArrayList<>();
    try (DirectoryStream<Path> all = Files.newDirectoryStream(folder.path, "*.worker")) {
      all.forEach(files::add);
    }
    return files;
  }

  /** Ends the process and deletes the files. */
  @Override
  public void close() {
    process.destroyForcibly();
    process.onExit().join();
    folder.close();
  }

  /**
   * Makes workers and keeps them until the process is killed.
   *
   * @param args directory, workers, series, lanes, store
   */
  public static void main(String[] args) throws IOException, InterruptedException {
    int workers = Integer.parseInt(args[1]);
    List<MappedIncarnation> incarnations = new ArrayList<>();
    List<CounterCell> cells = new ArrayList<>();
    for (int worker = 0; worker < workers; worker++) {
      MappedIncarnation incarnation =
          MappedIncarnation.inDirectory(
              Path.of(args[0]),
              new StoreOptions(
                  "w" + worker,
                  MAX_LANES,
                  StoreOptions.DEFAULT_MAX_SERIES,
                  StoreKind.ofName(args[4])));
      incarnations.add(incarnation);
      addCounters(incarnation, Integer.parseInt(args[2]), cells);
    }
    count(cells, Integer.parseInt(args[2]), Integer.parseInt(args[3]));
    System.out.println();
    // Until the starting process closes the input, or ends.
    while (System.in.read() >= 0) {}
    incarnations.forEach(MappedIncarnation::close);
  }

  private static void addCounters(
      MappedIncarnation incarnation, int series, List<CounterCell> cells) throws IOException {
    int family =
        incarnation.addFamily(
            new FamilyDescriptor(
                "http_requests",
                MetricType.COUNTER,
                "Requests served.",
                "",
                List.of("method", "path"),
                GaugeFold.SUM,
                false,
                List.of()));
    for (int i = 0; i < series; i++) {
      cells.add(
          incarnation.counter(
              incarnation.addSeries(family, List.of("GET", "/path/" + i), 1_000_000_000L)));
    }
  }

  /** Every thread lives until all have counted: a lane that is free would be used again. */
  private static void count(List<CounterCell> cells, int series, int lanes)
      throws InterruptedException {
    CountDownLatch counted = new CountDownLatch(lanes);
    List<Thread> threads = new ArrayList<>();
    for (int lane = 0; lane < lanes; lane++) {
      Thread thread =
          new Thread(
              () -> {
                for (int i = 0; i < cells.size(); i++) {
                  int number = i % series;
                  cells.get(i).add(number % 2 == 0 ? number : number * 0.1);
                }
                counted.countDown();
                try {
                  counted.await();
                } catch (InterruptedException e) {
                  Thread.currentThread().interrupt();
                }
              });
      threads.add(thread);
      thread.start();
    }
    for (Thread thread : threads) {
      thread.join();
    }
  }
}
