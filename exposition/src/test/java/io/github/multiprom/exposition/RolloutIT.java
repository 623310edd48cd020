package io.github.multiprom.exposition;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two releases that differ in labels, bucket bounds and gauge modes are rolled out and back ten
 * times, half of the workers being killed; a sidecar that may only read the directory is scraped by
 * a real Prometheus. What can only rise never falls, pauses or doubles.
 */
@Tag("field")
class RolloutIT {
  private static final Path JAR = Path.of("target", "multiprom.jar").toAbsolutePath();
  private static final String JAVA =
      Path.of(System.getProperty("java.home"), "bin", "java").toString();
  private static final int WORKERS = 4;
  private static final int ROLLOUTS = 10;
  private static final int SIDECAR_UID = 14002;
  private static final int GROUP = 14000;
  private static final Pattern LISTENS = Pattern.compile("msg=\"Listening on\".* address=(\\S+)");
  private static final Pattern SERVES = Pattern.compile("127\\.0\\.0\\.1:(\\d+)");
  private static final Pattern POINT = Pattern.compile("\\[(\\d+(?:\\.\\d+)?),\"([^\"]+)\"\\]");
  private static final List<String> RISING =
      List.of(
          "jobs_total",
          "requests_total",
          "latency_seconds_bucket",
          "latency_seconds_count",
          "latency_seconds_sum",
          "size_bytes_count",
          "size_bytes_sum",
          "done",
          "peak");

  @TempDir Path temporary;

  private final List<Process> processes = new ArrayList<>();
  private final List<Path> acknowledged = new ArrayList<>();
  private Path metrics;

  private record Running(Process process, Path rounds) {}

  @AfterEach
  void endAll() throws InterruptedException {
    for (Process process : processes) {
      process.destroyForcibly().waitFor();
    }
  }

  @Test
  @Timeout(value = 15, unit = TimeUnit.MINUTES)
  void neverFallsPausesOrDoubles() throws Exception {
    Peers.requirePrometheus();
    metrics = makeDirectory();
    Running[] workers = new Running[WORKERS];
    for (int i = 0; i < WORKERS; i++) {
      workers[i] = startWorker(1);
    }
    String sidecar = startSidecar();
    String prometheus = startPrometheus(sidecar);
    int kills = 0;
    for (int rollout = 0; rollout < ROLLOUTS; rollout++) {
      for (int i = 0; i < WORKERS; i++) {
        if ((i + rollout) % 2 == 0) {
          workers[i].process.destroyForcibly().waitFor();
          kills++;
        } else {
          end(workers[i]);
        }
        workers[i] = startWorker(rollout % 2 == 0 ? 2 : 1);
        awaitRounds(workers[i].rounds, 2 * RolloutWorker.ROUNDS_PER_SECOND);
      }
      assertEquals(0, run("compact", "--dir", metrics.toString()).exitCode());
    }
    for (Running worker : workers) {
      end(worker);
    }
    long rounds = 0;
    for (Path file : acknowledged) {
      rounds += rounds(file);
    }
    assertEquals(0, run("compact", "--dir", metrics.toString()).exitCode());
    String text = ask("http://" + sidecar + "/metrics");
    double jobs = value(text, "jobs_total");
    assertTrue(rounds <= jobs && jobs <= rounds + kills, rounds + " rounds, " + jobs + " jobs");
    assertEquals(
        jobs,
        value(text, "requests_total{path=\"/\",}")
            + value(text, "requests_total{path=\"/\",code=\"200\",}"),
        kills);
    System.out.println(rounds + " rounds acknowledged, " + kills + " kills, jobs_total " + jobs);
    awaitScrape(prometheus, "jobs_total", jobs);
    assertNothingFell(prometheus);
    assertNeitherPausesNorDoubles(prometheus);
  }

  /** Where this test is root, one that the sidecar's user may only read. */
  private Path makeDirectory() throws IOException {
    Path directory = Files.createDirectory(temporary.resolve("metrics"));
    Files.setPosixFilePermissions(temporary, PosixFilePermissions.fromString("rwxr-xr-x"));
    if (isRoot()) {
      Files.setAttribute(directory, "unix:gid", GROUP, LinkOption.NOFOLLOW_LINKS);
      Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-x---"));
    }
    return directory;
  }

  private static boolean isRoot() {
    return System.getProperty("user.name").equals("root");
  }

  private Process start(File log, List<String> command) throws IOException {
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().remove("PROMETHEUS_MULTIPROC_DIR");
    builder.redirectErrorStream(true).redirectOutput(Redirect.to(log));
    Process process = builder.start();
    processes.add(process);
    return process;
  }

  private Running startWorker(int release) throws IOException {
    Path rounds = temporary.resolve("rounds-" + acknowledged.size());
    acknowledged.add(rounds);
    ProcessBuilder builder =
        new ProcessBuilder(
            JAVA,
            "-Xmx64m",
            "-XX:TieredStopAtLevel=1",
            "-Dmultiprom.dir=" + metrics,
            "-cp",
            System.getProperty("java.class.path"),
            RolloutWorker.class.getName(),
            Integer.toString(release));
    builder.redirectError(temporary.resolve("log-worker").toFile());
    builder.redirectOutput(rounds.toFile());
    Process process = builder.start();
    processes.add(process);
    return new Running(process, rounds);
  }

  private static void end(Running worker) throws Exception {
    worker.process.getOutputStream().write('\n');
    worker.process.getOutputStream().close();
    assertTrue(worker.process.waitFor(60, TimeUnit.SECONDS), "the worker does not end");
    assertEquals(0, worker.process.exitValue());
  }

