package io.github.multiprom.agent.inside;

import io.github.multiprom.metrics.BridgedFamilies;
import io.github.multiprom.metrics.Counter;
import io.github.multiprom.metrics.Gauge;
import io.github.multiprom.metrics.Histogram;
import io.github.multiprom.metrics.MetricFamily;
import io.github.multiprom.metrics.Summary;
import java.lang.ref.WeakReference;
import java.util.Arrays;
import java.util.function.DoubleConsumer;
import java.util.function.DoubleSupplier;
import java.util.function.ToDoubleFunction;

/**
 * A family of the worker that a family of the application counts in. Thread-safe.
 *
 * <p>A child of the application is given objects that it calls instead of counting itself. What it
 * has counted by then, before it was registered, is added.
 */
abstract class LinkedFamily {
  final Adapter adapter;
  private final MetricFamily family;

  /** As the worker has it. */
  final String name;

  private volatile boolean isUnregistered;

  private LinkedFamily(Adapter adapter, MetricFamily family) {
    this.adapter = adapter;
    this.family = family;
    name = family.describe().get(0).name;
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

  /** Notes that no registry of the application has its family any more. */
  final void noteUnregistered() {
    isUnregistered = true;
  }

  /**
   * Links the children that are not linked yet, and takes what the others have counted themselves
   * since they were: a thread may have been on its way to either.
   */
  final void complete(Object collector) {
    for (Object[] child : adapter.children(collector)) {
      if (!isUnregistered && adapter.isPlain(child[1])) {
        complete(child[1], (String[]) child[0]);
      }
    }
  }

  abstract void linkPlain(Object child, String[] labelValues);

  abstract void complete(Object child, String[] labelValues);

  /** Samples a child of a class of the application's own: there are such of counters and gauges. */
  void linkOwn(Object child, String[] labelValues) {}

  /**
   * A child that is asked for its value. Keeps neither it nor its class loader, as the worker keeps
   * this: so its classes are no inner ones of a family.
   */
  private record Asked(WeakReference<Object> child, WeakReference<Adapter> adapter) {
    Asked(Object child, Adapter adapter) {
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
          return Asked.this.get();
        }
      };
    }

