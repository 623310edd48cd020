package io.github.multiprom.metrics;

import io.github.multiprom.internal.cell.CounterCell;
import io.github.multiprom.internal.worker.IncarnationWriter;
import java.io.IOException;

/**
 * A counter's sum that is kept in memory, or on its way from one worker file to another.
 * Thread-safe.
 */
final class MovingCounter implements CounterCell {
  // Null: the sum is here.
  private CounterCell target;
  private double sum;

  /** A sum in memory. */
  MovingCounter(double sum) {
    this.sum = sum;
  }

  /** The sum of a cell; threads that still hold the cell itself may go on adding to it. */
  MovingCounter(CounterCell from) {
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

  /**
   * Publishes the sum and returns its cell, which takes over. No increment comes in between.
   *
   * @throws IOException if it was not published
   */
  synchronized CounterCell moveTo(IncarnationWriter writer, Publication publication)
      throws IOException {
    double value = get();
    CounterCell moved = writer.counter(publication.publish(new double[] {value}));
    // It may have been published before, with less, when no heap was left for the cell.
    double missed = value - moved.get();
    if (missed > 0 && missed < Double.POSITIVE_INFINITY) {
      moved.add(missed);
    }
    target = moved;
    return target;
  }

  /** Adds the sum to another cell, which takes over. No increment comes in between. */
  synchronized void join(CounterCell other) {
    double own = get();
    // Without a directory it may be infinite or NaN, with one it must not.
    if (Double.isFinite(own)) {
      other.add(own);
    }
    target = other;
  }

  /** Goes on in memory. */
  synchronized void detach() {
    sum = get();
    target = null;
  }
}
