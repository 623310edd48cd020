package io.github.multiprom.agent.inside;

import io.github.multiprom.metrics.BridgedFamilies;
import io.github.multiprom.metrics.Counter;
import io.github.multiprom.metrics.Gauge;
import io.github.multiprom.metrics.Histogram;
import io.github.multiprom.metrics.MetricFamily;
import io.github.multiprom.metrics.Summary;
import java.lang.ref.WeakReference;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.DoubleSupplier;

/**
 * A family of the worker that a family of the application counts in. Thread-safe.
 *
 * <p>A child of the application is given objects that it calls instead of counting itself. What it
 * has counted by then, before it was registered, is added.
 */
abstract class LinkedFamily {
  final Adapter adapter;
  private final WeakReference<Object> collector;
  private final MetricFamily family;

  /** As the worker has it. */
  final String name;

  private volatile boolean isUnregistered;

  private LinkedFamily(Object collector, Adapter adapter, MetricFamily family) {
    this.collector = new WeakReference<>(collector);
    this.adapter = adapter;
    this.family = family;
    name = family.describe().get(0).name;
  }

  /**
   * Finds or makes a family. Calls nothing of the application.
   *
   * @param bounds of a histogram
   * @throws IllegalArgumentException if the worker has one of this name that differs in more than
   *     label names and bounds
   */
  static LinkedFamily of(
      Object collector,
      Description what,
      double[] bounds,
      BridgedFamilies families,
      Adapter adapter) {
    return switch (what.type()) {
      case "counter" ->
          new OfCounters(
              collector,
              adapter,
              families.make(
                  Counter.build(what.name(), what.help())
                      .unit(what.unit())
                      .labelNames(what.labelNames())
                      .withoutExemplars()));
      case "gauge" ->
          new OfGauges(
              collector,
              adapter,
              families.make(
                  Gauge.build(what.name(), what.help())
                      .unit(what.unit())
                      .labelNames(what.labelNames())));
      case "histogram" ->
          new OfHistograms(
              collector,
              adapter,
              families.make(
                  Histogram.build(what.name(), what.help())
                      .unit(what.unit())
                      .labelNames(what.labelNames())
                      .buckets(bounds)
                      .withoutExemplars()));
      default ->
          new OfSummaries(
              collector,
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

  /** Notes that no registry of the application has its family any more. */
  final void noteUnregistered() {
    isUnregistered = true;
  }

  /** The children that the application's family has: label values, and the child. */
  private List<Object[]> children() {
    Object asked = collector.get();
    return asked == null ? List.of() : adapter.children(asked);
  }

  /** The label values of the children that the application's family has. */
  final Set<List<String>> labelValues() {
    Set<List<String>> all = new HashSet<>();
    children().forEach(child -> all.add(List.of((String[]) child[0])));
    return all;
  }

  /** Links the children that the application's family has. */
  final void linkAll() {
    children().forEach(child -> link(child[1], (String[]) child[0]));
  }

  /**
   * Links the children that are not linked yet, and takes what the others have counted themselves
   * since they were: a thread may have been on its way to either.
   */
  final void complete() {
    for (Object[] child : children()) {
      if (!isUnregistered && adapter.isPlain(child[1])) {
        complete(child[1], (String[]) child[0]);
      }
    }
  }

  abstract void linkPlain(Object child, String[] labelValues);

  abstract void complete(Object child, String[] labelValues);

  /** Samples a child of a class of the application's own: there are such of counters and gauges. */
  void linkOwn(Object child, String[] labelValues) {}

  /** Families whose children in the worker are of one type. */
  private abstract static class OfType<C> extends LinkedFamily {
    OfType(Object collector, Adapter adapter, MetricFamily family) {
      super(collector, adapter, family);
    }

    /** The worker's child of some label values. */
    abstract C own(String[] labelValues);

    abstract Link<C> linkTo(C own);

    /**
     * Has a child of the application count elsewhere.
     *
     * @return what it has counted itself and was not taken yet: value, or sum and counts
     */
    abstract double[] connect(Object child, Link<C> link);

    /** Counts numbers of which one at least is not 0. */
    abstract void add(C own, double[] numbers);

    /** Its family was registered again: sums begin again, too. */
    void goOn(C last, C now) {}

    private void addAny(C own, double[] numbers) {
      if (Arrays.stream(numbers).anyMatch(number -> number != 0)) {
        add(own, numbers);
      }
    }

    /** Null if a child of the application is not linked. */
    @SuppressWarnings("unchecked") // A child has links of one type.
    private Link<C> linkOf(Object child) {
      return adapter.linkOf(child) instanceof Link<?> link ? (Link<C>) link : null;
    }

    @Override
    void linkPlain(Object child, String[] labelValues) {
      Link<C> last = linkOf(child);
      Link<C> link = linkTo(own(labelValues));
      double[] numbers = connect(child, link);
      if (link.isSet()) {
        return;
      }
      addAny(link.own, numbers);
      if (last != null && last.own != link.own && !last.isOverflow) {
        goOn(last.own, link.own);
      }
    }

    @Override
    void complete(Object child, String[] labelValues) {
      Link<C> last = linkOf(child);
      if (last == null) {
        linkPlain(child, labelValues);
      } else if (!last.isSet()) {
        addAny(last.own, adapter.take(child));
      }
    }
  }

  private static final class OfCounters extends OfType<Counter.Child> {
    private final Counter counters;

    OfCounters(Object collector, Adapter adapter, Counter counters) {
      super(collector, adapter, counters);
      this.counters = counters;
    }

    @Override
    Counter.Child own(String[] labelValues) {
      Counter.Child own = counters.labels(labelValues);
      if (own.getClass() == Counter.Child.class) {
        return own;
      }
      // A child of a class of the application's own had its place.
      counters.remove(labelValues);
      return counters.labels(labelValues);
    }

    @Override
    Link<Counter.Child> linkTo(Counter.Child own) {
      return new Link<>(own, counters, Counter.Child::get);
    }

    @Override
    double[] connect(Object child, Link<Counter.Child> link) {
      return new double[] {adapter.linkCounter(child, link.own::inc, link)};
    }

    @Override
    void add(Counter.Child own, double[] numbers) {
      if (numbers[0] > 0) {
        own.inc(numbers[0]);
      }
    }

    @Override
    void linkOwn(Object child, String[] labelValues) {
      counters.setChild(new AskedChild(child, adapter).counter(), labelValues);
    }
  }

  private static final class OfGauges extends OfType<Gauge.Child> {
    private final Gauge gauges;

    OfGauges(Object collector, Adapter adapter, Gauge gauges) {
      super(collector, adapter, gauges);
      this.gauges = gauges;
    }

    @Override
    Gauge.Child own(String[] labelValues) {
      Gauge.Child own = gauges.labels(labelValues);
      if (own.getClass() == Gauge.Child.class) {
        return own;
      }
      // A child of a class of the application's own had its place.
      gauges.remove(labelValues);
      return gauges.labels(labelValues);
    }

    @Override
    Link<Gauge.Child> linkTo(Gauge.Child own) {
      return new GaugeLink(own, gauges);
    }

    @Override
    double[] connect(Object child, Link<Gauge.Child> link) {
      double value = adapter.linkGauge(child, link.own::inc, link, (GaugeLink) link);
      return new double[] {value};
    }

    @Override
    void add(Gauge.Child own, double[] numbers) {
      own.inc(numbers[0]);
    }

    @Override
    void goOn(Gauge.Child last, Gauge.Child now) {
      // Once, if several of the application's gauges share it.
      if (now.get() == 0) {
        now.inc(last.get());
      }
    }

    @Override
    void linkOwn(Object child, String[] labelValues) {
      gauges.setChild(new AskedChild(child, adapter).gauge(gauges, labelValues), labelValues);
    }
  }

  private static final class OfHistograms extends OfType<Histogram.Child> {
    private final Histogram histograms;

    OfHistograms(Object collector, Adapter adapter, Histogram histograms) {
      super(collector, adapter, histograms);
      this.histograms = histograms;
    }

    @Override
    Histogram.Child own(String[] labelValues) {
      return histograms.labels(labelValues);
    }

    @Override
    Link<Histogram.Child> linkTo(Histogram.Child own) {
      return new Link<>(own, histograms, each -> each.get().sum);
    }

    @Override
    double[] connect(Object child, Link<Histogram.Child> link) {
      Histogram.Child own = link.own;
      DoubleSupplier[] buckets = new DoubleSupplier[own.get().buckets.length];
      for (int i = 0; i < buckets.length; i++) {
        int bucket = i;
        buckets[i] =
            () -> {
              double[] cumulative = own.get().buckets;
              return cumulative[bucket] - (bucket == 0 ? 0 : cumulative[bucket - 1]);
            };
      }
      return adapter.linkHistogram(child, own::observe, link, buckets);
    }

    @Override
    void add(Histogram.Child own, double[] numbers) {
      BridgedFamilies.addAll(own, finite(numbers));
    }
  }

  private static final class OfSummaries extends OfType<Summary.Child> {
    private final Summary summaries;

    OfSummaries(Object collector, Adapter adapter, Summary summaries) {
      super(collector, adapter, summaries);
      this.summaries = summaries;
    }

    @Override
    Summary.Child own(String[] labelValues) {
      return summaries.labels(labelValues);
    }

    @Override
    Link<Summary.Child> linkTo(Summary.Child own) {
      return new Link<>(own, summaries, each -> each.get().sum);
    }

    @Override
    double[] connect(Object child, Link<Summary.Child> link) {
      Summary.Child own = link.own;
      return adapter.linkSummary(child, own::observe, link, () -> own.get().count);
    }

    @Override
    void add(Summary.Child own, double[] numbers) {
      BridgedFamilies.addAll(own, finite(numbers));
    }
  }

  /** The sums of the worker have no other numbers. */
  private static double[] finite(double[] sumAndCounts) {
    if (!Double.isFinite(sumAndCounts[0])) {
      sumAndCounts[0] = 0;
    }
    return sumAndCounts;
  }
}
