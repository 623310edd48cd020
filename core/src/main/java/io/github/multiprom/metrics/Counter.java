package io.github.multiprom.metrics;

import io.github.multiprom.internal.cell.CounterCell;
import io.github.multiprom.internal.worker.IncarnationWriter;
import io.github.multiprom.model.FamilyDescriptor;
import io.github.multiprom.model.GaugeFold;
import io.github.multiprom.model.MetricType;
import io.prometheus.client.Collector;
import io.prometheus.client.Collector.MetricFamilySamples.Sample;
import io.prometheus.client.exemplars.CounterExemplarSampler;
import io.prometheus.client.exemplars.Exemplar;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;

/**
 * A sum that only rises: requests served, errors, bytes sent. Thread-safe.
 *
 * <pre>{@code
 * static final Counter REQUESTS = Counter.build()
 *     .name("requests_total").help("Requests served.").register();
 * REQUESTS.inc();
 * }</pre>
 *
 * <pre>{@code
 * static final Counter REQUESTS = Counter.build()
 *     .name("requests_total").help("Requests served.").labelNames("method", "code").register();
 * REQUESTS.labels("GET", "200").inc();
 * }</pre>
 *
 * <p>Collectors show the sum over all workers, those that have ended too. For what can fall there
 * is {@link Gauge}.
 */
public final class Counter extends MetricFamily {
  private static final String TOTAL_SUFFIX = "_total";
  private static final double[] NO_BOUNDS = {};

  private final ExemplarSampling sampling;

  private Counter(FamilyHome home, FamilyDescriptor descriptor, ExemplarSampling sampling) {
    super(home, descriptor);
    this.sampling = sampling;
  }

  /** A builder. */
  public static Builder build() {
    return new Builder();
  }

  /** A builder with a name and a help text. */
  public static Builder build(String name, String help) {
    return new Builder().name(name).help(help);
  }

  /** Builds counters. One thread. */
  public static final class Builder extends FamilyBuilder<Builder, Counter> {
    private ExemplarSampling sampling = ExemplarSampling.DEFAULT;

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
     * Sets what samples exemplars. It is asked at each increment, so it must be fast.
     *
     * @throws NullPointerException if it is null
     */
    public Builder withExemplarSampler(CounterExemplarSampler sampler) {
      sampling = new ExemplarSampling(true, Objects.requireNonNull(sampler), null);
      return this;
    }

    @Override
    Builder self() {
      return this;
    }

    @Override
    Counter make(FamilyHome home, FamilyDescriptor descriptor) {
      return new Counter(home, descriptor, sampling);
    }

    @Override
    FamilyDescriptor descriptor() {
      if (name.endsWith(TOTAL_SUFFIX)) {
        name = name.substring(0, name.length() - TOTAL_SUFFIX.length());
      }
      return descriptor(MetricType.COUNTER, GaugeFold.SUM, false, List.of());
    }

    @Override
    Class<Counter> familyClass() {
      return Counter.class;
    }
  }

  /**
   * The counter of one label set; a class of the application's own may override it. Thread-safe.
   */
  public static class Child extends Series {
    private final ExemplarSampling sampling;
    private volatile CounterCell cell;
    // Null while nothing samples any, and none was given.
    private Exemplars exemplars;
    // Null until it is sampled.
    private SampledSeries sampled;

    /** A counter for {@link Counter#setChild}, which until then is of no family. */
    public Child() {
      this(null, null);
    }

    /**
     * As {@link #Child()}.
     *
     * @param exemplarsEnabled whether exemplars are sampled; null for what {@code ExemplarConfig}
     *     says
     * @param exemplarSampler what samples them; null for the default sampler
     */
    public Child(Boolean exemplarsEnabled, CounterExemplarSampler exemplarSampler) {
      sampling = new ExemplarSampling(exemplarsEnabled, exemplarSampler, null);
      cell = new HeapCounter();
      lookForSampler();
    }

    private Child(Counter family, String[] labelValues, long createdNanos) {
      super(family, labelValues, createdNanos);
      sampling = family.sampling;
      lookForSampler();
    }

    /** Adds 1. */
    public void inc() {
      cell.add(1);
      if (exemplars != null) {
        exemplars.sampleCounter(1);
      }
    }

    /**
     * Adds an amount. With a directory NaN and +Inf are left out, for they would be the sum of all
     * workers forever.
     *
     * @throws IllegalArgumentException if it is negative
     */
    public void inc(double amt) {
      if (amt >= 0 && amt <= Double.MAX_VALUE) {
        cell.add(amt);
        if (exemplars != null) {
          exemplars.sampleCounter(amt);
        }
      } else if (count(amt) && exemplars != null) {
        exemplars.sampleCounter(amt);
      }
    }

    /** Whether it was counted. */
    private boolean count(double amt) {
      if (amt < 0) {
        throw new IllegalArgumentException("Amount to increment must be non-negative.");
      }
      if (!(amt <= Double.MAX_VALUE) && leavesOut(amt)) {
        return false;
      }
      cell.add(amt);
      return true;
    }

