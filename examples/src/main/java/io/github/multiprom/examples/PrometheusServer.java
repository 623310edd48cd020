package io.github.multiprom.examples;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A Prometheus server on a free port of the loopback address. It has the configuration and the
 * rules of the monitoring kit, but one target, and scrapes every second. One thread.
 */
final class PrometheusServer implements AutoCloseable {
  private static final Duration TIMEOUT = Duration.ofMinutes(1);
  private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(20);
  private static final List<String> RULES = List.of("rules.yml", "alerts.yml");

  private static final Pattern LISTENING = Pattern.compile("msg=\"Listening on\".* address=(\\S+)");
  private static final String READY = "Server is ready to receive web requests";
  private static final Pattern RESULT = Pattern.compile("\"value\":\\[[^,]+,\"([^\"]+)\"]");
  private static final Pattern HEALTH = Pattern.compile("\"health\":\"([^\"]+)\"");
  private static final Pattern LAST_SCRAPE = Pattern.compile("\"lastScrape\":\"([^\"]+)\"");
  private static final String NEVER = "0001-01-01T00:00:00Z";

  private final Process process;
  private final HttpClient client = HttpClient.newHttpClient();
  private String url;

  private PrometheusServer(Process process) {
    this.process = process;
  }

  /**
   * Starts a server and waits until it answers.
   *
   * @param kit the folder of the monitoring kit
   * @param dir for its configuration and its data
   * @throws IOException if there is no Prometheus here, or it does not start
   */
  static PrometheusServer start(Path kit, Path dir, int targetPort) throws IOException {
    for (String rules : RULES) {
      Files.copy(kit.resolve(rules), dir.resolve(rules));
    }
    Path config = dir.resolve("prometheus.yml");
    Files.writeString(
        config,
        Files.readString(kit.resolve("prometheus.yml"))
            .replace("interval: 15s", "interval: 1s")
            .replace("127.0.0.1:9464", "127.0.0.1:" + targetPort));
    Path log = dir.resolve("prometheus.log");
    var command =
        new ProcessBuilder(
            "prometheus",
            "--config.file=" + config,
            "--storage.tsdb.path=" + dir.resolve("data"),
            "--web.listen-address=127.0.0.1:0");
    command.redirectErrorStream(true).redirectOutput(log.toFile());
    var server = new PrometheusServer(command.start());
    try {
      server.awaitReady(log);
    } catch (IOException e) {
      server.close();
      throw e;
    }
    return server;
  }

  private void awaitReady(Path log) throws IOException {
    long deadlineNanos = System.nanoTime() + TIMEOUT.toNanos();
    while (true) {
      boolean alive = process.isAlive();
      String text = Files.readString(log);
      Matcher listening = LISTENING.matcher(text);
      if (text.contains(READY) && listening.find()) {
        url = "http://" + listening.group(1);
        return;
      }
      if (!alive || System.nanoTime() - deadlineNanos > 0) {
        throw new IOException("Prometheus does not start:\n" + text);
      }
      LockSupport.parkNanos(PAUSE_NANOS);
    }
  }

  /** Where it answers. */
  String url() {
    return url;
  }

  /**
   * The value of an instant query with one result; empty if it has none.
   *
   * @throws IllegalStateException if it has more
   */
  String ask(String query) throws IOException, InterruptedException {
    List<String> values = askAll(query);
    if (values.size() > 1) {
      throw new IllegalStateException("more than one result: " + query + " " + values);
    }
    return values.isEmpty() ? "" : values.get(0);
  }

  /** The values of an instant query. */
  List<String> askAll(String query) throws IOException, InterruptedException {
    return found(RESULT, "/api/v1/query?query=" + URLEncoder.encode(query, UTF_8));
  }

  /** The health of each rule, {@code ok} if it could be evaluated. */
  List<String> ruleHealth() throws IOException, InterruptedException {
    return found(HEALTH, "/api/v1/rules");
  }

  /** Waits until another scrape than the last one has ended. */
  void awaitNextScrape() throws IOException, InterruptedException {
    List<String> before = found(LAST_SCRAPE, "/api/v1/targets");
    long deadlineNanos = System.nanoTime() + TIMEOUT.toNanos();
    while (true) {
      List<String> now = found(LAST_SCRAPE, "/api/v1/targets");
      if (!now.isEmpty() && !now.equals(before) && !now.contains(NEVER)) {
        return;
      }
      if (System.nanoTime() - deadlineNanos > 0) {
        throw new IOException("Prometheus does not scrape");
      }
      LockSupport.parkNanos(PAUSE_NANOS);
    }
  }

  /**
   * Waits until a scrape is stored that began after this call: the first to end may have begun
   * before, and Prometheus shows that one has ended just before it stores it.
   */
  void awaitStoredScrape() throws IOException, InterruptedException {
    for (int ended = 0; ended < 3; ended++) {
      awaitNextScrape();
    }
  }

  private List<String> found(Pattern pattern, String path)
      throws IOException, InterruptedException {
    var request = HttpRequest.newBuilder(URI.create(url + path)).timeout(TIMEOUT).build();
    String body = client.send(request, BodyHandlers.ofString()).body();
    if (!body.contains("\"status\":\"success\"")) {
      throw new IOException(path + ": " + body);
    }
    return pattern.matcher(body).results().map(result -> result.group(1)).toList();
  }

  /** Ends it at once: nobody needs its data. */
  @Override
  public void close() {
    process.destroyForcibly().onExit().join();
  }
}
