package io.github.multiprom.exposition;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import io.github.multiprom.metrics.Counter;
import io.github.multiprom.metrics.Worker;
import io.prometheus.client.Collector;
import io.prometheus.client.CollectorRegistry;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MetricsHandlerTest {
  @TempDir Path directory;

  private final CollectorRegistry registry = new CollectorRegistry();
  private final HttpClient client =
      HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(10)).build();
  private Worker worker;
  private Worker other;
  private HttpServer server;

  @BeforeEach
  void start() throws IOException {
    worker = Worker.builder().directory(directory).open();
    other = Worker.builder().directory(directory).open();
    Counter.build("jobs", "Jobs.").worker(worker).register(registry).inc(3);
    Counter.build("jobs", "Jobs.").worker(other).create().inc(4);
    io.prometheus.client.Gauge.build("depth", "Of a queue.").register(registry).set(2);
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/metrics", new MetricsHandler(registry));
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
    other.close();
    worker.close();
  }

  private HttpResponse<byte[]> ask(String method, String query, String... headers)
      throws Exception {
    URI uri = URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/metrics" + query);
    HttpRequest.Builder request =
        HttpRequest.newBuilder(uri)
            .timeout(Duration.ofSeconds(20))
            .method(method, BodyPublishers.noBody());
    if (headers.length > 0) {
      request.headers(headers);
    }
    return client.send(request.build(), BodyHandlers.ofByteArray());
  }

  @Test
  void showsAllWorkersAndWhateverElseIsOnTheRegistry() throws Exception {
    HttpResponse<byte[]> answer = ask("GET", "");
    assertEquals(200, answer.statusCode());
    assertEquals(
        "text/plain; version=0.0.4; charset=utf-8",
        answer.headers().firstValue("Content-Type").orElse(""));
    String text = new String(answer.body(), UTF_8);
    assertTrue(text.contains("\njobs_total 7.0\n"), text);
    assertTrue(text.contains("\ndepth 2.0\n"), text);
  }

  @Test
  void answersInOpenMetricsAndCompressedWhereAsked() throws Exception {
    HttpResponse<byte[]> answer =
        ask("GET", "", "Accept", "application/openmetrics-text", "Accept-Encoding", "gzip");
    assertEquals("gzip", answer.headers().firstValue("Content-Encoding").orElse(""));
    byte[] plain = new GZIPInputStream(new ByteArrayInputStream(answer.body())).readAllBytes();
    assertTrue(new String(plain, UTF_8).endsWith("# EOF\n"));
  }

  @Test
  void answersInTextIfProtobufIsPreferred() throws Exception {
    HttpResponse<byte[]> answer =
        ask(
            "GET",
            "",
            "Accept",
            "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;"
                + "encoding=delimited,application/openmetrics-text;q=0.8,text/plain;q=0.5");
    assertEquals(
        "application/openmetrics-text; version=1.0.0; charset=utf-8",
        answer.headers().firstValue("Content-Type").orElse(""));
    assertTrue(new String(answer.body(), UTF_8).endsWith("# EOF\n"));
  }

  @Test
  void selectsByName() throws Exception {
    String text = new String(ask("GET", "?name[]=depth".replace("[]", "%5B%5D")).body(), UTF_8);
    assertTrue(text.contains("\ndepth 2.0\n"), text);
    assertFalse(text.contains("jobs"), text);
  }

  @Test
  void refusesWhatIsNoScrape() throws Exception {
    assertEquals(405, ask("POST", "").statusCode());
    assertEquals(404, ask("GET", "?worker=1").statusCode());
    HttpResponse<byte[]> head = ask("HEAD", "");
    assertEquals(200, head.statusCode());
    assertEquals(0, head.body().length);
  }

  @Test
  void tellsOfACollectorThatFails() throws Exception {
    registry.register(
        new Collector() {
          @Override
          public List<MetricFamilySamples> collect() {
            throw new IllegalStateException("no answer");
          }
        });
    assertEquals(500, ask("GET", "").statusCode());
  }
}
