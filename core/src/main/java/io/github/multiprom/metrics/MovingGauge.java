package io.github.multiprom.metrics;

import io.github.multiprom.internal.cell.GaugeCell;
import io.github.multiprom.internal.worker.IncarnationWriter;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/** A gauge's value and when it was set, as {@link MovingCells}. */
final class MovingGauge extends MovingCells<GaugeCell> implements GaugeCell {
  /** A value in memory; the set time is 0 if it was never set. */
  MovingGauge(double value, double setTimeMicros) {
    super(null, new double[] {value, setTimeMicros});
  }

  /** The value of a cell. */
  MovingGauge(GaugeCell from) {
    super(from, null);
  }

  @Override
  public synchronized void set(double newValue) {
    if (target() == null) {
      restore(newValue, (double) ChronoUnit.MICROS.between(Instant.EPOCH, Instant.now()));
    } else {
      target().set(newValue);
    }
  }

  @Override
  public synchronized void add(double amount) {
    if (target() == null) {
      set(own()[0] + amount);
    } else {
      target().add(amount);
    }
  }

  @Override
  public synchronized void restore(double newValue, double newSetTimeMicros) {
    if (target() == null) {
      own()[0] = newValue;
      own()[1] = newSetTimeMicros;
    } else {
      target().restore(newValue, newSetTimeMicros);
    }
  }

  @Override
  public synchronized double get() {
    return target() == null ? own()[0] : target().get();
  }

  @Override
  public synchronized double setTimeMicros() {
    return target() == null ? own()[1] : target().setTimeMicros();
  }

  @Override
  double[] numbers(GaugeCell cell) {
    return new double[] {cell.get(), cell.setTimeMicros()};
  }

  @Override
  GaugeCell cells(IncarnationWriter writer, int series) {
    return writer.gauge(series);
  }

  @Override
  void complete(GaugeCell published, double[] numbers) {
    published.restore(numbers[0], numbers[1]);
  }

  /** Of the two the value stays that was set last. */
  @Override
  void addTo(GaugeCell other, double[] numbers) {
    if (numbers[1] > other.setTimeMicros()) {
      other.restore(numbers[0], numbers[1]);
    }
  }
}
