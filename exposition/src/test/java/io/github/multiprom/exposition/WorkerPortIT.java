package io.github.multiprom.exposition;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import at.favre.lib.crypto.bcrypt.BCrypt;
import io.github.multiprom.merge.MultiprocessCollector;
import io.github.multiprom.merge.WorkerStatus;
import java.io.IOException;
import java.io.InputStream;
import java.lang.ProcessBuilder.Redirect;
import java.net.HttpURLConnection;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** JVMs with equal options, each of which serves itself at the first free port of a range. */
@Timeout(value = 10, unit = TimeUnit.MINUTES)
class WorkerPortIT {
  private static final String JAVA =
      Path.of(System.getProperty("java.home"), "bin", "java").toString();
  private static final String HOST = "127.0.0.1";
  private static final int JOBS = 7;
  private static final String LINE = "is not served at 127.0.0.1";

  @TempDir Path temporary;

  private final List<Process> processes = new ArrayList<>();
  private Path metrics;

  private Path log(int worker) {
    return temporary.resolve("log-" + worker);
  }

  /** A worker that counts {@link #JOBS} and waits. */
  private void start(String... options) throws IOException {
    List<String> command =
        new ArrayList<>(List.of(JAVA, "-Xmx24m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"));
    command.addAll(List.of(options));
    int index = processes.size();
    command.addAll(
        List.of(
            "-cp",
            System.getProperty("java.class.path"),
            ProgramWorker.class.getName(),
            metrics.toString(),
            "w" + index,
            "mapped"));
    Process process =
        new ProcessBuilder(command)
            .redirectError(log(index).toFile())
            .redirectOutput(Redirect.DISCARD)
            .start();
    processes.add(process);
    String program = "family\tcounter\tjobs\t\t\ninc\tjobs\t\t" + JOBS + "\n";
    process.getOutputStream().write(program.getBytes(StandardCharsets.UTF_8));
    process.getOutputStream().flush();
  }

  @AfterEach
  void clean() throws Exception {
    for (Process process : processes) {
      process.destroyForcibly().waitFor();
    }
    DeletedDirectory.delete(metrics);
  }

  private static void await(String what, Callable<Boolean> condition) throws Exception {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(120);
    while (!condition.call()) {
      assertTrue(System.nanoTime() - end < 0, what);
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
    }
  }

  /**
   * A run of free ports below those that the kernel gives to clients. It begins anywhere: another
   * build on this machine looks for ports as well.
   */
  private static int freePorts(int count) throws IOException {
    for (int first = 20_000 + new Random().nextInt(10_000); ; first += count) {
      try {
        for (int port = first; port < first + count; port++) {
          new ServerSocket(port).close();
        }
        return first;
      } catch (IOException e) {
        assertTrue(first < 32_000, "no free ports");
      }
    }
  }

  /** What is at a port; null if nothing is. */
  private static String scrape(int port, String path) {
    try {
      HttpURLConnection connection =
          (HttpURLConnection)
              URI.create("http://" + HOST + ":" + port + path).toURL().openConnection();
      connection.setConnectTimeout(10_000);
      connection.setReadTimeout(30_000);
      try (InputStream in = connection.getInputStream()) {
        return new String(in.readAllBytes(), StandardCharsets.UTF_8);
      }
    } catch (IOException e) {
      return null;
    }
  }

  private static Set<Integer> ports(MultiprocessCollector collector) {
    Set<Integer> ports = new HashSet<>();
    for (WorkerStatus worker : collector.workers()) {
      if (worker.live() && worker.port() != 0) {
        assertTrue(ports.add(worker.port()), "two at " + worker.port());
      }
    }
    return ports;
  }

  private long loneCount() throws IOException {
    long lone = 0;
    for (int i = 0; i < processes.size(); i++) {
      lone += Files.readString(log(i)).contains(LINE) ? 1 : 0;
    }
    return lone;
  }

  @Test
  void servesAsManyAsThereArePorts() throws Exception {
    serve(3, 2);
  }

  @Test
  @Tag("field")
  void servesFiftyOfFiftyOneWorkers() throws Exception {
    serve(51, 50);
  }

