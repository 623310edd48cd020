package io.github.multiprom.metrics;

import java.util.concurrent.Callable;
import java.util.function.DoubleSupplier;

/** Runs code of the application and ends its timer, also if the code throws. */
final class Timing {
  private Timing() {}

  /**
   * Runs something.
   *
   * @param end ends the timer and returns the seconds
   * @return the seconds
   */
  static double run(Runnable timeable, DoubleSupplier end) {
    double seconds;
    try {
      timeable.run();
    } finally {
      seconds = end.getAsDouble();
    }
    return seconds;
  }

  /**
   * Calls something and returns its result.
   *
   * @param end ends the timer
   * @throws RuntimeException what was thrown; a checked exception as its cause
   */
  static <E> E call(Callable<E> timeable, Runnable end) {
    try {
      return timeable.call();
    } catch (RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new RuntimeException(e);
    } finally {
      end.run();
    }
  }
}
