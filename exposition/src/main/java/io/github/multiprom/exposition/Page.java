package io.github.multiprom.exposition;

import io.github.multiprom.exposition.format.Chunks.Chunk;
import io.github.multiprom.exposition.format.ExpositionBytes;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/**
 * An answer to a request. Immutable.
 *
 * @param code the HTTP status
 * @param headers the content type, and what else there is to say
 */
record Page(int code, Map<String, String> headers, ExpositionBytes body) {
  private static final String CONTENT_TYPE = "Content-Type";

  /** A line of plain text. */
  static Page ofLine(int code, String line) {
    byte[] bytes = (line + "\n").getBytes(StandardCharsets.UTF_8);
    return of(code, "text/plain; charset=utf-8", bytes);
  }

  /** Some bytes. */
  static Page of(int code, String contentType, byte[] bytes) {
    return new Page(code, Map.of(CONTENT_TYPE, contentType), body(bytes));
  }

  static ExpositionBytes body(byte[] bytes) {
    return new ExpositionBytes(List.of(new Chunk(bytes, bytes.length)));
  }
}
