package io.github.multiprom.exposition;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.InputStream;
import java.lang.ProcessBuilder.Redirect;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** JVMs with equal options on one port, and what happens to the one that serves. */
@Timeout(value = 10, unit = TimeUnit.MINUTES)
class SharedEndpointIT {
  private static final String JAVA =
      Path.of(System.getProperty("java.home"), "bin", "java").toString();
  private static final long DEADLINE_SECONDS = 120;

  /**
   * What a machine without other load needs is a tenth of it; other load does not hit each kill.
   */
  private static final long MAX_LEAST_UNANSWERED_MS = 5_000;

  private static final long MAX_EXIT_SECONDS = 60;

  private static final String LIVE = "multiprom_workers{state=\"live\",}";

  private static final List<String> RISING =
      List.of("jobs_total", "latency_seconds_count", "size_bytes_sum", "done");

  @TempDir Path temporary;

  private final List<Running> all = new ArrayList<>();
  private final Map<String, Double> greatest = new HashMap<>();
  private Path metrics;
  private int port;

  /** A worker, the rounds that it has counted, a line each, and its log. */
  private record Running(Process process, Path rounds, Path log) {
    boolean says(String text) {
      return read(log).contains(text);
    }

    boolean serves() {
      return process.isAlive() && says("by this process\n");
    }

    boolean waits() {
      return says("takes over when that one ends");
    }

    long lines(String text) {
      return read(log).lines().filter(line -> line.contains(text)).count();
    }

    long count() {
      return read(rounds).chars().filter(c -> c == '\n').count();
    }

    private static String read(Path file) {
      try {
        return Files.readString(file);
      } catch (IOException e) {
        throw new AssertionError(e);
      }
    }
  }

  @BeforeEach
  void chooseAPort() throws IOException {
    metrics = temporary.resolve("metrics");
    try (ServerSocket socket = new ServerSocket(0)) {
      port = socket.getLocalPort();
    }
  }

  @AfterEach
  void clean() throws Exception {
    endAll();
    DeletedDirectory.delete(metrics);
  }

  private void endAll() throws InterruptedException {
    for (Running worker : all) {
      worker.process.destroyForcibly();
    }
    for (Running worker : all) {
      worker.process.waitFor();
    }
  }

  private Running start(String... by) throws IOException {
    Path rounds = temporary.resolve("rounds-" + all.size());
    Path log = temporary.resolve("log-" + all.size());
    List<String> command = new ArrayList<>(List.of(by));
    command.addAll(
        List.of(
            JAVA,
            "-Xmx32m",
            "-XX:TieredStopAtLevel=1",
            "-XX:+UseSerialGC",
            "-Dmultiprom.dir=" + metrics,
            "-Dmultiprom.port=" + port,
            "-cp",
            System.getProperty("java.class.path"),
            RolloutWorker.class.getName(),
            "1"));
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().remove("PROMETHEUS_MULTIPROC_DIR");
    builder.redirectError(Redirect.to(log.toFile())).redirectOutput(Redirect.to(rounds.toFile()));
    Running worker = new Running(builder.start(), rounds, log);
    all.add(worker);
    return worker;
  }

  private static void await(String what, BooleanSupplier condition) {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(DEADLINE_SECONDS);
    while (!condition.getAsBoolean()) {
      assertTrue(System.nanoTime() - end < 0, what);
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
    }
  }

  private Running awaitHolder() {
    await("nobody serves", () -> all.stream().anyMatch(Running::serves));
    return all.stream().filter(Running::serves).findFirst().orElseThrow();
  }

  private void start(int count) throws IOException {
    for (int i = 0; i < count; i++) {
      start();
    }
    Running holder = awaitHolder();
    for (Running worker : all) {
      await("one neither serves nor waits", () -> worker.equals(holder) || worker.waits());
    }
    awaitQueue(count - 1);
  }

  /** Waits until so many processes wait for the lock, as far as the kernel tells. */
  private void awaitQueue(int count) throws IOException {
    Path locks = Path.of("/proc/locks");
    if (!Files.isReadable(locks)) {
      return;
    }
    Path lock;
    try (Stream<Path> files = Files.list(metrics)) {
      String prefix = "multiprom.port-" + port;
      lock =
          files
              .filter(file -> file.getFileName().toString().startsWith(prefix))
              .findFirst()
              .orElseThrow();
    }
    String inode = ":" + Files.getAttribute(lock, "unix:ino") + " ";
    await(
        "not all are in the queue",
        () ->
            Running.read(locks)
                    .lines()
                    .filter(line -> line.contains("-> ") && line.contains(inode))
                    .count()
                >= count);
  }