  private void serve(int workers, int portCount) throws Exception {
    metrics = temporary.resolve("metrics");
    int first = freePorts(portCount);
    String range = "-Dmultiprom.ports=" + first + "-" + (first + portCount - 1);
    for (int i = 0; i < workers; i++) {
      start(range);
    }
    try (MultiprocessCollector collector = new MultiprocessCollector(metrics);
        MetricsServer all = MetricsServer.start(collector, HOST, 0)) {
      await("not all ports are taken", () -> ports(collector).size() == portCount);
      await("not all workers count", () -> collector.workers().size() == workers);
      await("one does not say that it has no port", () -> loneCount() == workers - portCount);
      String list = scrape(all.port(), "/-/targets?by=port");
      for (int port = first; port < first + portCount; port++) {
        assertTrue(list.contains("[\"127.0.0.1:" + port + "\"]"), list);
        int one = port;
        await("it does not show its own count", () -> jobs(one) == JOBS);
        String own = scrape(port, "/metrics");
        assertFalse(own.contains("multiprom_workers"), own);
      }
      assertEquals(portCount + 1, list.lines().count(), list);

      takeAFreedPort(collector, range, portCount);
      moveToANewFile(collector);
    }
  }

  private void takeAFreedPort(MultiprocessCollector collector, String range, int portCount)
      throws Exception {
    WorkerStatus killed =
        collector.workers().stream().filter(worker -> worker.port() != 0).findFirst().orElseThrow();
    for (Process process : processes) {
      if (process.pid() == killed.info().pid()) {
        process.destroyForcibly().waitFor();
      }
    }
    await("a dead one is listed", () -> ports(collector).size() == portCount - 1);
    start(range);
    await("its port is not taken", () -> ports(collector).contains(killed.port()));
  }

  private void moveToANewFile(MultiprocessCollector collector) throws Exception {
    WorkerStatus moving =
        collector.workers().stream()
            .filter(worker -> worker.live() && worker.port() != 0)
            .findFirst()
            .orElseThrow();
    Files.delete(metrics.resolve(moving.info().incarnation() + ".worker"));
    await(
        "it is not found in its new file",
        () ->
            collector.workers().stream()
                .anyMatch(
                    worker ->
                        worker.port() == moving.port()
                            && !worker.info().incarnation().equals(moving.info().incarnation())));
    await("its counts fell", () -> jobs(moving.port()) == JOBS);
  }

  private static double jobs(int port) {
    String text = scrape(port, "/metrics");
    if (text == null) {
      return -1;
    }
    return text.lines()
        .filter(line -> line.startsWith("jobs_total "))
        .mapToDouble(line -> Double.parseDouble(line.substring("jobs_total ".length())))
        .findFirst()
        .orElse(-1);
  }

  @Test
  void asksForThePassword() throws Exception {
    metrics = temporary.resolve("metrics");
    Path webConfig = temporary.resolve("web.yml");
    Files.writeString(webConfig, "basic_auth_users: {me: wrong}\n");
    int shared = freePorts(2);
    int own = shared + 1;
    for (int i = 0; i < 2; i++) {
      start(
          "-Dmultiprom.port=" + shared,
          "-Dmultiprom.ports=" + own,
          "-Dmultiprom.webConfig=" + webConfig);
    }
    await("nothing is said", () -> Files.readString(log(0)).contains("web.yml"));
    await("nothing is said", () -> Files.readString(log(1)).contains("web.yml"));
    assertEquals(-1, status(shared, null));
    assertEquals(-1, status(own, null));

    String hash = BCrypt.with(BCrypt.Version.VERSION_2Y).hashToString(4, "secret".toCharArray());
    Files.writeString(webConfig, "basic_auth_users: {me: " + hash + "}\n");
    start("-Dmultiprom.ports=" + own, "-Dmultiprom.webConfig=" + webConfig);
    for (int port : new int[] {shared, own}) {
      await("it is not served", () -> status(port, null) == 401);
      for (String path : List.of("/metrics", "/-/targets", "/", "/-/healthy")) {
        assertEquals(401, status(port, path, "me:other"));
      }
      assertEquals(200, status(port, "me:secret"));
    }
    for (Process process : processes) {
      assertTrue(process.isAlive());
    }
  }

  private static int status(int port, String user) {
    return status(port, "/metrics", user);
  }

  /** The status; -1 if there is no answer. */
  private static int status(int port, String path, String user) {
    try {
      HttpURLConnection connection =
          (HttpURLConnection)
              URI.create("http://" + HOST + ":" + port + path).toURL().openConnection();
      if (user != null) {
        byte[] bytes = user.getBytes(StandardCharsets.UTF_8);
        connection.setRequestProperty(
            "Authorization", "Basic " + Base64.getEncoder().encodeToString(bytes));
      }
      return connection.getResponseCode();
    } catch (IOException e) {
      return -1;
    }
  }
}
