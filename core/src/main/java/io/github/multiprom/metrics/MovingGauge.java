package io.github.multiprom.metrics;

import io.github.multiprom.internal.cell.GaugeCell;
import io.github.multiprom.internal.worker.IncarnationWriter;
import java.io.IOException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/**
 * A gauge's value that is kept in memory, or on its way from one worker file to another.
 * Thread-safe.
 */
final class MovingGauge implements GaugeCell {
  // Null: the value is here.
  private GaugeCell target;
  private double value;
  private double setTimeMicros;

  /** A value in memory; the set time is 0 if it was never set. */
  MovingGauge(double value, double setTimeMicros) {
    this.value = value;
    this.setTimeMicros = setTimeMicros;
  }

  /** The value of a cell; threads that still hold the cell itself may go on setting it. */
  MovingGauge(GaugeCell from) {
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

  /**
   * Publishes the value and returns its cell, which takes over. No change comes in between.
   *
   * @throws IOException if it was not published
   */
  synchronized GaugeCell moveTo(IncarnationWriter writer, Publication publication)
      throws IOException {
    double[] current = {get(), setTimeMicros()};
    GaugeCell moved = writer.gauge(publication.publish(current));
    // It may have been published before, with another value, when no heap was left for the cell.
    moved.restore(current[0], current[1]);
    target = moved;
    return target;
  }

  /** Goes on in another cell, which keeps the value that was set last. */
  synchronized void join(GaugeCell other) {
    if (setTimeMicros() > other.setTimeMicros()) {
      other.restore(get(), setTimeMicros());
    }
    target = other;
  }

  /** Goes on in memory. */
  synchronized void detach() {
    value = get();
    setTimeMicros = setTimeMicros();
    target = null;
  }
}
