package io.github.multiprom.exposition.http;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import io.github.multiprom.exposition.text.ExpositionFormat;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Set;

/**
 * What a request for metrics asks for.
 *
 * @param names of families or samples; empty for all
 * @param gzip whether the client takes a compressed answer
 */
public record ScrapeRequest(ExpositionFormat format, Set<String> names, boolean gzip) {
  /**
   * Reads query and headers.
   *
   * @throws IllegalArgumentException if the query cannot be decoded
   */
  public static ScrapeRequest of(HttpExchange exchange) {
    Headers headers = exchange.getRequestHeaders();
    return new ScrapeRequest(
        Negotiation.format(all(headers, "Accept")),
        names(exchange.getRequestURI().getRawQuery()),
        Negotiation.isGzipAccepted(all(headers, "Accept-Encoding")));
  }

  /** Sets the headers that tell what the answer is. */
  public void describe(Headers answer) {
    answer.set("Content-Type", format.contentType());
    answer.set("Vary", "Accept, Accept-Encoding");
    if (gzip) {
      answer.set("Content-Encoding", "gzip");
    }
  }

  private static String all(Headers headers, String name) {
    return headers.containsKey(name) ? String.join(",", headers.get(name)) : null;
  }

  private static Set<String> names(String query) {
    Set<String> names = new HashSet<>();
    if (query != null) {
      for (String pair : query.split("&", -1)) {
        int equals = pair.indexOf('=');
        if (equals > 0 && decode(pair.substring(0, equals)).equals("name[]")) {
          names.add(decode(pair.substring(equals + 1)));
        }
      }
    }
    return names;
  }

  private static String decode(String text) {
    return URLDecoder.decode(text, StandardCharsets.UTF_8);
  }
}
