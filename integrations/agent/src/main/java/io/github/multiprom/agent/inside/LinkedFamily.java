package io.github.multiprom.agent.inside;

import io.github.multiprom.metrics.BridgedFamilies;
import io.github.multiprom.metrics.Counter;
import io.github.multiprom.metrics.Gauge;
import io.github.multiprom.metrics.Histogram;
import io.github.multiprom.metrics.MetricFamily;
import io.github.multiprom.metrics.Summary;
import java.lang.ref.WeakReference;
import java.util.Arrays;
import java.util.function.DoubleSupplier;

/**
 * A family of the worker that a family of the application counts in. Thread-safe.
 *
 * <p>A child of the application is given objects that it calls instead of counting itself. What it
 * has counted by then, before it was registered, is added.
 */
abstract class LinkedFamily {
  final Adapter adapter;
  private final MetricFamily family;

  private LinkedFamily(Adapter adapter, MetricFamily family) {
    this.adapter = adapter;
    this.family = family;
  }

  /**
   * Finds or makes a family.
   *
   * @throws IllegalArgumentException if the worker has one of this name that differs in more than
   *     label names and bounds
   */
  static LinkedFamily of(
      Object collector, Description what, BridgedFamilies families, Adapter adapter) {
    return switch (what.type()) {
      case "counter" ->
          new OfCounters(
              adapter,
              families.make(
                  Counter.build(what.name(), what.help())
                      .unit(what.unit())
                      .labelNames(what.labelNames())
                      .withoutExemplars()));
      case "gauge" ->
          new OfGauges(
              adapter,
              families.make(
                  Gauge.build(what.name(), what.help())
                      .unit(what.unit())
                      .labelNames(what.labelNames())));
      case "histogram" ->
          new OfHistograms(
              adapter,
              families.make(
                  Histogram.build(what.name(), what.help())
                      .unit(what.unit())
                      .labelNames(what.labelNames())
                      .buckets(adapter.bounds(collector))
                      .withoutExemplars()));
      default ->
          new OfSummaries(
              adapter,
              families.make(
                  Summary.build(what.name(), what.help())
                      .unit(what.unit())
                      .labelNames(what.labelNames())));
    };
  }

  MetricFamily family() {
    return family;
  }

  /** Has a child of the application count here. */
  final void link(Object child, String[] labelValues) {
    if (adapter.isPlain(child)) {
      linkPlain(child, labelValues);
    } else {
      linkOwn(child, labelValues);
    }
  }

  abstract void linkPlain(Object child, String[] labelValues);

  /** Samples a child of a class of the application's own: there are such of counters and gauges. */
  void linkOwn(Object child, String[] labelValues) {}

  final double current(WeakReference<Object> child) {
    Object asked = child.get();
    if (asked == null) {
      throw new IllegalStateException("The application let go of it.");
    }
    return adapter.get(asked);
  }

  private static final class OfCounters extends LinkedFamily {
    private final Counter counters;

    OfCounters(Adapter adapter, Counter counters) {
      super(adapter, counters);
      this.counters = counters;
    }

    @Override
    void linkPlain(Object child, String[] labelValues) {
      Counter.Child own = counters.labels(labelValues);
      double before = adapter.linkCounter(child, own::inc, own::get);
      if (before > 0) {
        own.inc(before);
      }
    }

    @Override
    void linkOwn(Object child, String[] labelValues) {
      WeakReference<Object> asked = new WeakReference<>(child);
      counters.setChild(
          new Counter.Child() {
            @Override
            public double get() {
              return current(asked);
            }
          },
          labelValues);
    }
  }

  private static final class OfGauges extends LinkedFamily {
    private final Gauge gauges;

    OfGauges(Adapter adapter, Gauge gauges) {
      super(adapter, gauges);
      this.gauges = gauges;
    }

    @Override
    void linkPlain(Object child, String[] labelValues) {
      Gauge.Child own = gauges.labels(labelValues);
      double before = adapter.linkGauge(child, own::inc, own::get, own::set);
      if (before != 0) {
        own.inc(before);
      }
    }

    @Override
    void linkOwn(Object child, String[] labelValues) {
      WeakReference<Object> asked = new WeakReference<>(child);
      gauges.setChild(
          new Gauge.Child() {
            @Override
            public double get() {
              return current(asked);
            }
          },
          labelValues);
    }
  }

  private static final class OfHistograms extends LinkedFamily {
    private final Histogram histograms;

    OfHistograms(Adapter adapter, Histogram histograms) {
      super(adapter, histograms);
      this.histograms = histograms;
    }

    @Override
    void linkPlain(Object child, String[] labelValues) {
      Histogram.Child own = histograms.labels(labelValues);
      DoubleSupplier[] buckets = new DoubleSupplier[own.get().buckets.length];
      for (int i = 0; i < buckets.length; i++) {
        int bucket = i;
        buckets[i] =
            () -> {
              double[] cumulative = own.get().buckets;
              return cumulative[bucket] - (bucket == 0 ? 0 : cumulative[bucket - 1]);
            };
      }
      double[] before = adapter.linkHistogram(child, own::observe, () -> own.get().sum, buckets);
      if (Arrays.stream(before).anyMatch(number -> number != 0)) {
        BridgedFamilies.addAll(own, before);
      }
    }
  }

  private static final class OfSummaries extends LinkedFamily {
    private final Summary summaries;

    OfSummaries(Adapter adapter, Summary summaries) {
      super(adapter, summaries);
      this.summaries = summaries;
    }

    @Override
    void linkPlain(Object child, String[] labelValues) {
      Summary.Child own = summaries.labels(labelValues);
      double[] before =
          adapter.linkSummary(child, own::observe, () -> own.get().sum, () -> own.get().count);
      if (before[1] != 0) {
        BridgedFamilies.addAll(own, before);
      }
    }
  }
}