    /**
     * Adds 1, with an exemplar.
     *
     * @param exemplarLabels label names, each followed by its value
     * @throws IllegalArgumentException if their number is odd, a name is invalid, or all together
     *     are longer than 128 characters
     */
    public void incWithExemplar(String... exemplarLabels) {
      incWithExemplar(1, exemplarLabels);
    }

    /** As {@link #incWithExemplar(String...)}. */
    public void incWithExemplar(Map<String, String> exemplarLabels) {
      incWithExemplar(1, exemplarLabels);
    }

    /**
     * Adds an amount, with an exemplar.
     *
     * @throws IllegalArgumentException as {@link #inc(double)} and {@link
     *     #incWithExemplar(String...)}
     */
    public void incWithExemplar(double amt, String... exemplarLabels) {
      Exemplar exemplar = ExemplarSampling.of(amt, exemplarLabels);
      if (exemplar == null) {
        inc(amt);
      } else if (count(amt)) {
        // Behind the count: an exemplar is always of what was counted.
        made().set(0, exemplar);
      }
    }

    /** As {@link #incWithExemplar(double, String...)}. */
    public void incWithExemplar(double amt, Map<String, String> exemplarLabels) {
      incWithExemplar(amt, Exemplar.mapToArray(exemplarLabels));
    }

    private Exemplars made() {
      boolean isNew;
      synchronized (this) {
        isNew = exemplars == null;
        if (isNew) {
          exemplars = new Exemplars(sampling, 1);
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
    final void lookForSampler() {
      if (exemplars == null && sampling.counterSampler() != null) {
        made();
      }
    }

    /** This worker's own sum. */
    public double get() {
      return cell.get();
    }

    /** What its cells have counted, whatever {@link #get} returns. */
    final double counted() {
      return cell.get();
    }

    final void add(double amount) {
      cell.add(amount);
    }

    @Override
    boolean isCallback() {
      return getClass() != Child.class;
    }

    @Override
    void sampleItself() {
      if (sampled == null) {
        sampled = new SampledSeries(this, NO_BOUNDS, 1);
      }
      double total = get();
      if (Double.isFinite(total)) {
        sampled.raise(total);
      }
    }

    /** When this child was made, milliseconds since the epoch. */
    public long created() {
      return createdMs();
    }

    @Override
    void attach(IncarnationWriter writer, int series) {
      cell = writer.counter(series);
    }

    @Override
    void startInMemory() {
      cell = new MovingCounter(0);
    }

    @Override
    void startAlone() {
      cell = new HeapCounter();
    }

    @Override
    void addSamples(List<Sample> samples) {
      lookForSampler();
      samples.add(
          new Sample(
              family.descriptor.name() + TOTAL_SUFFIX,
              family.descriptor.labelNames(),
              labelValues(),
              get(),
              exemplars == null ? null : exemplars.get(0)));
      addCreated(samples);
    }

    @Override
    void leave() {
      if (!(cell instanceof MovingCounter)) {
        cell = new MovingCounter(cell);
      }
    }

    @Override
    void moveTo(IncarnationWriter writer, Publication publication) throws IOException {
      cell = ((MovingCounter) cell).moveTo(writer, publication);
    }

    @Override
    void join(Supplier<Series> leader) {
      CounterCell joined =
          new CounterCell() {
            private CounterCell cell() {
              return ((Child) leader.get()).cell;
            }

            @Override
            public void add(double amount) {
              cell().add(amount);
            }

            @Override
            public double get() {
              return cell().get();
            }
          };
      ((MovingCounter) cell).join(joined);
      cell = joined;
    }

    @Override
    void detach() {
      if (cell instanceof MovingCounter movable) {
        movable.detach();
      } else {
        cell = new MovingCounter(cell.get());
      }
    }

    @Override
    void startAgain() {
      startInMemory();
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
   * <p>What an own class' {@code get()} returns is what is shown. With a directory it is asked in a
   * thread of its own, at once, each second, and before a scrape, for 0.1 s at most.
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

  /** Adds 1 to the counter without labels. */
  public void inc() {
    noLabelsChild().inc();
  }

  /**
   * Adds an amount to the counter without labels.
   *
   * @throws IllegalArgumentException if it is negative
   */
  public void inc(double amt) {
    noLabelsChild().inc(amt);
  }

  /** As {@link Child#incWithExemplar(String...)}, for the counter without labels. */
  public void incWithExemplar(String... exemplarLabels) {
    noLabelsChild().incWithExemplar(exemplarLabels);
  }

  /** As {@link Child#incWithExemplar(Map)}, for the counter without labels. */
  public void incWithExemplar(Map<String, String> exemplarLabels) {
    noLabelsChild().incWithExemplar(exemplarLabels);
  }

  /** As {@link Child#incWithExemplar(double, String...)}, for the counter without labels. */
  public void incWithExemplar(double amt, String... exemplarLabels) {
    noLabelsChild().incWithExemplar(amt, exemplarLabels);
  }

  /** As {@link Child#incWithExemplar(double, Map)}, for the counter without labels. */
  public void incWithExemplar(double amt, Map<String, String> exemplarLabels) {
    noLabelsChild().incWithExemplar(amt, exemplarLabels);
  }

  /** This worker's own sum of the counter without labels. */
  public double get() {
    return noLabelsChild().get();
  }
}
