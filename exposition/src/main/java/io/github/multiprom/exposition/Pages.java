package io.github.multiprom.exposition;

import com.sun.net.httpserver.HttpExchange;

/** What a server answers at its paths. Thread-safe. */
@FunctionalInterface
interface Pages {
  /**
   * Answers a request with the method GET or HEAD.
   *
   * @throws RuntimeException if it fails: the server tells the client
   */
  Page answer(HttpExchange exchange);
}
