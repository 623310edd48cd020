package io.github.multiprom.exposition.http;

import com.sun.net.httpserver.HttpExchange;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The parameters of a request's query. Immutable. */
public final class Query {
  private final Map<String, List<String>> values = new HashMap<>();

  private Query(String query) {
    for (String pair : query.split("&", -1)) {
      int equals = pair.indexOf('=');
      if (equals > 0) {
        values
            .computeIfAbsent(decode(pair.substring(0, equals)), none -> new ArrayList<>())
            .add(decode(pair.substring(equals + 1)));
      }
    }
  }

  /**
   * The query of a request.
   *
   * @throws IllegalArgumentException if it cannot be decoded
   */
  public static Query of(HttpExchange exchange) {
    String query = exchange.getRequestURI().getRawQuery();
    return new Query(query == null ? "" : query);
  }

  /** All values of a parameter; none if it is not there. */
  public List<String> all(String name) {
    return List.copyOf(values.getOrDefault(name, List.of()));
  }

  /** The first value of a parameter; null if it is not there. */
  public String first(String name) {
    return values.containsKey(name) ? values.get(name).get(0) : null;
  }

  private static String decode(String text) {
    return URLDecoder.decode(text, StandardCharsets.UTF_8);
  }
}
