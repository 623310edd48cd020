package io.github.multiprom.benchmarks;

import io.github.multiprom.metrics.Counter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Times the processors' work, user and system, of JVMs that end with their first increment. */
public final class StartCpuTimes {
  private static final double MS_PER_SECOND = 1e3;
  private static final List<String> KINDS = List.of("nothing", "simpleclient", "multiprom");

  private StartCpuTimes() {}

  /**
   * Starts JVMs in turn and prints the medians in milliseconds, and their ratio to simpleclient's.
   *
   * @param args how many times; or, in the JVMs that are timed, a kind and the directory
   */
  public static void main(String[] args) throws IOException, InterruptedException {
    if (args.length == 2) {
      incrementOnce(args[0], args[1]);
      return;
    }
    int times = Integer.parseInt(args[0]);
    double[][] results = new double[KINDS.size()][times];
    for (int i = 0; i < times; i++) {
      for (int kind = 0; kind < KINDS.size(); kind++) {
        results[kind][i] = cpuMs(KINDS.get(kind));
      }
    }
    double peer = median(results[KINDS.indexOf("simpleclient")]);
    for (int kind = 0; kind < KINDS.size(); kind++) {
      double own = median(results[kind]);
      System.out.printf("%-14s %6.0f ms %6.2f%n", KINDS.get(kind), own, own / peer);
    }
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }

  private static double cpuMs(String kind) throws IOException, InterruptedException {
    try (MetricsFolder folder = new MetricsFolder()) {
      String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
      List<String> command = new ArrayList<>();
      // Only a shell tells what a process used that has ended, and to the millisecond.
      command.addAll(List.of("bash", "-c", "TIMEFORMAT='%U %S'; time \"$@\" 2>/dev/null", "time"));
      command.addAll(List.of(java, "-cp", System.getProperty("java.class.path")));
      command.addAll(List.of(StartCpuTimes.class.getName(), kind, folder.path.toString()));
      Process process = new ProcessBuilder(command).start();
      String line = process.errorReader().readLine();
      if (process.waitFor() != 0 || line == null) {
        throw new IOException("failed: " + command);
      }
      String[] userAndSystem = line.split(" ", 2);
      return MS_PER_SECOND
          * (Double.parseDouble(userAndSystem[0]) + Double.parseDouble(userAndSystem[1]));
    }
  }

  private static void incrementOnce(String kind, String directory) {
    if (kind.equals("simpleclient")) {
      io.prometheus.client.Counter.build("c", "Help.").register().inc();
    } else if (kind.equals("multiprom")) {
      System.setProperty("multiprom.dir", directory);
      Counter.build("c", "Help.").register().inc();
    }
    Runtime.getRuntime().halt(0);
  }
}
