package io.github.multiprom.exposition.format;

/** The formats. Immutable. */
public enum ExpositionFormat {
  /** Prometheus' text format, version 0.0.4. */
  TEXT("text/plain; version=0.0.4; charset=utf-8"),
  /** OpenMetrics text, version 1.0.0. */
  OPENMETRICS("application/openmetrics-text; version=1.0.0; charset=utf-8"),
  /**
   * Prometheus' protobuf messages, each behind its length: the one format with native histograms.
   */
  PROTOBUF(
      "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily;"
          + " encoding=delimited");

  private final String contentType;

  ExpositionFormat(String contentType) {
    this.contentType = contentType;
  }

  /** The value of the HTTP header {@code Content-Type}. */
  public String contentType() {
    return contentType;
  }

  /** Whether it is text. */
  public boolean isText() {
    return this != PROTOBUF;
  }
}
