package io.github.multiprom.benchmarks;

import io.github.multiprom.metrics.Counter;
import io.github.multiprom.metrics.Worker;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Times JVMs that open a worker, count once in each of 100 counters, and end. */
public final class StartTimes {
  private static final double NANOS_PER_MS = 1e6;
  private static final int COUNTERS = 100;

  /** What a JVM does. */
  private enum Kind {
    NOTHING,
    SIMPLECLIENT,
    MAPPED,
    CHRONICLE
  }

  private StartTimes() {}

  /**
   * Starts JVMs in turn and prints, for each kind, the medians of the milliseconds of the whole
   * process and up to the first increment, of the MB of memory, and of the KiB of the directory.
   *
   * @param args how many times; or, in the JVMs that are timed, a kind and the directory
   */
  public static void main(String[] args) throws IOException, InterruptedException {
    if (args.length == 2) {
      count(Kind.valueOf(args[0]), Path.of(args[1]));
      return;
    }
    int times = Integer.parseInt(args[0]);
    Map<Kind, List<double[]>> results = new TreeMap<>();
    for (int i = 0; i < times; i++) {
      for (Kind kind : Kind.values()) {
        results.computeIfAbsent(kind, key -> new ArrayList<>()).add(run(kind));
      }
    }
    System.out.println("kind          process ms  first increment ms  memory MB  directory KiB");
    results.forEach(
        (kind, all) ->
            System.out.printf(
                "%-12s %11.0f %19.1f %10.0f %14.0f%n",
                kind, median(all, 0), median(all, 1), median(all, 2), median(all, 3)));
  }

  private static double median(List<double[]> results, int column) {
    double[] values = results.stream().mapToDouble(result -> result[column]).sorted().toArray();
    return values[values.length / 2];
  }

  private static double[] run(Kind kind) throws IOException, InterruptedException {
    try (MetricsFolder folder = new MetricsFolder()) {
      List<String> command = new ArrayList<>();
      command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
      if (kind == Kind.CHRONICLE) {
        command.addAll(ChronicleFlags.ALL);
      }
      command.addAll(List.of("-cp", System.getProperty("java.class.path")));
      command.addAll(List.of(StartTimes.class.getName(), kind.name(), folder.path.toString()));
      long start = System.nanoTime();
      Process process =
          new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
      String line = process.inputReader().readLine();
      if (process.waitFor() != 0 || line == null) {
        throw new IOException("failed: " + command);
      }
      double wallMs = (System.nanoTime() - start) / NANOS_PER_MS;
      double[] inside = Arrays.stream(line.split(" ")).mapToDouble(Double::parseDouble).toArray();
      return new double[] {wallMs, inside[0], inside[1], kibibytes(folder.path)};
    }
  }

  /** What the file system counts, and not how long the files seem. */
  private static double kibibytes(Path directory) throws IOException {
    Process du = new ProcessBuilder("du", "-sk", directory.toString()).start();
    return Double.parseDouble(du.inputReader().readLine().split("\\s", 2)[0]);
  }

  private static void count(Kind kind, Path directory) throws IOException {
    long start = System.nanoTime();
    long first = start;
    switch (kind) {
      case NOTHING -> {}
      case SIMPLECLIENT -> {
        for (int i = 0; i < COUNTERS; i++) {
          io.prometheus.client.Counter.build("c" + i, "Help.").create().inc();
          first = i == 0 ? System.nanoTime() : first;
        }
      }
      case MAPPED, CHRONICLE -> {
        String store = kind == Kind.MAPPED ? "mapped" : "chronicle";
        Worker worker = Worker.builder().directory(directory).store(store).open();
        for (int i = 0; i < COUNTERS; i++) {
          Counter.build("c" + i, "Help.").worker(worker).create().inc();
          first = i == 0 ? System.nanoTime() : first;
        }
      }
    }
    double memoryMb = 0;
    for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
      if (line.startsWith("VmRSS:")) {
        memoryMb = Double.parseDouble(line.replaceAll("\\D", "")) / 1024;
      }
    }
    System.out.println((first - start) / NANOS_PER_MS + " " + memoryMb);
  }
}
