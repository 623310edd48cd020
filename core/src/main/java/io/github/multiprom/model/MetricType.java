package io.github.multiprom.model;

/** The metric types of a family. Immutable. */
public enum MetricType {
  /** A sum that only rises: one cell per series. */
  COUNTER(1),
  /** A number that is set: a value cell and a set-time cell per series. */
  GAUGE(2),
  /** Observations in buckets: two sums, a cell per bucket, and a parity. */
  HISTOGRAM(3),
  /** Count and sum of observations: a histogram whose only bucket is +Inf. */
  SUMMARY(4),
  /** What something is, said by labels: a gauge of the value 1. */
  INFO(5),
  /** One of several states: a gauge whose value is the index of the state. */
  STATESET(6);

  private final int code;

  MetricType(int code) {
    this.code = code;
  }

  /** The number that stands for this type in a worker file. */
  public int code() {
    return code;
  }

  /** Whether the type records observations (histogram or summary). */
  public boolean isDistribution() {
    return this == HISTOGRAM || this == SUMMARY;
  }

  /** Whether a series is a value that is set: a gauge, an info or a state. */
  public boolean isSet() {
    return this == GAUGE || this == INFO || this == STATESET;
  }

  /** Whether some type has a code; later releases may add some. */
  public static boolean isCode(int code) {
    for (MetricType type : values()) {
      if (type.code == code) {
        return true;
      }
    }
    return false;
  }

  /**
   * The type with a code.
   *
   * @throws IllegalArgumentException if no type has it
   */
  public static MetricType ofCode(int code) {
    for (MetricType type : values()) {
      if (type.code == code) {
        return type;
      }
    }
    throw new IllegalArgumentException("unknown metric type " + code);
  }
}
