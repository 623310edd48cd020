package io.github.multiprom.model;

/**
 * How the values that several workers set for one gauge become one. Immutable.
 *
 * <p>A gauge mode is a fold and the choice between all workers and the live ones only;
 * client_python names the ten pairs, see <a
 * href="https://prometheus.github.io/client_python/multiprocess/">multiprocess mode</a>.
 */
public enum GaugeFold {
  /** Not folded: one series per worker. */
  ALL(1),
  /** The sum. */
  SUM(2),
  /** The least value; NaN only if every worker set NaN. */
  MIN(3),
  /** The greatest value; NaN only if every worker set NaN. */
  MAX(4),
  /** The value that was set last. */
  MOSTRECENT(5);

  private final int code;

  GaugeFold(int code) {
    this.code = code;
  }

  /** The number that stands for this fold in a worker file. */
  public int code() {
    return code;
  }

  /**
   * Whether a value takes the place of what is folded so far. If not, {@link #SUM} adds it and the
   * others pass over it.
   *
   * @param setTime when the value was set, more than 0
   * @param before what is folded so far
   * @param beforeSetTime when the latest of that was set; 0 if there is nothing yet
   */
  public boolean replaces(double value, double setTime, double before, double beforeSetTime) {
    return beforeSetTime == 0
        || switch (this) {
          case SUM -> false;
          case ALL, MOSTRECENT -> setTime >= beforeSetTime;
          // To compare, NaN is the greatest, and -0.0 is less than 0.0.
          case MIN -> Double.compare(value, before) < 0;
          case MAX ->
              Double.isNaN(before) || (Double.compare(value, before) > 0 && !Double.isNaN(value));
        };
  }

  /** Whether some fold has a code; later releases may add some. */
  public static boolean isCode(int code) {
    for (GaugeFold fold : values()) {
      if (fold.code == code) {
        return true;
      }
    }
    return false;
  }

  /**
   * The fold with a code.
   *
   * @throws IllegalArgumentException if no fold has it
   */
  public static GaugeFold ofCode(int code) {
    for (GaugeFold fold : values()) {
      if (fold.code == code) {
        return fold;
      }
    }
    throw new IllegalArgumentException("unknown gauge fold " + code);
  }
}
