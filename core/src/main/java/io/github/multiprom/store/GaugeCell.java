package io.github.multiprom.store;

/** The value behind one gauge child. Thread-safe; never throws. */
public interface GaugeCell {
  /** Sets the value. */
  void set(double value);

  /** Adds an amount, atomically. */
  void add(double amount);

  /** Sets the value as it was at another time: microseconds since the epoch, not 0. */
  void restore(double value, double setTimeMicros);

  /** This worker's own value; 0 while it was never set. */
  double get();

  /** When the value was set: microseconds since the epoch, 0 for never. */
  double setTimeMicros();
}
