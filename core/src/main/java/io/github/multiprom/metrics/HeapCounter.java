package io.github.multiprom.metrics;

import io.github.multiprom.internal.cell.CounterCell;
import java.util.concurrent.atomic.DoubleAdder;

/** The sum of a counter without a directory. Thread-safe. */
final class HeapCounter implements CounterCell {
  private final DoubleAdder sum = new DoubleAdder();

  @Override
  public void add(double amount) {
    sum.add(amount);
  }

  @Override
  public double get() {
    return sum.sum();
  }
}
