package io.github.multiprom.metrics;

import io.github.multiprom.internal.cell.DistributionCells;
import io.github.multiprom.model.FamilyDescriptor;
import io.github.multiprom.model.GaugeFold;
import io.github.multiprom.model.MetricType;
import io.github.multiprom.model.NativeBuckets;
import io.github.multiprom.model.NativeShape;
import io.github.multiprom.model.RefinedCells;
import io.github.multiprom.model.RefinedCounts;
import io.github.multiprom.model.SeriesExemplar;
import io.prometheus.client.Collector;
import io.prometheus.client.Collector.MetricFamilySamples.Sample;
import io.prometheus.client.exemplars.Exemplar;
import io.prometheus.client.exemplars.HistogramExemplarSampler;
import java.io.Closeable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;

/**
 * Observations counted in buckets: latencies, sizes. Thread-safe.
 *
 * <pre>{@code
 * static final Histogram LATENCY = Histogram.build()
 *     .name("latency_seconds").help("Request latency.").register();
 * LATENCY.observe(0.042);
 * }</pre>
 *
 * <pre>{@code
 * static final Histogram LATENCY = Histogram.build()
 *     .name("latency_seconds").help("Request latency.").labelNames("method")
 *     .buckets(.01, .1, 1).register();
 * try (Histogram.Timer timer = LATENCY.labels("GET").startTimer()) {
 *   // answer the request
 * }
 * }</pre>
 *
 * <p>Collectors show the buckets and sums of all workers added up, from which Prometheus computes
 * quantiles over all of them. Where count and sum are enough there is {@link Summary}.
 */
public final class Histogram extends MetricFamily {
  // A bucket index is found in these; +Inf is left out.
  private final Buckets buckets;

  private final ExemplarSampling sampling;

  // Null for a classic one.
  private final RefinedCells refined;

