package io.github.multiprom.micrometer;

import io.github.multiprom.metrics.Counter;
import io.micrometer.core.instrument.AbstractMeter;

/** A counter in the cells of this worker. Thread-safe. */
final class WorkerCounter extends AbstractMeter implements io.micrometer.core.instrument.Counter {
  private final Counter.Child child;

  WorkerCounter(Id id, Counter.Child child) {
    super(id);
    this.child = child;
  }

  @Override
  public void increment(double amount) {
    // As in Micrometer's own registry, an amount that is not positive changes nothing.
    if (amount > 0) {
      child.inc(amount);
    }
  }

  @Override
  public double count() {
    return child.get();
  }
}
