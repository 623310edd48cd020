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
