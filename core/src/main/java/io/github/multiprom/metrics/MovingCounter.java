package io.github.multiprom.metrics;

import io.github.multiprom.internal.cell.CounterCell;
import io.github.multiprom.internal.worker.IncarnationWriter;

/** A counter's sum, as {@link MovingCells}. */
final class MovingCounter extends MovingCells<CounterCell> implements CounterCell {
  /** A sum in memory. */
  MovingCounter(double sum) {
    super(null, new double[] {sum});
  }

  /** The sum of a cell. */
  MovingCounter(CounterCell from) {
    super(from, null);
  }

  @Override
  public synchronized void add(double amount) {
    if (target() == null) {
      own()[0] += amount;
    } else {
      target().add(amount);
    }
  }

  @Override
  public synchronized double get() {
    return target() == null ? own()[0] : target().get();
  }

  @Override
  double[] numbers(CounterCell cell) {
    return new double[] {cell.get()};
  }

  @Override
  CounterCell cells(IncarnationWriter writer, int series) {
    return writer.counter(series);
  }

  @Override
  void complete(CounterCell published, double[] numbers) {
    double missed = numbers[0] - published.get();
    if (missed > 0 && missed < Double.POSITIVE_INFINITY) {
      published.add(missed);
    }
  }

  @Override
  void addTo(CounterCell other, double[] numbers) {
    // Without a directory it may be infinite or NaN, with one it must not.
    if (Double.isFinite(numbers[0])) {
      other.add(numbers[0]);
    }
  }
}
