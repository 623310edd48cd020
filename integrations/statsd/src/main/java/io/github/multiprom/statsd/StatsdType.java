package io.github.multiprom.statsd;

/** What a line says that its value is. */
enum StatsdType {
  COUNTER("c"),
  GAUGE("g"),
  /** In milliseconds. */
  TIMER("ms"),
  HISTOGRAM("h"),
  DISTRIBUTION("d");

  private final String code;

  StatsdType(String code) {
    this.code = code;
  }

  /** As it stands in a line. */
  String code() {
    return code;
  }

  boolean isObserver() {
    return this == TIMER || this == HISTOGRAM || this == DISTRIBUTION;
  }

  /** The type of a code; null if there is none. */
  static StatsdType of(String code) {
    for (StatsdType type : values()) {
      if (type.code.equals(code)) {
        return type;
      }
    }
    return null;
  }
}