  private boolean isReachable() {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      return socket.isConnected();
    } catch (IOException e) {
      return false;
    }
  }

  /** The text; null if nobody answers. */
  private String scrape() {
    try {
      HttpURLConnection connection =
          (HttpURLConnection)
              URI.create("http://127.0.0.1:" + port + "/metrics").toURL().openConnection();
      connection.setConnectTimeout(10_000);
      connection.setReadTimeout(30_000);
      try (InputStream in = connection.getInputStream()) {
        return new String(in.readAllBytes(), StandardCharsets.UTF_8);
      }
    } catch (IOException e) {
      return null;
    }
  }

  /** -1 if nobody answered. */
  private static double value(String text, String series) {
    if (text == null) {
      return -1;
    }
    for (String line : text.split("\n", -1)) {
      if (line.startsWith(series + " ")) {
        return Double.parseDouble(line.substring(series.length() + 1));
      }
    }
    throw new AssertionError("no " + series + " in " + text);
  }

  /** Scrapes, and sees that nothing fell; false if nobody answers. */
  private boolean isAnswered() {
    String text = scrape();
    if (text == null) {
      return false;
    }
    for (String series : RISING) {
      double value = value(text, series);
      Double before = greatest.put(series, value);
      assertTrue(
          before == null || value >= before, series + " fell from " + before + " to " + value);
    }
    return true;
  }

  @Test
  void goesOnAtOnceWhenTheHolderIsKilled() throws Exception {
    killHolders(4, 3);
  }

  @Test
  @Tag("field")
  void goesOnAtOnceWhenTwentyHoldersAreKilled() throws Exception {
    killHolders(4, 20);
  }

  @Test
  @Tag("field")
  void servesFiftyJvmsAtOnePort() throws Exception {
    killHolders(50, 2);
  }

  private void killHolders(int workers, int kills) throws Exception {
    start(workers);
    await("not all workers are shown", () -> value(scrape(), LIVE) == workers);
    List<Long> unreachable = new ArrayList<>();
    List<Long> unanswered = new ArrayList<>();
    for (int kill = 0; kill < kills; kill++) {
      Running holder = awaitHolder();
      for (int i = 0; i < 20; i++) {
        assertTrue(isAnswered());
      }
      holder.process.destroyForcibly();
      long start = System.nanoTime();
      // Until it is gone the kernel may still take connections for it.
      holder.process.waitFor();
      await("nobody listens", this::isReachable);
      unreachable.add(TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start));
      await("nobody answers", this::isAnswered);
      unanswered.add(TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start));
      for (int i = 0; i < 20; i++) {
        assertTrue(isAnswered());
      }
      // Otherwise there are enough.
      if (kills >= workers) {
        Running next = start();
        await("it does not wait", next::waits);
        awaitQueue(workers - 1);
      }
    }
    System.out.printf(
        "%d JVMs, one port, ms after SIGKILL: %s until connected, %s until scraped%n",
        workers, unreachable, unanswered);
    assertTrue(Collections.min(unanswered) < MAX_LEAST_UNANSWERED_MS, unanswered.toString());
    endAll();
    long rounds = all.stream().mapToLong(Running::count).sum();
    try (SharedEndpoint last = SharedEndpoint.start(metrics, "127.0.0.1", port)) {
      await("this process does not serve: " + last, this::isAnswered);
      double jobs = value(scrape(), "jobs_total");
      // A worker may be killed between counting and writing the line.
      assertTrue(
          rounds <= jobs && jobs <= rounds + all.size(), rounds + " rounds, " + jobs + " jobs");
    }
  }

  /** A JVM that ends is not held up, whether it serves or waits. */
  private static void end(Running worker) throws Exception {
    worker.process.getOutputStream().write('\n');
    worker.process.getOutputStream().close();
    assertTrue(worker.process.waitFor(MAX_EXIT_SECONDS, TimeUnit.SECONDS), "it does not end");
    assertEquals(0, worker.process.exitValue());
  }

  private static void signal(Running worker, String name) throws Exception {
    String pid = Long.toString(worker.process.pid());
    assertEquals(0, new ProcessBuilder("kill", "-" + name, pid).start().waitFor());
  }

  @Test
  void countsOnWhileTheHolderIsStopped() throws Exception {
    start(2);
    Running holder = awaitHolder();
    Running other = all.get(0).equals(holder) ? all.get(1) : all.get(0);
    await("it is not scraped", this::isAnswered);
    signal(holder, "STOP");
    long before = other.count();
    await("the other one does not count", () -> other.count() >= before + 100);
    Running third = start();
    await("another one does not start", () -> third.waits() && third.count() >= 10);
    assertFalse(other.serves() || third.serves());
    signal(holder, "KILL");
    await("nobody takes over", this::isAnswered);
    end(other);
    end(third);
  }

  @Test
  void harmsNothingWhileAnotherProgramHasThePort() throws Exception {
    try (ServerSocket foreign = new ServerSocket()) {
      foreign.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      start();
      start();
      await(
          "both say it",
          () -> all.stream().allMatch(worker -> worker.says("are not served at 127.0.0.1:")));
      for (Running worker : all) {
        assertFalse(worker.serves());
        await("it does not count", () -> worker.count() > 0);
      }
    }
    await("nobody serves", this::isAnswered);
    for (Running worker : all) {
      assertEquals(1, worker.lines("are not served at 127.0.0.1:"));
      end(worker);
    }
  }

  /** As containers do that share a directory: each has a port of this number. */
  @Test
  void servesInEachNetwork() throws Exception {
    String[] inANetwork = {"unshare", "-n", "sh", "-c", "ip link set lo up && exec \"$@\"", "sh"};
    List<String> probe = new ArrayList<>(List.of(inANetwork));
    probe.add("true");
    boolean possible;
    try {
      possible = new ProcessBuilder(probe).start().waitFor() == 0;
    } catch (IOException e) {
      possible = false;
    }
    assumeTrue(possible, "no network namespaces");
    start();
    start(inANetwork);
    await("one does not serve", () -> all.stream().allMatch(Running::serves));
    await("one is not shown", () -> value(scrape(), LIVE) == 2);
    for (Running worker : all) {
      end(worker);
    }
  }
}
