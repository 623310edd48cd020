package io.github.multiprom.examples;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A Prometheus server on a free port, which scrapes one target every second. */
final class RunningPrometheus implements AutoCloseable {
  private static final Pattern RESULT = Pattern.compile("\"value\":\\[[^,]+,\"([^\"]+)\"]");
  private static final Pattern HEALTH = Pattern.compile("\"health\":\"([^\"]+)\"");
  private static final Pattern LAST_SCRAPE = Pattern.compile("\"lastScrape\":\"([^\"]+)\"");
  private static final String NEVER = "0001-01-01T00:00:00Z";

  private final RunningProcess process;
  private final String url;
  private final HttpClient client = HttpClient.newHttpClient();

  private RunningPrometheus(RunningProcess process, String url) {
    this.process = process;
    this.url = url;
  }

  /**
   * Starts one with the configuration and the rules of the monitoring kit. Skips the test if there
   * is no Prometheus here, or fails it if peers are required.
   */
  static RunningPrometheus start(Path dir, int targetPort)
      throws IOException, InterruptedException {
    for (String rules : List.of("rules.yml", "alerts.yml")) {
      Files.copy(MonitoringKit.file(rules), dir.resolve(rules));
    }
    Path config = dir.resolve("prometheus.yml");
    Files.writeString(
        config,
        Files.readString(MonitoringKit.file("prometheus.yml"))
            .replace("interval: 15s", "interval: 1s")
            .replace("127.0.0.1:9464", "127.0.0.1:" + targetPort));
    RunningProcess process =
        startOrSkip(
            List.of(
                "prometheus",
                "--config.file=" + config,
                "--storage.tsdb.path=" + dir.resolve("data"),
                "--web.listen-address=127.0.0.1:0"));
    try {
      String address = process.awaitLine("msg=\"Listening on\".* address=(\\S+)").group(1);
      process.awaitLine("msg=\"Server is ready to receive web requests");
      return new RunningPrometheus(process, "http://" + address);
    } catch (AssertionError | InterruptedException e) {
      process.close();
      throw e;
    }
  }

  private static RunningProcess startOrSkip(List<String> command) {
    try {
      return RunningProcess.start(command);
    } catch (IOException e) {
      String reason = e.getMessage() + "; to install it: apt-get install prometheus";
      return Boolean.parseBoolean(System.getenv("MULTIPROM_REQUIRE_PEERS"))
          ? fail(reason)
          : abort(reason);
    }
  }

  /** The value of an instant query with one result; empty if it has none. */
  String ask(String query) throws InterruptedException {
    List<String> values = askAll(query);
    assertTrue(values.size() <= 1, () -> "more than one result: " + query + " " + values);
    return values.isEmpty() ? "" : values.get(0);
  }

  /** The values of an instant query. */
  List<String> askAll(String query) throws InterruptedException {
    return RESULT
        .matcher(get("/api/v1/query?query=" + URLEncoder.encode(query, UTF_8)))
        .results()
        .map(result -> result.group(1))
        .toList();
  }

  /** The health of each rule, {@code ok} if it could be evaluated. */
  List<String> ruleHealth() throws InterruptedException {
    return HEALTH.matcher(get("/api/v1/rules")).results().map(result -> result.group(1)).toList();
  }

  /** Waits until another scrape than the last one has ended. */
  void awaitNextScrape() throws InterruptedException {
    String before = lastScrape();
    RunningShop.await("a scrape", () -> !List.of(before, NEVER, "").contains(lastScrape()));
  }

  /**
   * Waits until a scrape is stored that began after this call: the first to end may have begun
   * before, and Prometheus shows that one has ended just before it stores it.
   */
  void awaitStoredScrape() throws InterruptedException {
    for (int ended = 0; ended < 3; ended++) {
      awaitNextScrape();
    }
  }

  /** When the last ended scrape began; empty while there is no target yet. */
  private String lastScrape() throws InterruptedException {
    Matcher scrape = LAST_SCRAPE.matcher(get("/api/v1/targets"));
    return scrape.find() ? scrape.group(1) : "";
  }

  private String get(String path) throws InterruptedException {
    var request = HttpRequest.newBuilder(URI.create(url + path)).timeout(RunningShop.TIMEOUT);
    try {
      String body = client.send(request.build(), BodyHandlers.ofString()).body();
      assertTrue(body.contains("\"status\":\"success\""), body);
      return body;
    } catch (IOException e) {
      throw new UncheckedIOException(process.output(), e);
    }
  }

  @Override
  public void close() {
    process.close();
  }
}
