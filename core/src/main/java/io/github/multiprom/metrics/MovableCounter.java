package io.github.multiprom.metrics;

import io.github.multiprom.store.CounterCell;

/**
 * A counter's sum that is kept in memory, or on its way from one worker file to another.
 * Thread-safe.
 */
final class MovableCounter implements CounterCell {
  // Null: the sum is here.
  private CounterCell target;
  private double sum;

  /** A sum in memory, 0. */
  MovableCounter() {}

  /** The sum of a cell; threads that still hold the cell itself may go on adding to it. */
  MovableCounter(CounterCell from) {
    target = from;
  }

  @Override
  public synchronized void add(double amount) {
    if (target == null) {
      sum += amount;
    } else {
      target.add(amount);
    }
  }

  @Override
  public synchronized double get() {
    return target == null ? sum : target.get();
  }

  /** Adds the sum to a cell, which takes over. */
  synchronized void moveTo(CounterCell to) {
    to.add(get());
    target = to;
  }
}
