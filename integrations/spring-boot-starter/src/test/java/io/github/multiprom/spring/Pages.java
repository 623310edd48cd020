package io.github.multiprom.spring;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** Pages of an application. */
final class Pages {
  static final String METRICS = "/actuator/prometheus";
  private static final HttpClient CLIENT = HttpClient.newHttpClient();

  private Pages() {}

  static String get(int port, String path) {
    return new String(
        get(port, path, "text/plain").body(), java.nio.charset.StandardCharsets.UTF_8);
  }

  static HttpResponse<byte[]> get(int port, String path, String accept) {
    return get(port, path, accept, null);
  }

  /**
   * Asks for a page.
   *
   * @param trace of the caller, as {@code traceparent} has it; null if there is none
   */
  static HttpResponse<byte[]> get(int port, String path, String accept, String trace) {
    HttpRequest.Builder builder =
        HttpRequest.newBuilder(URI.create("http://localhost:" + port + path))
            .header("Accept", accept);
    if (trace != null) {
      builder.header("traceparent", trace);
    }
    HttpRequest request = builder.build();
    try {
      HttpResponse<byte[]> response = CLIENT.send(request, HttpResponse.BodyHandlers.ofByteArray());
      if (response.statusCode() != 200) {
        throw new IOException(path + " answers " + response.statusCode());
      }
      return response;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /**
   * Asks for the metrics until the samples whose line begins with a text have a sum, and returns
   * them: a request is counted when it has been answered.
   */
  static String awaitSum(int port, String beginning, double sum) {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    String text = get(port, METRICS);
    while (sum(text, beginning) != sum) {
      assertTrue(System.nanoTime() - end < 0, text);
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
      text = get(port, METRICS);
    }
    return text;
  }

  /** The sum of the samples whose line begins with a text; NaN if there is none. */
  static double sum(String text, String beginning) {
    double[] values =
        text.lines()
            .filter(line -> line.startsWith(beginning))
            .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
            .toArray();
    double sum = values.length == 0 ? Double.NaN : 0;
    for (double value : values) {
      sum += value;
    }
    return sum;
  }
}
