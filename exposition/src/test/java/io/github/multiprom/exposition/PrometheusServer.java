package io.github.multiprom.exposition;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A real Prometheus server with a configuration. One thread. */
final class PrometheusServer implements AutoCloseable {
  private static final Pattern LISTENS = Pattern.compile("msg=\"Listening on\".* address=(\\S+)");
  private static final Pattern READY = Pattern.compile("msg=\"Server is ready");
  private static final Pattern VALUE = Pattern.compile("\"value\":\\[[^,]+,\"([^\"]+)\"]");
  private static final long DEADLINE_SECONDS = 60;

  private final Path log;
  private final Process process;
  private final HttpClient client = HttpClient.newHttpClient();

  /** Starts one that keeps its files in a directory, where the configuration is. */
  PrometheusServer(Path directory, Path config, String... options) throws IOException {
    log = directory.resolve("prometheus.log");
    List<String> command = new ArrayList<>();
    command.add("prometheus");
    command.add("--config.file=" + config);
    command.add("--storage.tsdb.path=" + directory.resolve("data"));
    command.add("--web.listen-address=127.0.0.1:0");
    command.addAll(List.of(options));
    process =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start();
  }

  /** Waits until a condition holds, and returns for how many milliseconds. */
  long await(String what, Callable<Boolean> condition) throws Exception {
    long start = System.nanoTime();
    while (!condition.call()) {
      boolean late = System.nanoTime() - start > TimeUnit.SECONDS.toNanos(DEADLINE_SECONDS);
      assertTrue(process.isAlive() && !late, () -> what + "\n" + log());
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(50));
    }
    return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
  }

  /** What it has logged. */
  String log() {
    try {
      return Files.readString(log);
    } catch (IOException e) {
      return e.toString();
    }
  }

  /** Waits for the value of an instant query: there is none after a scrape that failed. */
  String awaitValue(String query) throws Exception {
    String[] value = {""};
    await(
        query,
        () -> {
          value[0] = ask(query);
          return !value[0].isEmpty();
        });
    return value[0];
  }

  /** The value of an instant query with one result; empty if there is none yet. */
  String ask(String query) throws Exception {
    Matcher value = VALUE.matcher(get("/api/v1/query?query=", query));
    return value.find() ? value.group(1) : "";
  }

  /** The exemplars of a query in the last hour, as JSON; empty if the server is not ready. */
  String askForExemplars(String query) throws Exception {
    long now = TimeUnit.MILLISECONDS.toSeconds(System.currentTimeMillis());
    long hour = TimeUnit.HOURS.toSeconds(1);
    return get(
        "/api/v1/query_exemplars?start=" + (now - hour) + "&end=" + (now + hour) + "&query=",
        query);
  }

  private String get(String path, String query) throws Exception {
    Matcher listens = LISTENS.matcher(log());
    if (!listens.find() || !READY.matcher(log()).find()) {
      return "";
    }
    String encoded = URLEncoder.encode(query, StandardCharsets.UTF_8);
    URI uri = URI.create("http://" + listens.group(1) + path + encoded);
    return client.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString()).body();
  }

  @Override
  public void close() throws InterruptedException {
    process.destroy();
    if (!process.waitFor(30, TimeUnit.SECONDS)) {
      process.destroyForcibly().waitFor();
    }
  }
}