  private Histogram(FamilyHome home, FamilyDescriptor descriptor, ExemplarSampling sampling) {
    super(home, descriptor);
    this.sampling = sampling;
    buckets = new Buckets(descriptor.upperBounds());
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

  /** Builds histograms. One thread. */
  public static final class Builder extends FamilyBuilder<Builder, Histogram> {
    // The default buckets of simpleclient 0.16.
    private double[] buckets = {.005, .01, .025, .05, .075, .1, .25, .5, .75, 1, 2.5, 5, 7.5, 10};

    private ExemplarSampling sampling = ExemplarSampling.DEFAULT;
    private boolean isClassic = true;
    private boolean isNative;
    private int schema = NativeShape.DEFAULT_SCHEMA;
    private int maxBuckets = NativeShape.DEFAULT_MAX_BUCKETS;

    /** A builder. */
    public Builder() {}

    /** Has exemplars sampled by the default sampler, whatever {@code ExemplarConfig} says. */
    public Builder withExemplars() {
      sampling = sampling.enabled(true);
      return this;
    }

    /** Has no exemplars sampled; those that are given are shown all the same. */
    public Builder withoutExemplars() {
      sampling = sampling.enabled(false);
      return this;
    }

    /**
     * Sets what samples exemplars. It is asked at each observation, so it must be fast.
     *
     * @throws NullPointerException if it is null
     */
    public Builder withExemplarSampler(HistogramExemplarSampler sampler) {
      sampling = new ExemplarSampling(true, null, Objects.requireNonNull(sampler));
      return this;
    }

    /** Has classic buckets only, as it has by default. */
    public Builder classicOnly() {
      isClassic = true;
      isNative = false;
      return this;
    }

    /**
     * Has the buckets of a native histogram only. Formats that have none of these show its count,
     * sum and the bucket +Inf.
     */
    public Builder nativeOnly() {
      isClassic = false;
      isNative = true;
      return this;
    }

    /** Has the buckets of a native histogram beside the classic ones. */
    public Builder withNative() {
      isClassic = true;
      isNative = true;
      return this;
    }

    /**
     * Sets how fine the buckets of a native histogram are: each is {@code 2^(2^-schema)} times as
     * wide as the one before. By default 3, a factor of 1.09.
     *
     * @throws IllegalArgumentException if it is not from -4 to 8
     */
    public Builder nativeInitialSchema(int schema) {
      this.schema = new NativeShape(schema, maxBuckets).schema();
      return this;
    }

    /**
     * Sets how many buckets of a native histogram are shown at most. If more of them hold
     * something, they are shown more coarsely. By default 160.
     *
     * @throws IllegalArgumentException if it is not at least 1
     */
    public Builder nativeMaxNumberOfBuckets(int buckets) {
      maxBuckets = new NativeShape(schema, buckets).maxBuckets();
      return this;
    }

    /** Sets the upper bounds of the buckets, ascending; +Inf is added if it is not there. */
    public Builder buckets(double... buckets) {
      this.buckets = buckets.clone();
      return this;
    }

    /** Sets {@code count} buckets, the first up to {@code start}, {@code width} wide. */
    public Builder linearBuckets(double start, double width, int count) {
      buckets = new double[count];
      for (int i = 0; i < count; i++) {
        buckets[i] = start + i * width;
      }
      return this;
    }

    /** Sets {@code count} buckets, the first up to {@code start}, each a factor wider. */
    public Builder exponentialBuckets(double start, double factor, int count) {
      buckets = new double[count];
      for (int i = 0; i < count; i++) {
        buckets[i] = start * Math.pow(factor, i);
      }
      return this;
    }

    @Override
    Builder self() {
      return this;
    }

    @Override
    Histogram make(FamilyHome home, FamilyDescriptor descriptor) {
      return new Histogram(home, descriptor, sampling);
    }

    @Override
    FamilyDescriptor descriptor() {
      for (int i = 0; i < buckets.length - 1; i++) {
        // Not >=: a NaN is out of order.
        if (!(buckets[i] < buckets[i + 1])) {
          throw new IllegalStateException(
              "Histogram buckets must be in increasing order: "
                  + buckets[i]
                  + " >= "
                  + buckets[i + 1]);
        }
      }
      if (buckets.length == 0) {
        throw new IllegalStateException("Histogram must have at least one bucket.");
      }
      checkNotReserved("le");
      List<Double> finite = new ArrayList<>();
      for (double bound : buckets) {
        if (isClassic && bound != Double.POSITIVE_INFINITY) {
          finite.add(bound);
        }
      }
      return descriptor(MetricType.HISTOGRAM, GaugeFold.SUM, false, finite)
          .withNativeShape(isNative ? new NativeShape(schema, maxBuckets) : null);
    }

    @Override
    Class<Histogram> familyClass() {
      return Histogram.class;
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

    /** As {@link #observeDuration()}, with an exemplar. */
    public double observeDurationWithExemplar(String... exemplarLabels) {
      double seconds = (System.nanoTime() - startNanos) / NANOSECONDS_PER_SECOND;
      child.observeWithExemplar(seconds, exemplarLabels);
      return seconds;
    }

    /** As {@link #observeDuration()}, with an exemplar. */
    public double observeDurationWithExemplar(Map<String, String> exemplarLabels) {
      return observeDurationWithExemplar(Exemplar.mapToArray(exemplarLabels));
    }

    /** As {@link #observeDuration()}. */
    @Override
    public void close() {
      observeDuration();
    }
  }

  /** The histogram of one label set. Thread-safe. */
  public static final class Child extends DistributionSeries {
    private final Buckets buckets;
    private final ExemplarSampling sampling;
    // Null while nothing samples any, and none was given.
    private Exemplars exemplars;

    private Child(Histogram family, String[] labelValues, long createdNanos) {
      super(family, labelValues, createdNanos, family.buckets.count(), family.refined);
      this.buckets = family.buckets;
      sampling = family.sampling;
      lookForSampler();
    }

    /**
     * Observes a value.
     *
     * <p>Without a directory NaN goes to the sum and to no bucket, as in simpleclient. With one it
     * is left out, and an infinite value counts in its bucket only, for either would be the sum of
     * all workers forever.
     */
    public void observe(double amt) {
      if (Math.abs(amt) <= Double.MAX_VALUE) {
        cells.observe(buckets.of(amt), amt);
      } else {
        observeUnusual(amt);
      }
      if (exemplars != null) {
        sampleExemplar(amt);
      }
    }

    /** Observes a finite value several times. */
    void observe(double amt, long times) {
      cells.observe(buckets.of(amt), amt, times);
      if (exemplars != null) {
        sampleExemplar(amt);
      }
    }

    private void observeUnusual(double amt) {
      if (!leavesOut(amt)) {
        cells.observe(buckets.of(amt), amt);
      } else if (!Double.isNaN(amt)) {
        cells.observeUnsummed(buckets.of(amt), amt);
      }
    }

    private void sampleExemplar(double amt) {
      int bucket = buckets.of(amt);
      if (bucket != DistributionCells.NO_BUCKET) {
        double from = bucket == 0 ? Double.NEGATIVE_INFINITY : buckets.upperBound(bucket - 1);
        exemplars.sampleHistogram(slotOf(bucket, amt), amt, from, buckets.upperBound(bucket));
      }
    }

    /**
     * Observes a value, with an exemplar.
     *
     * @param exemplarLabels label names, each followed by its value
     * @throws IllegalArgumentException if their number is odd, a name is invalid, or all together
     *     are longer than 128 characters
     */
    public void observeWithExemplar(double amt, String... exemplarLabels) {
      Exemplar exemplar = ExemplarSampling.of(amt, exemplarLabels);
      if (exemplar == null) {
        observe(amt);
        return;
      }
      int bucket = buckets.of(amt);
      if (Math.abs(amt) <= Double.MAX_VALUE) {
        cells.observe(bucket, amt);
      } else {
        observeUnusual(amt);
      }
      if (bucket != DistributionCells.NO_BUCKET) {
        // Behind the count: an exemplar is always of what was counted.
        made().set(slotOf(bucket, amt), exemplar);
      }
    }

    /** As {@link #observeWithExemplar(double, String...)}. */
    public void observeWithExemplar(double amt, Map<String, String> exemplarLabels) {
      observeWithExemplar(amt, Exemplar.mapToArray(exemplarLabels));
    }

    private boolean isNativeOnly() {
      return refined != null && refined.boundCount() == 0;
    }

    /** Which exemplar an observation takes the place of. */
    private int slotOf(int bucket, double amt) {
      return isNativeOnly() ? SeriesExemplar.nativeSlot(amt) : bucket;
    }

    private Exemplars made() {
      boolean isNew;
      synchronized (this) {
        isNew = exemplars == null;
        if (isNew) {
          int count = isNativeOnly() ? SeriesExemplar.NATIVE_SLOTS : buckets.count();
          exemplars = new Exemplars(sampling, count);
        }
      }
      if (isNew && family != null) {
        family.home().exemplarsMade(this);
      }
      return exemplars;
    }

    @Override
    Exemplars exemplars() {
      return exemplars;
    }

    @Override
    void lookForSampler() {
      if (exemplars == null && sampling.histogramSampler() != null) {
        made();
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

    /** As {@link #time(Runnable)}, with an exemplar. */
    public double timeWithExemplar(Runnable timeable, String... exemplarLabels) {
      Timer timer = startTimer();
      return Timing.run(timeable, () -> timer.observeDurationWithExemplar(exemplarLabels));
    }

    /** As {@link #time(Runnable)}, with an exemplar. */
    public double timeWithExemplar(Runnable timeable, Map<String, String> exemplarLabels) {
      return timeWithExemplar(timeable, Exemplar.mapToArray(exemplarLabels));
    }

    /** As {@link #time(Callable)}, with an exemplar. */
    public <E> E timeWithExemplar(Callable<E> timeable, String... exemplarLabels) {
      Timer timer = startTimer();
      return Timing.call(timeable, () -> timer.observeDurationWithExemplar(exemplarLabels));
    }

    /** As {@link #time(Callable)}, with an exemplar. */
    public <E> E timeWithExemplar(Callable<E> timeable, Map<String, String> exemplarLabels) {
      return timeWithExemplar(timeable, Exemplar.mapToArray(exemplarLabels));
    }

    /** This worker's own numbers. */
    public Value get() {
      double[] numbers = cells.read();
      RefinedCounts counts = refined == null ? null : RefinedCounts.of(numbers);
      double[] cumulative =
          counts == null ? Arrays.copyOfRange(numbers, 1, numbers.length) : counts.classic(refined);
      for (int i = 1; i < cumulative.length; i++) {
        cumulative[i] += cumulative[i - 1];
      }
      return new Value(
          numbers[0],
          cumulative,
          shownExemplars(),
          createdMs(),
          counts == null ? null : counts.buckets(refined));
    }

    private Exemplar[] shownExemplars() {
      if (exemplars == null) {
        return new Exemplar[buckets.count()];
      }
      return isNativeOnly() ? new Exemplar[] {exemplars.newest()} : exemplars.all();
    }

    /** Numbers of a histogram at one moment. */
    public static final class Value {
      /** The sum of the observations. */
      public final double sum;

      /** For each bucket, +Inf last, the number of observations up to its bound. */
      public final double[] buckets;

      /** For each bucket the newest exemplar of this worker; null where there is none. */
      public final Exemplar[] exemplars;

      /** When the histogram was made, milliseconds since the epoch. */
      public final long created;

      /** The native buckets; null of a classic histogram. */
      public final NativeBuckets nativeBuckets;

      /** Numbers of a classic histogram. */
      public Value(double sum, double[] buckets, Exemplar[] exemplars, long created) {
        this(sum, buckets, exemplars, created, null);
      }

      /** Numbers of a histogram. */
      public Value(
          double sum,
          double[] buckets,
          Exemplar[] exemplars,
          long created,
          NativeBuckets nativeBuckets) {
        this.nativeBuckets = nativeBuckets;
        this.sum = sum;
        this.buckets = buckets;
        this.exemplars = exemplars;
        this.created = created;
      }
    }

    @Override
    void addSamples(List<Sample> samples) {
      lookForSampler();
      Value value = get();
      List<String> names = append(family.descriptor.labelNames(), "le");
      for (int i = 0; i < value.buckets.length; i++) {
        String bound = doubleToGoString(buckets.upperBound(i));
        samples.add(
            new Sample(
                family.descriptor.name() + "_bucket",
                names,
                append(labelValues(), bound),
                value.buckets[i],
                value.exemplars[i]));
      }
      samples.add(sample("_count", value.buckets[value.buckets.length - 1]));
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

  /** Observes a value in the histogram without labels. */
  public void observe(double amt) {
    noLabelsChild().observe(amt);
  }

  /** As {@link Child#observeWithExemplar(double, String...)}, for the one without labels. */
  public void observeWithExemplar(double amt, String... exemplarLabels) {
    noLabelsChild().observeWithExemplar(amt, exemplarLabels);
  }

  /** As {@link Child#observeWithExemplar(double, Map)}, for the one without labels. */
  public void observeWithExemplar(double amt, Map<String, String> exemplarLabels) {
    noLabelsChild().observeWithExemplar(amt, exemplarLabels);
  }

  /** As {@link Child#timeWithExemplar(Runnable, String...)}, for the one without labels. */
  public double timeWithExemplar(Runnable timeable, String... exemplarLabels) {
    return noLabelsChild().timeWithExemplar(timeable, exemplarLabels);
  }

  /** As {@link Child#timeWithExemplar(Runnable, Map)}, for the one without labels. */
  public double timeWithExemplar(Runnable timeable, Map<String, String> exemplarLabels) {
    return noLabelsChild().timeWithExemplar(timeable, exemplarLabels);
  }

  /** As {@link Child#timeWithExemplar(Callable, String...)}, for the one without labels. */
  public <E> E timeWithExemplar(Callable<E> timeable, String... exemplarLabels) {
    return noLabelsChild().timeWithExemplar(timeable, exemplarLabels);
  }

  /** As {@link Child#timeWithExemplar(Callable, Map)}, for the one without labels. */
  public <E> E timeWithExemplar(Callable<E> timeable, Map<String, String> exemplarLabels) {
    return noLabelsChild().timeWithExemplar(timeable, exemplarLabels);
  }

  /** Starts a timer that will observe a duration in the histogram without labels. */
  public Timer startTimer() {
    return noLabelsChild().startTimer();
  }

  /** As {@link Child#time(Runnable)}, for the histogram without labels. */
  public double time(Runnable timeable) {
    return noLabelsChild().time(timeable);
  }

  /** As {@link Child#time(Callable)}, for the histogram without labels. */
  public <E> E time(Callable<E> timeable) {
    return noLabelsChild().time(timeable);
  }
}
