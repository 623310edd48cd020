package io.github.multiprom.exposition.format;

/** The text formats. Immutable. */
public enum ExpositionFormat {
  /** Prometheus' text format, version 0.0.4. */
  TEXT("text/plain; version=0.0.4; charset=utf-8"),
  /** OpenMetrics text, version 1.0.0. */
  OPENMETRICS("application/openmetrics-text; version=1.0.0; charset=utf-8");

  private final String contentType;

  ExpositionFormat(String contentType) {
    this.contentType = contentType;
  }

  /** The value of the HTTP header {@code Content-Type}. */
  public String contentType() {
    return contentType;
  }
}
