package io.github.multiprom.metrics;

import io.github.multiprom.store.GaugeCell;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/**
 * A gauge's value that is kept in memory, or on its way from one worker file to another.
 * Thread-safe.
 */
final class MovableGauge implements GaugeCell {
  // Null: the value is here.
  private GaugeCell target;
  private double value;
  private double setTimeMicros;

  /** A value in memory, never set. */
  MovableGauge() {}

  /** The value of a cell; threads that still hold the cell itself may go on setting it. */
  MovableGauge(GaugeCell from) {
    target = from;
  }

  @Override
  public synchronized void set(double newValue) {
    if (target == null) {
      restore(newValue, (double) ChronoUnit.MICROS.between(Instant.EPOCH, Instant.now()));
    } else {
      target.set(newValue);
    }
  }

  @Override
  public synchronized void add(double amount) {
    if (target == null) {
      set(value + amount);
    } else {
      target.add(amount);
    }
  }

  @Override
  public synchronized void restore(double newValue, double newSetTimeMicros) {
    if (target == null) {
      value = newValue;
      setTimeMicros = newSetTimeMicros;
    } else {
      target.restore(newValue, newSetTimeMicros);
    }
  }

  @Override
  public synchronized double get() {
    return target == null ? value : target.get();
  }

  @Override
  public synchronized double setTimeMicros() {
    return target == null ? setTimeMicros : target.setTimeMicros();
  }

  /** Gives the value to a cell, which takes over. A gauge that was never set stays so. */
  synchronized void moveTo(GaugeCell to) {
    if (setTimeMicros() != 0) {
      to.restore(get(), setTimeMicros());
    }
    target = to;
  }
}
