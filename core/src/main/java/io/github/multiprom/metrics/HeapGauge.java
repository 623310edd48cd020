package io.github.multiprom.metrics;

import io.github.multiprom.internal.cell.GaugeCell;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.concurrent.atomic.AtomicLong;

/** The value of a gauge without a directory. Thread-safe. */
final class HeapGauge implements GaugeCell {
  // The bits of the value.
  private final AtomicLong value = new AtomicLong();
  private final boolean timesEverySet;
  private volatile double setTimeMicros;

  /**
   * A gauge that was never set.
   *
   * @param timesEverySet whether the time of each set is noted, or of the first one only
   */
  HeapGauge(boolean timesEverySet) {
    this.timesEverySet = timesEverySet;
  }

  @Override
  public void set(double newValue) {
    value.set(Double.doubleToRawLongBits(newValue));
    noteSet();
  }

  @Override
  public void add(double amount) {
    long before;
    double after;
    do {
      before = value.get();
      after = Double.longBitsToDouble(before) + amount;
    } while (!value.compareAndSet(before, Double.doubleToRawLongBits(after)));
    noteSet();
  }

  private void noteSet() {
    if (timesEverySet || setTimeMicros <= 0) {
      setTimeMicros = (double) ChronoUnit.MICROS.between(Instant.EPOCH, Instant.now());
    }
  }

  @Override
  public void restore(double newValue, double newSetTimeMicros) {
    value.set(Double.doubleToRawLongBits(newValue));
    setTimeMicros = newSetTimeMicros;
  }

  @Override
  public double get() {
    return Double.longBitsToDouble(value.get());
  }

  @Override
  public double setTimeMicros() {
    return setTimeMicros;
  }
}