    Gauge.Child gauge(Gauge family, String[] labelValues) {
      return new Gauge.Child() {
        @Override
        public double get() {
          double value = Asked.this.get();
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

  /** What a child of the application asks for its value, or its sum. */
  private static class Link<C> implements DoubleSupplier {
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

  private static final class GaugeLink extends Link<Gauge.Child> implements DoubleConsumer {
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

  /** Families whose children in the worker are of one type. */
  private abstract static class OfType<C> extends LinkedFamily {
    OfType(Adapter adapter, MetricFamily family) {
      super(adapter, family);
    }

    /** The worker's child of some label values. */
    abstract C own(String[] labelValues);

    /**
     * Has a child of the application count in one of the worker.
     *
     * @return what it has counted itself and was not taken yet: value, or sum and counts
     */
    abstract double[] connect(Object child, C own);

    /** What a child of the worker has, in the same form. */
    abstract double[] numbers(C own);

    /** Counts numbers of which one at least is not 0. */
    abstract void add(C own, double[] numbers);

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
      C own = own(labelValues);
      double[] numbers = connect(child, own);
      if (last != null && last.own != own && !last.isOverflow) {
        // Its family was unregistered, and is registered again: it goes on from what it had.
        double[] more = numbers(last.own);
        Arrays.setAll(numbers, i -> numbers[i] + more[i]);
      }
      if (last == null || last.own != own || !last.isSet()) {
        addAny(own, numbers);
      }
    }

    @Override
    void complete(Object child, String[] labelValues) {
      Link<C> last = linkOf(child);
      if (last == null) {
        linkPlain(child, labelValues);
        return;
      }
      double[] numbers = connect(child, last.own);
      if (!last.isSet()) {
        addAny(last.own, numbers);
      }
    }
  }

  private static final class OfCounters extends OfType<Counter.Child> {
    private final Counter counters;

    OfCounters(Adapter adapter, Counter counters) {
      super(adapter, counters);
      this.counters = counters;
    }

    @Override
    Counter.Child own(String[] labelValues) {
      if (counters.labels(labelValues).getClass() != Counter.Child.class) {
        // A child of a class of the application's own had its place.
        counters.remove(labelValues);
      }
      return counters.labels(labelValues);
    }

    @Override
    double[] connect(Object child, Counter.Child own) {
      Link<Counter.Child> link = new Link<>(own, counters, Counter.Child::get);
      return new double[] {adapter.linkCounter(child, own::inc, link)};
    }

    @Override
    double[] numbers(Counter.Child own) {
      return new double[] {own.get()};
    }

    @Override
    void add(Counter.Child own, double[] numbers) {
      if (numbers[0] > 0) {
        own.inc(numbers[0]);
      }
    }

    @Override
    void linkOwn(Object child, String[] labelValues) {
      counters.setChild(new Asked(child, adapter).counter(), labelValues);
    }
  }

  private static final class OfGauges extends OfType<Gauge.Child> {
    private final Gauge gauges;

    OfGauges(Adapter adapter, Gauge gauges) {
      super(adapter, gauges);
      this.gauges = gauges;
    }

    @Override
    Gauge.Child own(String[] labelValues) {
      if (gauges.labels(labelValues).getClass() != Gauge.Child.class) {
        // A child of a class of the application's own had its place.
        gauges.remove(labelValues);
      }
      return gauges.labels(labelValues);
    }

    @Override
    double[] connect(Object child, Gauge.Child own) {
      GaugeLink link = new GaugeLink(own, gauges);
      return new double[] {adapter.linkGauge(child, own::inc, link, link)};
    }

    @Override
    double[] numbers(Gauge.Child own) {
      return new double[] {own.get()};
    }

    @Override
    void add(Gauge.Child own, double[] numbers) {
      own.inc(numbers[0]);
    }

    @Override
    void linkOwn(Object child, String[] labelValues) {
      gauges.setChild(new Asked(child, adapter).gauge(gauges, labelValues), labelValues);
    }
  }

  private static final class OfHistograms extends OfType<Histogram.Child> {
    private final Histogram histograms;

    OfHistograms(Adapter adapter, Histogram histograms) {
      super(adapter, histograms);
      this.histograms = histograms;
    }

    @Override
    Histogram.Child own(String[] labelValues) {
      return histograms.labels(labelValues);
    }

    @Override
    double[] connect(Object child, Histogram.Child own) {
      DoubleSupplier[] buckets = new DoubleSupplier[own.get().buckets.length];
      for (int i = 0; i < buckets.length; i++) {
        int bucket = i;
        buckets[i] = () -> numbers(own)[1 + bucket];
      }
      Link<Histogram.Child> link = new Link<>(own, histograms, each -> each.get().sum);
      return adapter.linkHistogram(child, own::observe, link, buckets);
    }

    @Override
    double[] numbers(Histogram.Child own) {
      Histogram.Child.Value value = own.get();
      double[] numbers = new double[1 + value.buckets.length];
      numbers[0] = value.sum;
      for (int i = 0; i < value.buckets.length; i++) {
        numbers[1 + i] = value.buckets[i] - (i == 0 ? 0 : value.buckets[i - 1]);
      }
      return numbers;
    }

    @Override
    void add(Histogram.Child own, double[] numbers) {
      BridgedFamilies.addAll(own, finite(numbers));
    }
  }

  private static final class OfSummaries extends OfType<Summary.Child> {
    private final Summary summaries;

    OfSummaries(Adapter adapter, Summary summaries) {
      super(adapter, summaries);
      this.summaries = summaries;
    }

    @Override
    Summary.Child own(String[] labelValues) {
      return summaries.labels(labelValues);
    }

    @Override
    double[] connect(Object child, Summary.Child own) {
      Link<Summary.Child> link = new Link<>(own, summaries, each -> each.get().sum);
      return adapter.linkSummary(child, own::observe, link, () -> own.get().count);
    }

    @Override
    double[] numbers(Summary.Child own) {
      Summary.Child.Value value = own.get();
      return new double[] {value.sum, value.count};
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
