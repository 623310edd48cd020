package io.github.multiprom.statsd;

import io.github.multiprom.metrics.BridgedFamilies;
import io.github.multiprom.metrics.Counter;
import io.github.multiprom.metrics.Gauge;
import io.github.multiprom.metrics.Histogram;
import io.github.multiprom.metrics.MetricFamily;
import io.github.multiprom.metrics.Summary;

/** A series that lines count in. Guarded by the {@link DatagramReader}. */
abstract class BridgedSeries {
  /** A sampled observation stands for so many at most. */
  private static final long MAX_TIMES = 1000;

  /**
   * What a series is of.
   *
   * @param labelValues as the family's label names
   * @param isOverflow whether it takes the label sets beyond a limit
   */
  record Place(SeriesKey key, MetricFamily family, String[] labelValues, boolean isOverflow) {}

  final Place place;

  /** When it was counted in last. */
  long lastNanos;

  /** After so long it is removed; 0 for never. */
  long ttlNanos;

  boolean removed;

  private BridgedSeries(Place place) {
    this.place = place;
  }

  /**
   * Takes a value.
   *
   * @param rate the part of the values that is sent: above 0, up to 1
   * @param signed whether a sign was written before it
   * @return why it was not counted; null if it was
   */
  abstract Refusal take(double value, double rate, boolean signed);

  static final class OfCounter extends BridgedSeries {
    private final Counter.Child child;

    OfCounter(Place place, Counter.Child child) {
      super(place);
      this.child = child;
    }

    @Override
    Refusal take(double value, double rate, boolean signed) {
      double amount = value / rate;
      if (amount < 0) {
        return Refusal.NEGATIVE_COUNTER;
      }
      if (!(amount <= Double.MAX_VALUE)) {
        return Refusal.NOT_FINITE;
      }
      child.inc(amount);
      return null;
    }
  }

  static final class OfGauge extends BridgedSeries {
    private final Gauge.Child child;
    private final MergedGauges merged;
    private boolean isKnown;

    OfGauge(Place place, Gauge.Child child, MergedGauges merged) {
      super(place);
      this.child = child;
      this.merged = merged;
    }

    @Override
    Refusal take(double value, double rate, boolean signed) {
      if (!signed) {
        child.set(value);
      } else if (!(Math.abs(value) <= Double.MAX_VALUE)) {
        return Refusal.NOT_FINITE;
      } else if (isKnown) {
        child.inc(value);
      } else {
        try {
          child.set(merged.value(place.key.name(), place.key.labels()) + value);
        } catch (RuntimeException e) {
          return Refusal.UNREADABLE;
        }
      }
      isKnown = true;
      return null;
    }
  }

  /** A series of observations. */
  private abstract static class OfObservations extends BridgedSeries {
    private OfObservations(Place place) {
      super(place);
    }

    abstract void observe(double value);

    abstract void observe(double value, long times);

    @Override
    Refusal take(double value, double rate, boolean signed) {
      if (!(Math.abs(value) <= Double.MAX_VALUE)) {
        return Refusal.NOT_FINITE;
      }
      if (rate == 1) {
        observe(value);
      } else {
        observe(value, Math.min(MAX_TIMES, Math.round(1 / rate)));
      }
      return null;
    }
  }

  static final class OfHistogram extends OfObservations {
    private final Histogram.Child child;

    OfHistogram(Place place, Histogram.Child child) {
      super(place);
      this.child = child;
    }

    @Override
    void observe(double value) {
      child.observe(value);
    }

    @Override
    void observe(double value, long times) {
      BridgedFamilies.observe(child, value, times);
    }
  }

  static final class OfSummary extends OfObservations {
    private final Summary.Child child;

    OfSummary(Place place, Summary.Child child) {
      super(place);
      this.child = child;
    }

    @Override
    void observe(double value) {
      child.observe(value);
    }

    @Override
    void observe(double value, long times) {
      BridgedFamilies.observe(child, value, times);
    }
  }
}
