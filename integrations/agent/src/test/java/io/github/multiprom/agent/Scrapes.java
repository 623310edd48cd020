package io.github.multiprom.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;

/** What tests see of metrics: lines of a text, and scrapes of a port. */
final class Scrapes {
  private static final Duration TIMEOUT = Duration.ofSeconds(30);
  private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(20);
  private static final long AWAIT_NANOS = TimeUnit.SECONDS.toNanos(60);

  private final HttpClient client = HttpClient.newHttpClient();
  private final int port;

  Scrapes(int port) {
    this.port = port;
  }

  /** A port that is free now. */
  static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  /** The samples of families whose names begin so, in order, with one form of labels. */
  static String samples(String text, String... beginnings) {
    return text.lines()
        .filter(line -> !line.contains("_created"))
        .filter(
            line -> {
              for (String beginning : beginnings) {
                if (line.startsWith(beginning)) {
                  return true;
                }
              }
              return false;
            })
        .map(line -> line.replace(",}", "}").replace("le=\"1\"", "le=\"1.0\""))
        .map(line -> line.endsWith(".0") ? line.substring(0, line.length() - 2) : line)
        .sorted()
        .collect(Collectors.joining("\n", "", "\n"));
  }

  /** The number of a sample. */
  static double value(String text, String sample) {
    return text.lines()
        .filter(line -> line.replace(",}", "}").startsWith(sample + " "))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
        .findFirst()
        .orElse(Double.NaN);
  }

  /** A scrape; null if nobody answers. */
  String tryScrape() throws InterruptedException {
    try {
      HttpResponse<String> response =
          client.send(
              HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/metrics"))
                  .timeout(TIMEOUT)
                  .build(),
              HttpResponse.BodyHandlers.ofString());
      return response.statusCode() == 200 ? response.body().replace(",}", "}") : null;
    } catch (IOException e) {
      return null;
    }
  }

  /** Scrapes until somebody answers. */
  String scrape() throws InterruptedException {
    return scrapeWith("");
  }

  /** Scrapes until the answer contains something. */
  String scrapeWith(String text) throws InterruptedException {
    long end = System.nanoTime() + AWAIT_NANOS;
    String last = null;
    do {
      String body = tryScrape();
      if (body != null && body.contains(text)) {
        return body;
      }
      last = body;
      LockSupport.parkNanos(PAUSE_NANOS);
    } while (System.nanoTime() < end);
    throw new AssertionError("not \"" + text + "\" in\n" + last);
  }

  /** Scrapes until the samples of families whose names begin so are these. */
  void awaitSamples(String expected, String... beginnings) throws InterruptedException {
    long end = System.nanoTime() + AWAIT_NANOS;
    String last = "";
    while (!last.equals(expected) && System.nanoTime() < end) {
      LockSupport.parkNanos(PAUSE_NANOS);
      String body = tryScrape();
      last = body == null ? "" : samples(body, beginnings);
    }
    assertEquals(expected, last);
  }
}
