package io.github.multiprom.internal.cell;

/** The value behind one gauge child. Thread-safe; never throws. */
public interface GaugeCell {
  /** Sets the value. */
  void set(double value);

  /** Adds an amount, atomically. */
  void add(double amount);

  /** The set time of a gauge that was withdrawn: it takes no part until it is set again. */
  double WITHDRAWN = -1;

  /**
   * Sets the value as it was at another time: microseconds since the epoch, not 0; or {@link
   * #WITHDRAWN}.
   */
  void restore(double value, double setTimeMicros);

  /** This worker's own value; 0 while it was never set. */
  double get();

  /** Withdraws the value. For one thread, which alone sets it. */
  default void withdraw() {
    restore(get(), WITHDRAWN);
  }

  /** When the value was set: microseconds since the epoch, 0 for never, less if withdrawn. */
  double setTimeMicros();
}
