package io.github.multiprom.metrics;

import io.github.multiprom.internal.cell.DistributionCells;
import io.github.multiprom.model.FamilyDescriptor;
import io.github.multiprom.model.GaugeFold;
import io.github.multiprom.model.MetricType;
import io.github.multiprom.model.RefinedCells;
import io.github.multiprom.model.RefinedCounts;
import io.prometheus.client.Collector;
import io.prometheus.client.Collector.MetricFamilySamples.Sample;
import java.io.Closeable;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.concurrent.Callable;

/**
 * Count and sum of observations: their rate and their mean; and quantiles. Thread-safe.
 *
 * <pre>{@code
 * static final Summary RECEIVED = Summary.build()
 *     .name("received_bytes").help("Request sizes.").register();
 * RECEIVED.observe(1024);
 * }</pre>
 *
 * <pre>{@code
 * static final Summary RECEIVED = Summary.build()
 *     .name("received_bytes").help("Request sizes.").labelNames("method").register();
 * RECEIVED.labels("POST").observe(1024);
 * }</pre>
 *
 * <pre>{@code
 * static final Summary LATENCY = Summary.build()
 *     .name("latency_seconds").help("Request latency.")
 *     .quantile(0.5, 0.01).quantile(0.99, 0.001).register();
 * LATENCY.observe(0.042);
 * }</pre>
 *
 * <p>Collectors show the counts and sums of all workers added up, those of dead ones too. Quantiles
 * are those of what all workers together observed in the last ten minutes, or in {@link
 * Builder#maxAgeSeconds}. With a directory their rank is exact and their value within 1.083 % of an
 * observed one; without, they are simpleclient's. Several series have no common quantile, and no
 * other time can be asked for: there is {@link Histogram} for that.
 */
public final class Summary extends MetricFamily {
  private final SummaryWindow window;

  // Null without quantiles.
  private final RefinedCells refined;

  private Summary(FamilyHome home, FamilyDescriptor descriptor, SummaryWindow window) {
    super(home, descriptor);
    this.window = window;
    refined = RefinedCells.of(descriptor);
  }

  /** A builder. */
  public static Builder build() {
    return new Builder();
  }

  /** A builder with a name and a help text. */
  public static Builder build(String name, String help) {
    return new Builder().name(name).help(help);
  }

  /** Builds summaries. One thread. */
  public static final class Builder extends FamilyBuilder<Builder, Summary> {
    private final SummaryWindow.Builder window = new SummaryWindow.Builder();

    /** A builder. */
    public Builder() {}

    /**
     * Adds a quantile. With a directory of more than 1,000 that many are kept, the least and the
     * greatest among them.
     *
     * @param quantile 0 to 1
     * @param error how far off its rank may be, 0 to 1; with a directory the rank is exact, and the
     *     value within 1.083 %, whatever this says
     * @throws IllegalArgumentException if one is out of range
     */
    public Builder quantile(double quantile, double error) {
      window.quantile(quantile, error);
      return this;
    }

    /**
     * Sets of how long before the scrape quantiles are; 10 minutes by default.
     *
     * @throws IllegalArgumentException if it is not more than 0
     */
    public Builder maxAgeSeconds(long maxAgeSeconds) {
      window.maxAgeSeconds(maxAgeSeconds);
      return this;
    }

    /**
     * Sets in how many steps that time moves on; 5 by default. With a directory 60 at most, of a
     * millisecond at least.
     *
     * @throws IllegalArgumentException if it is not more than 0
     */
    public Builder ageBuckets(int ageBuckets) {
      window.ageBuckets(ageBuckets);
      return this;
    }

    @Override
    Builder self() {
      return this;
    }

    @Override
    Summary make(FamilyHome home, FamilyDescriptor descriptor) {
      return new Summary(home, descriptor, window.build());
    }

    @Override
    FamilyDescriptor descriptor() {
      checkNotReserved("quantile");
      return descriptor(MetricType.SUMMARY, GaugeFold.SUM, false, List.of())
          .withWindow(window.build().inDirectory());
    }

    @Override
    Class<Summary> familyClass() {
      return Summary.class;
    }
  }

  /** Measures a duration and observes it. Thread-safe. */
  public static final class Timer implements Closeable {
    private final Child child;
    private final long startNanos = System.nanoTime();

    private Timer(Child child) {
      this.child = child;
    }

    /** Observes the seconds since the timer was started, and returns them. */
    public double observeDuration() {
      double seconds = (System.nanoTime() - startNanos) / NANOSECONDS_PER_SECOND;
      child.observe(seconds);
      return seconds;
    }

    /** As {@link #observeDuration()}. */
    @Override
    public void close() {
      observeDuration();
    }
  }

  /** The summary of one label set. Thread-safe. */
  public static final class Child extends DistributionSeries {
    private final Summary summary;

    private Child(Summary family, String[] labelValues, long createdNanos) {
      super(family, labelValues, createdNanos, 1, family.refined);
      summary = family;
    }

