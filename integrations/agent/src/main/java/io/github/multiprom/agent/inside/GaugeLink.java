package io.github.multiprom.agent.inside;

import io.github.multiprom.metrics.Gauge;
import io.github.multiprom.metrics.MetricFamily;
import java.util.function.DoubleConsumer;

/** A link of a gauge, which sets the value as well. */
final class GaugeLink extends Link<Gauge.Child> implements DoubleConsumer {
  private boolean isSet;

  GaugeLink(Gauge.Child own, MetricFamily family) {
    super(own, family, Gauge.Child::get);
  }

  @Override
  public void accept(double value) {
    if (!isSet) {
      isSet = true;
    }
    own.set(value);
  }

  @Override
  boolean isSet() {
    return isSet;
  }
}
