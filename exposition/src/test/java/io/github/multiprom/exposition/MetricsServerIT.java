package io.github.multiprom.exposition;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.multiprom.internal.directory.SnapshotReader;
import io.github.multiprom.merge.MultiprocessCollector;
import io.github.multiprom.metrics.Counter;
import io.github.multiprom.metrics.Worker;
import io.github.multiprom.model.DirectorySnapshot;
import io.prometheus.client.CollectorRegistry;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MetricsServerIT {
  @TempDir Path directory;

  private final HttpClient client =
      HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(10)).build();
  private Worker worker;
  private Counter counter;
  private MultiprocessCollector collector;
  private MetricsServer server;

  @BeforeEach
  void start() throws IOException {
    worker = Worker.builder().directory(directory).open();
    counter =
        Counter.build("jobs", "Jobs.")
            .labelNames("kind")
            .worker(worker)
            .register(new CollectorRegistry());
    counter.labels("a").inc(3);
    collector = new MultiprocessCollector(directory);
    server = MetricsServer.start(collector, "127.0.0.1", 0);
  }

  @AfterEach
  void stop() {
    server.close();
    collector.close();
    worker.close();
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + path))
        .timeout(Duration.ofSeconds(20));
  }

  private HttpResponse<String> get(String path, String... headers) throws Exception {
    HttpRequest.Builder request = request(path);
    if (headers.length > 0) {
      request.headers(headers);
    }
    return client.send(request.build(), BodyHandlers.ofString());
  }

  @Test
  void answersInTheFormatThatIsAccepted() throws Exception {
    HttpResponse<String> text = get("/metrics");
    assertEquals(200, text.statusCode());
    assertEquals(
        "text/plain; version=0.0.4; charset=utf-8",
        text.headers().firstValue("Content-Type").orElseThrow());
    assertTrue(text.body().contains("jobs_total{kind=\"a\",} 3\n"), text.body());

    HttpResponse<String> openMetrics =
        get("/metrics", "Accept", "application/openmetrics-text; version=1.0.0");
    assertEquals(
        "application/openmetrics-text; version=1.0.0; charset=utf-8",
        openMetrics.headers().firstValue("Content-Type").orElseThrow());
    assertTrue(openMetrics.body().contains("jobs_total{kind=\"a\"} 3\n"), openMetrics.body());
    assertTrue(openMetrics.body().endsWith("# EOF\n"));
  }

  @Test
  void compressesWhenThatIsAccepted() throws Exception {
    HttpResponse<byte[]> response =
        client.send(
            request("/metrics").header("Accept-Encoding", "gzip").build(),
            BodyHandlers.ofByteArray());
    assertEquals("gzip", response.headers().firstValue("Content-Encoding").orElseThrow());
    String text =
        new String(
            new GZIPInputStream(new ByteArrayInputStream(response.body())).readAllBytes(),
            StandardCharsets.UTF_8);
    assertTrue(text.contains("jobs_total{kind=\"a\",} 3\n"), text);
  }

  @Test
  void answersWithASlashBehindThePath() throws Exception {
    HttpResponse<String> response = get("/metrics/");
    assertEquals(200, response.statusCode());
    assertTrue(response.body().contains("jobs_total{kind=\"a\",} 3\n"), response.body());
  }

  @Test
  void saysThatAScrapeDoesNotFitIntoTheHeap() throws Exception {
    try (MultiprocessCollector large =
            new MultiprocessCollector(failing(new OutOfMemoryError("made to fail")), "worker");
        MetricsServer other = MetricsServer.start(large, "127.0.0.1", 0)) {
      HttpResponse<String> response =
          client.send(
              HttpRequest.newBuilder(URI.create(other.url())).build(), BodyHandlers.ofString());
      assertEquals(503, response.statusCode());
      assertTrue(response.body().contains("-Xmx"), response.body());
    }
  }

  @Test
  void selectsByName() throws Exception {
    assertEquals(
        """
        # HELP jobs_total Jobs.
        # TYPE jobs_total counter
        jobs_total{kind="a",} 3
        """,
        get("/metrics?name%5B%5D=jobs_total&name%5B%5D=other").body());
  }

  @Test
  void answersHeadWithoutABody() throws Exception {
    HttpResponse<String> response =
        client.send(
            request("/metrics").method("HEAD", BodyPublishers.noBody()).build(),
            BodyHandlers.ofString());
    assertEquals(200, response.statusCode());
    assertEquals("", response.body());
    assertTrue(response.headers().firstValueAsLong("Content-Length").orElseThrow() > 0);
  }

  @Test
  void refusesWhatItDoesNotHaveInOneLine() throws Exception {
    assertEquals("Healthy.\n", get("/-/healthy").body());
    assertEquals(404, get("/nothing").statusCode());
    assertEquals(1, get("/nothing").body().lines().count());
    HttpResponse<String> posted =
        client.send(
            request("/metrics").POST(BodyPublishers.ofString("x")).build(),
            BodyHandlers.ofString());
    assertEquals(405, posted.statusCode());
    assertEquals("GET, HEAD", posted.headers().firstValue("Allow").orElseThrow());
  }

  @Test
  void leavesTheTimeLimitsOfOtherServersAlone() {
    assertNull(System.getProperty("sun.net.httpserver.maxReqTime"));
    assertNull(System.getProperty("sun.net.httpserver.maxRspTime"));
  }

  @Test
  void doesNotKeepAJvmFromEnding() throws Exception {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                BatchWithServer.class.getName(),
                directory.toString())
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("said").toFile())
            .start();
    try {
      assertTrue(process.waitFor(30, TimeUnit.SECONDS), "still there");
      String said = Files.readString(directory.resolve("said"));
      assertTrue(said.startsWith("http://127.0.0.1:"), said);
      assertEquals(0, process.exitValue(), said);
    } finally {
      process.destroyForcibly();
    }
  }

  @Test
  void answersAFailureInOneLine() throws Exception {
    try (MultiprocessCollector broken =
            new MultiprocessCollector(failing(new AssertionError("made to fail")), "worker");
        MetricsServer other = MetricsServer.start(broken, "127.0.0.1", 0)) {
      HttpResponse<String> response =
          client.send(
              HttpRequest.newBuilder(URI.create(other.url())).build(), BodyHandlers.ofString());
      assertEquals(500, response.statusCode());
      assertEquals("The scrape failed; see the log.\n", response.body());
    }
  }

  private static SnapshotReader failing(Error failure) {
    return new SnapshotReader() {
      @Override
      public DirectorySnapshot read() {
        throw failure;
      }

      @Override
      public void close() {}
    };
  }
}
