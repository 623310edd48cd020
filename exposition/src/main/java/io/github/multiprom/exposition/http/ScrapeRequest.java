package io.github.multiprom.exposition.http;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import io.github.multiprom.exposition.format.ExpositionFormat;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Function;

/**
 * What a request for metrics asks for.
 *
 * @param names of families or samples; empty for all
 * @param worker an incarnation or the name of the one worker that is wanted; null for all
 * @param gzip whether the client takes a compressed answer
 */
public record ScrapeRequest(
    ExpositionFormat format, Set<String> names, String worker, boolean gzip) {
  /**
   * Reads query and headers.
   *
   * @throws IllegalArgumentException if the query cannot be decoded
   */
  public static ScrapeRequest of(HttpExchange exchange) {
    return of(exchange, Negotiation::format);
  }

  /**
   * The same where only text can be answered.
   *
   * @throws IllegalArgumentException if the query cannot be decoded
   */
  public static ScrapeRequest ofText(HttpExchange exchange) {
    return of(exchange, Negotiation::textFormat);
  }

  private static ScrapeRequest of(
      HttpExchange exchange, Function<String, ExpositionFormat> negotiation) {
    Query query = Query.of(exchange);
    Headers headers = exchange.getRequestHeaders();
    return new ScrapeRequest(
        negotiation.apply(all(headers, "Accept")),
        Set.copyOf(query.all("name[]")),
        query.first("worker"),
        Negotiation.isGzipAccepted(all(headers, "Accept-Encoding")));
  }

  /** Sets the headers that tell what the answer is. */
  public void describe(BiConsumer<String, String> answer) {
    answer.accept("Content-Type", format.contentType());
    answer.accept("Vary", "Accept, Accept-Encoding");
    if (gzip) {
      answer.accept("Content-Encoding", "gzip");
    }
  }

  private static String all(Headers headers, String name) {
    return headers.containsKey(name) ? String.join(",", headers.get(name)) : null;
  }
}
