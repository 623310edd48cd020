package io.github.multiprom.agent.inside;

import io.github.multiprom.metrics.Counter;
import io.github.multiprom.metrics.Gauge;
import java.lang.ref.WeakReference;

/**
 * A child of the application that is asked for its value. The worker keeps this object, which keeps
 * neither the child nor its class loader.
 */
record AskedChild(WeakReference<Object> child, WeakReference<Adapter> adapter) {
  AskedChild(Object child, Adapter adapter) {
    this(new WeakReference<>(child), new WeakReference<>(adapter));
  }

  /** NaN if the application let go of it. */
  double get() {
    Object asked = child.get();
    Adapter hands = adapter.get();
    return asked == null || hands == null ? Double.NaN : hands.get(asked);
  }

  Counter.Child counter() {
    return new Counter.Child() {
      @Override
      public double get() {
        return AskedChild.this.get();
      }
    };
  }

  Gauge.Child gauge(Gauge family, String[] labelValues) {
    return new Gauge.Child() {
      @Override
      public double get() {
        double value = AskedChild.this.get();
        if (isGone()) {
          family.remove(labelValues);
        }
        return value;
      }
    };
  }

  private boolean isGone() {
    return child.get() == null || adapter.get() == null;
  }
}
