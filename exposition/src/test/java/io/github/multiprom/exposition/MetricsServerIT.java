package io.github.multiprom.exposition;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.multiprom.internal.directory.SnapshotReader;
import io.github.multiprom.merge.MultiprocessCollector;
import io.github.multiprom.merge.WorkerStatus;
import io.github.multiprom.metrics.Counter;
import io.github.multiprom.metrics.Worker;
import io.github.multiprom.model.DirectorySnapshot;
import io.prometheus.client.CollectorRegistry;
import io.prometheus.metrics.expositionformats.generated.com_google_protobuf_4_36_1.Metrics;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
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
import java.util.List;
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
  void answersInProtobuf() throws Exception {
    HttpResponse<byte[]> all = getProtobuf("/metrics");
    assertEquals(
        "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily;"
            + " encoding=delimited",
        all.headers().firstValue("Content-Type").orElseThrow());
    assertTrue(names(all.body()).containsAll(List.of("jobs_total", "multiprom_workers")));

    HttpResponse<byte[]> selected = getProtobuf("/metrics?name[]=jobs");
    assertEquals(List.of("jobs_total"), names(selected.body()));
    assertEquals(
        3, ProtobufReader.read(selected.body()).get(0).getMetric(0).getCounter().getValue());
    HttpResponse<byte[]> ofWorker =
        getProtobuf("/metrics?worker=" + collector.workers().get(0).name());
    assertTrue(names(ofWorker.body()).contains("jobs_total"));
    assertFalse(names(ofWorker.body()).contains("multiprom_workers"));

    HttpResponse<byte[]> compressed =
        getProtobuf("/metrics?name[]=jobs", "Accept-Encoding", "gzip");
    assertEquals("gzip", compressed.headers().firstValue("Content-Encoding").orElseThrow());
    byte[] body = new GZIPInputStream(new ByteArrayInputStream(compressed.body())).readAllBytes();
    assertEquals(List.of("jobs_total"), names(body));
    assertEquals(0, getProtobuf("/metrics?name[]=none").body().length);
  }

  private HttpResponse<byte[]> getProtobuf(String path, String... headers) throws Exception {
    HttpRequest.Builder request =
        request(path)
            .header(
                "Accept",
                "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;"
                    + "encoding=delimited,application/openmetrics-text;version=1.0.0;q=0.8");
    if (headers.length > 0) {
      request.headers(headers);
    }
    HttpResponse<byte[]> response = client.send(request.build(), BodyHandlers.ofByteArray());
    assertEquals(200, response.statusCode());
    return response;
  }

  private static List<String> names(byte[] protobuf) throws IOException {
    return ProtobufReader.read(protobuf).stream().map(Metrics.MetricFamily::getName).toList();
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
  void answersWithOneWorker() throws Exception {
    try (Worker other = Worker.builder().directory(directory).name("oth\"er&").open()) {
      Counter.build("jobs", "Jobs.")
          .labelNames("kind")
          .worker(other)
          .register(new CollectorRegistry())
          .labels("a")
          .inc(4);
      assertTrue(get("/metrics").body().contains("jobs_total{kind=\"a\",} 7\n"));
      String one = get("/metrics?worker=oth%22er%26").body();
      assertTrue(one.contains("jobs_total{kind=\"a\",} 4\n"), one);
      assertTrue(!one.contains("multiprom_workers"), one);
      assertEquals(
          """
          # HELP jobs_total Jobs.
          # TYPE jobs_total counter
          jobs_total{kind="a",} 4
          """,
          get("/metrics?worker=oth%22er%26&name[]=jobs_total").body());
      HttpResponse<String> nobody = get("/metrics?worker=x");
      assertEquals(404, nobody.statusCode());
      assertEquals(1, nobody.body().lines().count());
    }
    assertEquals(404, get("/metrics?worker=").statusCode());
  }

  @Test
  void listsTargets() throws Exception {
    String pid = Long.toString(ProcessHandle.current().pid());
    Worker other = Worker.builder().directory(directory).name("oth\"er\u2028</script>").open();
    List<WorkerStatus> workers = collector.workers();
    String host = workers.get(0).info().host();
    String address = "127.0.0.1:" + server.port();
    HttpResponse<String> response = get("/-/targets");
    assertEquals(200, response.statusCode());
    assertEquals("application/json", response.headers().firstValue("Content-Type").orElseThrow());
    String target =
        """
        {"targets":["%s"],"labels":{"__metrics_path__":"/metrics","__param_worker":"%s",\
        "instance":"%s/%s","worker":"%s","__meta_multiprom_host":"%s",\
        "__meta_multiprom_pid":"%s","__meta_multiprom_state":"%s"}}\
        """;
    String first =
        target.formatted(
            address, workers.get(0).info().incarnation(), host, pid, pid, host, pid, "live");
    String name = "oth\\\"er\u2028</script>";
    String incarnation = workers.get(1).info().incarnation().toString();
    String second = target.formatted(address, incarnation, host, name, name, host, pid, "live");
    assertEquals("[\n" + first + ",\n" + second + "]\n", response.body());
    assertEquals(response.body(), get("/-/targets?state=live&by=worker").body());
    assertEquals("[\n]\n", get("/-/targets?by=port").body());
    assertEquals(400, get("/-/targets?by=x").statusCode());
    assertEquals(400, get("/-/targets?state=x").statusCode());
    other.close();
    assertEquals("[\n" + first + "]\n", get("/-/targets").body());
  }

  @Test
  void listsNoTargetsByAWrongHost() throws Exception {
    assertTrue(raw("example.com:80").contains("\"targets\":[\"example.com:80\"]"));
    for (String host : List.of("a b", "a\"b", "http://a", "a/b", "a:99999")) {
      String answer = raw(host);
      assertTrue(answer.startsWith("HTTP/1.1 400"), answer);
      assertTrue(!answer.contains(host), answer);
    }
    try (MetricsServer other =
        MetricsServer.start(collector, "127.0.0.1", 0, null, "proxy.example:8443")) {
      HttpResponse<String> response =
          client.send(
              HttpRequest.newBuilder(URI.create(other.url().replace("/metrics", "/-/targets")))
                  .build(),
              BodyHandlers.ofString());
      assertTrue(response.body().contains("\"targets\":[\"proxy.example:8443\"]"));
    }
  }

  private String raw(String host) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
      socket.setSoTimeout(20_000);
      String request = "GET /-/targets HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n";
      socket.getOutputStream().write(request.getBytes(StandardCharsets.UTF_8));
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  @Test
  void showsAPageOfTheDirectory() throws Exception {
    HttpResponse<String> page = get("/?sort=name&families=name&refresh=5");
    assertEquals(200, page.statusCode());
    assertTrue(page.body().contains("<dd id=\"live\">1</dd>"), page.body());
    assertTrue(page.body().contains("live, serves this page"), page.body());
    assertTrue(page.body().contains("<bdi>" + directory + "</bdi>"), page.body());
    assertEquals("no-store", page.headers().firstValue("Cache-Control").orElseThrow());
    assertEquals("5", page.headers().firstValue("Refresh").orElseThrow());
    String policy = page.headers().firstValue("Content-Security-Policy").orElseThrow();
    assertTrue(policy.startsWith("default-src 'none'; style-src 'sha256-"), policy);
    HttpResponse<String> head =
        client.send(
            request("/").method("HEAD", BodyPublishers.noBody()).build(), BodyHandlers.ofString());
    assertEquals(200, head.statusCode());
    assertEquals("", head.body());
    assertTrue(head.headers().firstValueAsLong("Content-Length").orElseThrow() > 1000);
    assertEquals(400, get("/?sort=x").statusCode());
    assertEquals(400, get("/?refresh=0").statusCode());
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
      assertTrue(process.waitFor(60, TimeUnit.SECONDS), "still there");
      String said = Files.readString(directory.resolve("said"));
      assertTrue(said.startsWith("http://127.0.0.1:"), said);
      assertEquals(0, process.exitValue(), said);
    } finally {
      process.destroyForcibly();
    }
  }

  @Test
  void freesItsPortThoughTheThreadThatClosesItIsInterrupted() throws Exception {
    for (int i = 0; i < 50; i++) {
      MetricsServer closed = MetricsServer.start(collector, "127.0.0.1", 0);
      int port = closed.port();
      Thread.currentThread().interrupt();
      closed.close();
      assertTrue(Thread.interrupted());
      FreePort.check("127.0.0.1", port);
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
