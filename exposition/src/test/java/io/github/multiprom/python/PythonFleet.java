package io.github.multiprom.python;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.multiprom.exposition.Peers;
import io.github.multiprom.metrics.Counter;
import io.github.multiprom.metrics.Gauge;
import io.github.multiprom.metrics.GaugeMode;
import io.github.multiprom.metrics.Histogram;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/**
 * Workers of one family in Python and Java. Each counts in rounds and says so after each, until it
 * is told to stop by a line; then it tells how many rounds there were, and lives on until its input
 * ends. One thread.
 */
final class PythonFleet implements AutoCloseable {
  private static final String SCRIPT =
      """
      import os, select, sys
      from prometheus_client import Counter, Gauge, Histogram, CollectorRegistry
      registry = CollectorRegistry()
      jobs = Counter('jobs', 'Jobs.', registry=registry)
      latency = Histogram('latency', 'Latency.', ['path'], buckets=(0.1, 1), registry=registry)
      live = Gauge('live', 'Live.', multiprocess_mode='livesum', registry=registry)
      peak = Gauge('peak', 'Peak.', multiprocess_mode='max', registry=registry)
      live.set(1)
      rounds = 0
      while not select.select([sys.stdin], [], [], 0)[0]:
          jobs.inc()
          latency.labels('/').observe(0.5)
          rounds += 1
          peak.set(rounds)
          print(rounds, flush=True)
      sys.stdin.readline()
      print('total', rounds, flush=True)
      sys.stdin.read()
      """;

  /** A worker in Java. */
  static final class JavaWorker {
    private JavaWorker() {}

    public static void main(String[] arguments) throws IOException {
      Counter jobs = Counter.build("jobs", "Jobs.").register();
      Histogram latency =
          Histogram.build("latency", "Latency.").labelNames("path").buckets(0.1, 1).register();
      Gauge live = Gauge.build("live", "Live.").mode(GaugeMode.LIVESUM).register();
      Gauge peak = Gauge.build("peak", "Peak.").mode(GaugeMode.MAX).register();
      live.set(1);
      int rounds = 0;
      while (System.in.available() == 0) {
        jobs.inc();
        latency.labels("/").observe(0.5);
        rounds++;
        peak.set(rounds);
        say(rounds + "\n");
      }
      while (System.in.read() != '\n') {
        // Until the end of the line.
      }
      say("total " + rounds + "\n");
      System.in.readAllBytes();
    }

    private static void say(String line) {
      System.out.write(line.getBytes(StandardCharsets.US_ASCII), 0, line.length());
      System.out.flush();
    }
  }

  /** One worker. */
  final class Member {
    private final Process process;
    private final BufferedReader output;
    private final Thread reader;
    private volatile long rounds;
    private volatile boolean stopped;

    private Member(ProcessBuilder builder) throws IOException {
      builder.environment().put("PROMETHEUS_MULTIPROC_DIR", directory.toString());
      process = builder.redirectError(ProcessBuilder.Redirect.INHERIT).start();
      output = process.inputReader(StandardCharsets.US_ASCII);
      reader = new Thread(this::read, "rounds");
      reader.setDaemon(true);
      reader.start();
    }

    private void read() {
      try {
        for (String line = output.readLine(); line != null; line = output.readLine()) {
          boolean total = line.startsWith("total ");
          rounds = Long.parseLong(total ? line.substring("total ".length()) : line);
          stopped |= total;
        }
      } catch (IOException | NumberFormatException e) {
        // It was killed in the middle of a line.
      }
    }

    long pid() {
      return process.pid();
    }

    /** How many rounds it has said; all that there were once it is stopped. */
    long rounds() {
      return rounds;
    }

    void kill() throws InterruptedException {
      // Not by the process itself, which would close the pipe with what it has said.
      process.toHandle().destroyForcibly();
      process.waitFor();
      reader.join();
    }

    void stop() throws IOException {
      process.getOutputStream().write('\n');
      process.getOutputStream().flush();
      await("stopped", () -> stopped);
    }
  }

  private static final long DEADLINE_SECONDS = 300;

  private final Path directory;
  private final List<Member> members = new ArrayList<>();

  PythonFleet(Path directory) {
    this.directory = directory;
  }

  Member startPython() throws IOException {
    return add(new ProcessBuilder(Peers.PYTHON, "-c", SCRIPT));
  }

  Member startJava() throws IOException {
    return add(
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xshare:auto",
            "-XX:TieredStopAtLevel=1",
            "-cp",
            System.getProperty("java.class.path"),
            JavaWorker.class.getName()));
  }

  private Member add(ProcessBuilder builder) throws IOException {
    Member member = new Member(builder);
    members.add(member);
    return member;
  }

  /** Waits for a condition. */
  static void await(String what, BooleanSupplier condition) {
    long start = System.nanoTime();
    while (!condition.getAsBoolean()) {
      assertTrue(System.nanoTime() - start < TimeUnit.SECONDS.toNanos(DEADLINE_SECONDS), what);
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
    }
  }

  /** Checks sums of which the last round of killed workers may not be said. */
  static void assertBetween(long least, double actual, long most) {
    assertTrue(least <= actual && actual <= most, least + " <= " + actual + " <= " + most);
    assertEquals(Math.rint(actual), actual);
  }

  @Override
  public void close() throws InterruptedException {
    for (Member member : members) {
      member.kill();
    }
  }
}
