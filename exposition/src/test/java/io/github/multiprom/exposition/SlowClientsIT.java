package io.github.multiprom.exposition;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.multiprom.exposition.http.RequestThreads;
import io.github.multiprom.merge.MultiprocessCollector;
import io.github.multiprom.metrics.Counter;
import io.github.multiprom.metrics.Worker;
import io.prometheus.client.CollectorRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A hundred slow clients at once, and one that is not. */
@Timeout(180)
class SlowClientsIT {
  private static final int CLIENTS = 100;
  private static final String REQUEST = "GET /metrics HTTP/1.1\r\nHost: localhost\r\n";
  private static final long BYTE_INTERVAL_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

  /** Below the limits of the JDK's server, for a request and for an answer. */
  private static final long RECEIVING_LIMIT_NANOS = TimeUnit.SECONDS.toNanos(8);

  private static final long SENDING_LIMIT_NANOS = TimeUnit.SECONDS.toNanos(20);

  @TempDir Path directory;

  private final List<Socket> slow = new ArrayList<>();
  private Worker worker;
  private MultiprocessCollector collector;
  private MetricsServer server;

  @BeforeEach
  void start() throws IOException {
    worker = Worker.builder().directory(directory).maxLabelBytes(64 << 20).open();
    Counter counter =
        Counter.build("jobs", "Jobs.")
            .labelNames("kind")
            .worker(worker)
            .register(new CollectorRegistry());
    // More than the buffers of two sockets take.
    for (int i = 0; i < 3_000; i++) {
      counter.labels("x".repeat(1_000) + i).inc();
    }
    collector = new MultiprocessCollector(directory);
    server = MetricsServer.start(collector, "127.0.0.1", 0);
  }

  @AfterEach
  void stop() throws IOException {
    for (Socket socket : slow) {
      socket.close();
    }
    server.close();
    collector.close();
    worker.close();
  }

  private void connect(String first) throws IOException {
    for (int i = 0; i < CLIENTS; i++) {
      Socket socket = new Socket();
      slow.add(socket);
      socket.setReceiveBufferSize(4096);
      socket.connect(
          new InetSocketAddress(InetAddress.getLoopbackAddress(), server.port()), 10_000);
      socket.getOutputStream().write(first.getBytes(StandardCharsets.US_ASCII));
    }
  }

  @Test
  void doNotDelayOthersWithHalfARequest() throws Exception {
    connect(REQUEST);
    scrapes(RECEIVING_LIMIT_NANOS);
  }

  @Test
  void doNotDelayOthersByNeverReading() throws Exception {
    connect(REQUEST + "\r\n");
    scrapes(SENDING_LIMIT_NANOS);
  }

  @Test
  void doNotDelayOthersByteByByte() throws Exception {
    connect("G");
    Thread writing = new Thread(this::writeByteByByte);
    writing.setDaemon(true);
    writing.start();
    try {
      scrapes(RECEIVING_LIMIT_NANOS);
    } finally {
      writing.interrupt();
      writing.join();
    }
  }

  private void writeByteByByte() {
    String rest = REQUEST.substring(1) + "X-Long: " + "y".repeat(10_000);
    for (int i = 0; i < rest.length(); i++) {
      for (Socket socket : slow) {
        try {
          socket.getOutputStream().write(rest.charAt(i));
        } catch (IOException e) {
          // The server has had enough of this one.
        }
      }
      LockSupport.parkNanos(BYTE_INTERVAL_NANOS);
      if (Thread.interrupted()) {
        return;
      }
    }
  }

  /** Scrapes while every thread of the server has a slow client. */
  private void scrapes(long limitNanos) throws Exception {
    while (server.threadCount() < RequestThreads.MAX_THREADS) {
      Thread.onSpinWait();
    }
    HttpClient client = HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(10)).build();
    HttpRequest request = HttpRequest.newBuilder(URI.create(server.url())).build();
    for (int i = 0; i < 5; i++) {
      long start = System.nanoTime();
      HttpResponse<String> response = client.send(request, BodyHandlers.ofString());
      long nanos = System.nanoTime() - start;
      System.out.println("scrape " + i + " beside slow clients: " + nanos / 1_000_000 + " ms");
      assertEquals(200, response.statusCode());
      assertTrue(response.body().length() > 5_000_000, "small enough for the sockets' buffers");
      assertTrue(nanos < limitNanos, nanos + " ns");
    }
    long threads =
        Thread.getAllStackTraces().keySet().stream()
            .filter(thread -> thread.getName().equals("multiprom-http"))
            .count();
    assertTrue(threads <= RequestThreads.MAX_THREADS, threads + " threads");
  }
}
