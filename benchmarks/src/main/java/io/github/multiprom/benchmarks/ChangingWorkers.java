package io.github.multiprom.benchmarks;

import io.github.multiprom.internal.worker.MappedIncarnation;
import io.github.multiprom.internal.worker.StoreKind;
import io.github.multiprom.internal.worker.StoreOptions;
import io.github.multiprom.merge.MultiprocessCollector;
import io.github.multiprom.model.EpochClock;
import io.github.multiprom.model.FamilyDescriptor;
import io.github.multiprom.model.GaugeFold;
import io.github.multiprom.model.MetricType;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Live workers with equal counters, all in one process of their own, which change when they are
 * told to.
 */
final class ChangingWorkers implements AutoCloseable {
  /** What the workers are told to do. */
  enum Change {
    /** One worker adds a series, whose label sorts into the middle. */
    ADD,
    /** A worker starts, with the series that the others have. */
    START,
    /** The worker that started last ends, and is retired. */
    RETIRE,
    /** One worker removes 100 series that it alone has, and adds 100. */
    CHURN_ONE,
    /** Each worker removes the same 100 series, and adds the same 100. */
    CHURN_ALL
  }

  private static final List<Change> CHANGES = List.of(Change.values());

  private static final int MAX_LANES = 64;
  private static final int CHURNED = 100;
  private static final FamilyDescriptor FAMILY =
      new FamilyDescriptor(
          "http_requests",
          MetricType.COUNTER,
          "Requests served.",
          "",
          List.of("method", "path"),
          GaugeFold.SUM,
          false,
          List.of());

  private final MetricsFolder folder;
  private final Process process;

  /** Starts the process, and returns when all counters were counted. */
  ChangingWorkers(int workers, int series) throws IOException {
    folder = new MetricsFolder();
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.addAll(List.of(ChangingWorkers.class.getName(), folder.path.toString()));
    command.addAll(List.of("" + workers, "" + series));
    process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    awaitAnswer();
  }

  /** The metrics directory. */
  Path directory() {
    return folder.path;
  }

  /** Lets the workers change. */
  void make(Change change) throws IOException {
    process.getOutputStream().write(CHANGES.indexOf(change));
    process.getOutputStream().flush();
    awaitAnswer();
  }

  private void awaitAnswer() throws IOException {
    if (process.getInputStream().read() < 0) {
      close();
      throw new IOException("the workers' process has ended");
    }
  }

  /** Ends the process and deletes the files. */
  @Override
  public void close() {
    process.destroyForcibly();
    process.onExit().join();
    folder.close();
  }

  private static final class Workers {
    final Path directory;
    final int series;
    // Retires.
    final MultiprocessCollector collector;
    final List<MappedIncarnation> live = new ArrayList<>();
    final List<List<Integer>> churned = new ArrayList<>();
    int started;
    int added;

    Workers(Path directory, int series) {
      this.directory = directory;
      this.series = series;
      collector = new MultiprocessCollector(directory);
    }

    void start() throws IOException {
      MappedIncarnation worker =
          MappedIncarnation.inDirectory(
              directory,
              new StoreOptions(
                  "w" + started++, MAX_LANES, StoreOptions.DEFAULT_MAX_SERIES, StoreKind.MAPPED));
      worker.addFamily(FAMILY);
      for (int i = 0; i < series; i++) {
        int number = worker.addSeries(0, List.of("GET", "/path/" + i), 1_000_000_000L);
        worker.counter(number).add(i % 2 == 0 ? i : i * 0.1);
      }
      live.add(worker);
      churned.add(new ArrayList<>());
    }

    void add(int worker, String path) throws IOException {
      int number = live.get(worker).addSeries(0, List.of("GET", path), EpochClock.nowNanos());
      live.get(worker).counter(number).add(1);
      churned.get(worker).add(number);
    }

    void churn(int worker, String name) throws IOException {
      List<Integer> before = churned.get(worker);
      for (int number : before) {
        live.get(worker).remove(number, EpochClock.nowNanos());
      }
      before.clear();
      for (int i = 0; i < CHURNED; i++) {
        add(worker, "/path/" + i * (series / CHURNED) + "/" + name);
      }
    }

    void make(Change change) throws IOException {
      added++;
      switch (change) {
        case ADD -> {
          add(0, "/path/" + series / 2 + "/" + added);
        }
        case START -> start();
        case RETIRE -> retire();
        case CHURN_ONE -> churn(0, "of one " + added);
        case CHURN_ALL -> {
          for (int worker = 0; worker < live.size(); worker++) {
            churn(worker, "of all " + added);
          }
        }
      }
    }

    private void retire() {
      churned.remove(churned.size() - 1);
      live.remove(live.size() - 1).close();
      double dead = 1;
      while (dead > 0) {
        dead =
            collector.merge(
                family -> family.name().equals("multiprom_workers"),
                families -> families.get(0).values()[0]);
      }
    }
  }

  /**
   * Makes workers and lets them change until the process is killed.
   *
   * @param args directory, workers, series
   */
  public static void main(String[] args) throws IOException {
    Workers workers = new Workers(Path.of(args[0]), Integer.parseInt(args[2]));
    for (int i = 0; i < Integer.parseInt(args[1]); i++) {
      workers.start();
    }
    System.out.println();
    // Until the starting process closes the input, or ends.
    for (int change = System.in.read(); change >= 0; change = System.in.read()) {
      workers.make(CHANGES.get(change));
      System.out.println();
    }
  }
}
