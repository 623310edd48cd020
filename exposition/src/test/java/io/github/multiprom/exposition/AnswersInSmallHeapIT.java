package io.github.multiprom.exposition;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.multiprom.metrics.Counter;
import io.github.multiprom.metrics.Worker;
import io.prometheus.client.CollectorRegistry;
import java.io.BufferedReader;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Two hundred clients that ask and never read, for answers that are large beside the heap. */
@Tag("field")
class AnswersInSmallHeapIT {
  private static final int CLIENTS = 200;
  private static final int FAMILIES = 4;
  private static final int SERIES = 1_500;
  private static final String REQUEST = "GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n";

  @TempDir Path temporary;

  private final List<Socket> silent = new ArrayList<>();

  private void count(Path directory) {
    try (Worker worker = Worker.builder().directory(directory).open()) {
      for (int family = 0; family < FAMILIES; family++) {
        Counter counter =
            Counter.build("jobs" + family, "Jobs.")
                .labelNames("kind")
                .worker(worker)
                .register(new CollectorRegistry());
        for (int i = 0; i < SERIES; i++) {
          counter.labels("x".repeat(1_000) + i).inc();
        }
      }
    }
  }

  private void askAndNeverRead(int port) throws IOException {
    Socket socket = new Socket();
    silent.add(socket);
    socket.setReceiveBufferSize(4096);
    socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 10_000);
    socket.getOutputStream().write(REQUEST.repeat(10).getBytes(StandardCharsets.US_ASCII));
  }

  @Test
  @Timeout(120)
  void doNotEndScrapes() throws Exception {
    Path directory = temporary.resolve("metrics");
    count(directory);
    Path said = temporary.resolve("said");
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx128m",
                "-cp",
                System.getProperty("java.class.path"),
                "io.github.multiprom.cli.Multiprom",
                "serve",
                "--dir",
                directory.toString(),
                "--port",
                "0")
            .redirectError(Redirect.to(said.toFile()))
            .start();
    try (BufferedReader out = process.inputReader(StandardCharsets.UTF_8)) {
      URI uri = URI.create(out.readLine().substring("listening on ".length()));
      HttpClient client = HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(10)).build();
      HttpRequest request = HttpRequest.newBuilder(uri).timeout(Duration.ofSeconds(60)).build();
      long length = scrape(client, request).body().length();
      for (int i = 1; i <= CLIENTS; i++) {
        askAndNeverRead(uri.getPort());
        if (i % 40 == 0) {
          HttpResponse<String> response = scrape(client, request);
          assertEquals(200, response.statusCode(), response.body());
          assertTrue(Math.abs(length - response.body().length()) < 10_000, "not the same");
        }
      }
      String errors = Files.readString(said);
      assertTrue(errors.lines().noneMatch(line -> line.contains("OutOfMemory")), errors);
    } finally {
      process.destroyForcibly();
      for (Socket socket : silent) {
        socket.close();
      }
    }
  }

  private static HttpResponse<String> scrape(HttpClient client, HttpRequest request)
      throws IOException, InterruptedException {
    long start = System.nanoTime();
    HttpResponse<String> response = client.send(request, BodyHandlers.ofString());
    System.out.printf(
        "scrape beside silent clients: %d bytes, %d ms%n",
        response.body().length(), (System.nanoTime() - start) / 1_000_000);
    return response;
  }
}