    /**
     * Observes a value. With a directory NaN is left out, and an infinite value is counted but not
     * added to the sum, for either would be the sum of all workers forever.
     */
    public void observe(double amt) {
      if (Math.abs(amt) <= Double.MAX_VALUE) {
        cells.observe(0, amt);
      } else {
        observeUnusual(amt);
      }
    }

    /** Observes a finite value several times. */
    void observe(double amt, long times) {
      cells.observe(0, amt, times);
    }

    private void observeUnusual(double amt) {
      if (!leavesOut(amt)) {
        cells.observe(0, amt);
      } else if (!Double.isNaN(amt)) {
        cells.observeUnsummed(0, amt);
      }
    }

    /** Starts a timer that will observe a duration here. */
    public Timer startTimer() {
      return new Timer(this);
    }

    /** Runs something and observes the seconds that it took, which are returned. */
    public double time(Runnable timeable) {
      return Timing.run(timeable, startTimer()::observeDuration);
    }

    /**
     * Calls something, observes the seconds that it took and returns its result.
     *
     * @throws RuntimeException what was thrown; a checked exception as its cause
     */
    public <E> E time(Callable<E> timeable) {
      return Timing.call(timeable, startTimer()::observeDuration);
    }

    /** This worker's own numbers. */
    public Value get() {
      DistributionCells current = cells;
      double[] numbers = current.read();
      if (refined == null) {
        return new Value(numbers[1], numbers[0], Collections.emptySortedMap(), createdMs());
      }
      RefinedCounts counts = RefinedCounts.of(numbers);
      return new Value(
          counts.total(),
          numbers[0],
          current instanceof SummaryWindow.Cells own
              ? own.quantiles()
              : summary.window.quantiles(counts, refined),
          createdMs());
    }

    /** Numbers of a summary at one moment. */
    public static final class Value {
      /** How many observations there were. */
      public final double count;

      /** The sum of the observations. */
      public final double sum;

      /** The quantiles of what this worker observed in the window. */
      public final SortedMap<Double, Double> quantiles;

      /** When the summary was made, milliseconds since the epoch. */
      public final long created;

      private Value(double count, double sum, SortedMap<Double, Double> quantiles, long created) {
        this.count = count;
        this.sum = sum;
        this.quantiles = quantiles;
        this.created = created;
      }
    }

    @Override
    void startAlone() {
      if (refined == null) {
        super.startAlone();
      } else {
        cells = summary.window.cells();
      }
    }

    @Override
    void addSamples(List<Sample> samples) {
      Value value = get();
      List<String> names = append(family.descriptor.labelNames(), "quantile");
      value.quantiles.forEach(
          (quantile, estimate) ->
              samples.add(
                  new Sample(
                      family.descriptor.name(),
                      names,
                      append(labelValues(), doubleToGoString(quantile)),
                      estimate)));
      samples.add(sample("_count", value.count));
      samples.add(sample("_sum", value.sum));
      addCreated(samples);
    }
  }

  @Override
  Series newChild(String[] labelValues, long createdNanos) {
    return new Child(this, labelValues, createdNanos);
  }

  /**
   * The child with these label values, made if need be.
   *
   * @param labelValues one value per label name
   * @throws IllegalArgumentException if their number is wrong or one is null
   */
  public Child labels(String... labelValues) {
    return (Child) series(labelValues);
  }

  /** As {@link #labels(String...)}, without an array. */
  public Child labels(String labelValue) {
    return (Child) series(labelValue);
  }

  /** As {@link #labels(String...)}, without an array. */
  public Child labels(String labelValue1, String labelValue2) {
    return (Child) series(labelValue1, labelValue2);
  }

  /**
   * Gives the family a child that no family has, in the place of one with these label values.
   *
   * @param labelValues one value per label name
   * @return this family
   * @throws IllegalArgumentException if their number is wrong or one is null, or if another family
   *     has the child
   */
  @SuppressWarnings("TypeParameterUnusedInFormals") // The signature is simpleclient's.
  public <T extends Collector> T setChild(Child child, String... labelValues) {
    return set(child, labelValues);
  }

  private Child noLabelsChild() {
    return (Child) noLabels;
  }

  /** Observes a value in the summary without labels. */
  public void observe(double amt) {
    noLabelsChild().observe(amt);
  }

  /** Starts a timer that will observe a duration in the summary without labels. */
  public Timer startTimer() {
    return noLabelsChild().startTimer();
  }

  /** As {@link Child#time(Runnable)}, for the summary without labels. */
  public double time(Runnable timeable) {
    return noLabelsChild().time(timeable);
  }

  /** As {@link Child#time(Callable)}, for the summary without labels. */
  public <E> E time(Callable<E> timeable) {
    return noLabelsChild().time(timeable);
  }

  /** This worker's own numbers of the summary without labels. */
  public Child.Value get() {
    return noLabelsChild().get();
  }
}