  private static long rounds(Path file) throws IOException {
    String lines = Files.readString(file);
    return lines.chars().filter(c -> c == '\n').count();
  }

  private static void awaitRounds(Path file, long count) throws IOException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    while (rounds(file) < count) {
      assertTrue(System.nanoTime() - end < 0, file + " has " + rounds(file) + " rounds");
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
    }
  }

  private Peers.Result run(String... arguments) throws Exception {
    List<String> command = new ArrayList<>(List.of(JAVA, "-jar", JAR.toString()));
    command.addAll(List.of(arguments));
    return Peers.run(new byte[0], command.toArray(String[]::new));
  }

  private String startSidecar() throws Exception {
    List<String> command = new ArrayList<>();
    Path jar = JAR;
    if (isRoot()) {
      // The checkout may be where only root can read.
      jar = Files.copy(JAR, temporary.resolve("multiprom.jar"));
      Files.setPosixFilePermissions(jar, PosixFilePermissions.fromString("rw-r--r--"));
      String uid = Integer.toString(SIDECAR_UID);
      command.addAll(List.of("setpriv", "--reuid", uid, "--regid", "" + GROUP, "--clear-groups"));
    }
    command.addAll(
        List.of(JAVA, "-jar", jar.toString(), "serve", "--dir", metrics.toString(), "--port", "0"));
    Path log = temporary.resolve("log-sidecar");
    Process process = start(log.toFile(), command);
    return "127.0.0.1:" + await(process, log, SERVES).group(1);
  }

  private String startPrometheus(String target) throws Exception {
    Files.writeString(
        temporary.resolve("prometheus.yml"),
        """
        global: {scrape_interval: 1s}
        scrape_configs:
          - job_name: app
            static_configs:
              - targets: ["%s"]
        """
            .formatted(target));
    Path log = temporary.resolve("log-prometheus");
    Process process =
        start(
            log.toFile(),
            List.of(
                "prometheus",
                "--config.file=" + temporary.resolve("prometheus.yml"),
                "--storage.tsdb.path=" + temporary.resolve("data"),
                "--web.listen-address=127.0.0.1:0"));
    return await(process, log, LISTENS).group(1);
  }

  private static Matcher await(Process process, Path log, Pattern line) throws IOException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    while (true) {
      Matcher matcher = line.matcher(Files.readString(log));
      if (matcher.find()) {
        return matcher;
      }
      assertTrue(process.isAlive() && System.nanoTime() - end < 0, Files.readString(log));
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(50));
    }
  }

  private static String ask(String uri) throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(uri)).timeout(Duration.ofSeconds(30)).build();
    return HttpClient.newHttpClient().send(request, BodyHandlers.ofString()).body();
  }

  private static String query(String prometheus, String path, String expression) throws Exception {
    String encoded = URLEncoder.encode(expression, StandardCharsets.UTF_8);
    return ask("http://" + prometheus + "/api/v1/" + path + "query=" + encoded);
  }

  private static double value(String text, String series) {
    for (String line : text.split("\n", -1)) {
      if (line.startsWith(series + " ")) {
        return Double.parseDouble(line.substring(series.length() + 1));
      }
    }
    throw new AssertionError("no " + series + " in " + text);
  }

  private static List<double[]> points(String json) {
    List<double[]> points = new ArrayList<>();
    Matcher matcher = POINT.matcher(json);
    while (matcher.find()) {
      points.add(
          new double[] {
            Double.parseDouble(matcher.group(1)), Double.parseDouble(matcher.group(2))
          });
    }
    return points;
  }

  private static void awaitScrape(String prometheus, String series, double value) throws Exception {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    while (true) {
      String json = query(prometheus, "query?", "sum(" + series + ")");
      List<double[]> points = points(json);
      if (!points.isEmpty() && points.get(0)[1] == value) {
        return;
      }
      assertTrue(System.nanoTime() - end < 0, json);
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(100));
    }
  }

  private static void assertNothingFell(String prometheus) throws Exception {
    for (String name : RISING) {
      String json = query(prometheus, "query?", "sum(resets(" + name + "[1h]))");
      List<double[]> fell = points(json);
      assertEquals(1, fell.size(), name + ": " + json);
      assertEquals(0, fell.get(0)[1], name + " fell: " + json);
    }
    // On a busy machine a scrape may take longer than the second that it has.
    String up = query(prometheus, "query?", "avg_over_time(up[1h])");
    assertTrue(points(up).get(0)[1] > 0.5, up);
  }

  /** In every ten seconds of the roll-outs as much as three or four workers count. */
  private static void assertNeitherPausesNorDoubles(String prometheus) throws Exception {
    for (String name : List.of("jobs_total", "latency_seconds_count", "done")) {
      // As they were scraped: a query of a range repeats the last sample while the machine pauses.
      String json = query(prometheus, "query?", name + "[1h]");
      assertEquals(1, json.split("\"metric\"", -1).length - 1, json);
      List<double[]> points = points(json);
      assertTrue(points.size() > 40, json);
      int window = 10;
      // The last ones are from after the end.
      double last = points.get(points.size() - 1)[1];
      for (int i = 0; i + window < points.size() && points.get(i + window)[1] < last; i++) {
        double seconds = points.get(i + window)[0] - points.get(i)[0];
        double rise = points.get(i + window)[1] - points.get(i)[1];
        double most = WORKERS * RolloutWorker.ROUNDS_PER_SECOND * (seconds + 2);
        assertTrue(rise > 0.3 * most && rise < 1.2 * most, name + " rose by " + rise + ": " + json);
      }
    }
  }
}
