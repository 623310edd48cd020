package io.github.multiprom.agent.inside;

import io.github.multiprom.metrics.BridgedFamilies;
import io.github.multiprom.metrics.MetricFamily;
import java.util.function.DoubleSupplier;
import java.util.function.ToDoubleFunction;

/**
 * What a child of the application asks for its value, or its sum.
 *
 * @param <C> the type of the worker's child
 */
class Link<C> implements DoubleSupplier {
  final C own;
  final boolean isOverflow;
  private final ToDoubleFunction<C> sum;

  Link(C own, MetricFamily family, ToDoubleFunction<C> sum) {
    this.own = own;
    this.sum = sum;
    isOverflow = BridgedFamilies.isOverflow(family, own);
  }

  @Override
  public double getAsDouble() {
    return sum.applyAsDouble(own);
  }

  /** Whether the application has set the value: then it stands. */
  boolean isSet() {
    return false;
  }
}
