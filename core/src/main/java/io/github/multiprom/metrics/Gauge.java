package io.github.multiprom.metrics;

import io.github.multiprom.model.FamilyDescriptor;
import io.github.multiprom.model.MetricType;
import io.prometheus.client.Collector;
import io.prometheus.client.Collector.MetricFamilySamples.Sample;
import java.io.Closeable;
import java.util.List;
import java.util.concurrent.Callable;

/**
 * A number that can rise and fall: requests in flight, queue length, temperature. Thread-safe.
 *
 * <pre>{@code
 * static final Gauge IN_FLIGHT = Gauge.build()
 *     .name("in_flight").help("Requests in flight.").mode(GaugeMode.LIVESUM).register();
 * IN_FLIGHT.inc();
 * IN_FLIGHT.dec();
 * }</pre>
 *
 * <pre>{@code
 * static final Gauge QUEUED = Gauge.build()
 *     .name("queued").help("Jobs queued.").labelNames("queue").register();
 * QUEUED.labels("mail").set(7);
 * }</pre>
 *
 * <p>The {@link GaugeMode} says what collectors show of the numbers of several workers. A gauge
 * that a worker did not set takes no part. What only rises is a {@link Counter}.
 */
public final class Gauge extends MetricFamily {
  private Gauge(FamilyHome home, FamilyDescriptor descriptor) {
    super(home, descriptor);
  }

  /** A builder. */
  public static Builder build() {
    return new Builder();
  }

  /** A builder with a name and a help text. */
  public static Builder build(String name, String help) {
    return new Builder().name(name).help(help);
  }

  /** Builds gauges. One thread. */
  public static final class Builder extends FamilyBuilder<Builder, Gauge> {
    // Null for that of the worker.
    private GaugeMode mode;

    /** A builder. */
    public Builder() {}

    /**
     * Sets how the values of several workers are shown. Optional; the properties {@code
     * multiprom.gaugeModes} and {@code multiprom.gaugeMode} say it else, and without them it is
     * {@link GaugeMode#LIVEALL}.
     */
    public Builder mode(GaugeMode mode) {
      this.mode = mode;
      return this;
    }

    @Override
    Builder self() {
      return this;
    }

    @Override
    Gauge make(FamilyHome home, FamilyDescriptor descriptor) {
      return new Gauge(home, descriptor);
    }

    @Override
    FamilyDescriptor descriptor() {
      GaugeMode named = mode != null ? mode : GaugeMode.LIVEALL;
      FamilyDescriptor checked =
          descriptor(MetricType.GAUGE, named.fold(), named.liveOnly(), List.of());
      if (mode != null) {
        return checked;
      }
      GaugeMode configured = owner().gaugeModes().of(checked.name());
      return checked.withMode(configured.fold(), configured.liveOnly());
    }

    @Override
    Class<Gauge> familyClass() {
      return Gauge.class;
    }
  }

  /** Measures a duration and sets a gauge to it. Thread-safe. */
  public static final class Timer implements Closeable {
    private final Child child;
    private final long startNanos = System.nanoTime();

    private Timer(Child child) {
      this.child = child;
    }

    /** Sets the gauge to the seconds since the timer was started, and returns them. */
    public double setDuration() {
      double seconds = (System.nanoTime() - startNanos) / NANOSECONDS_PER_SECOND;
      child.set(seconds);
      return seconds;
    }

    /** As {@link #setDuration()}. */
    @Override
    public void close() {
      setDuration();
    }
  }

  /** The gauge of one label set; a class of the application's own may override it. Thread-safe. */
  public static class Child extends GaugeSeries {
    /** A gauge for {@link Gauge#setChild}, which until then is of no family. */
    public Child() {}

    private Child(Gauge family, String[] labelValues, long createdNanos) {
      super(family, labelValues, createdNanos);
    }

    /** Adds 1. */
    public void inc() {
      cell.add(1);
    }

    /** Adds an amount. */
    public void inc(double amt) {
      cell.add(amt);
    }

    /** Subtracts 1. */
    public void dec() {
      cell.add(-1);
    }

    /** Subtracts an amount. */
    public void dec(double amt) {
      cell.add(-amt);
    }

    /** Sets the value. */
    public void set(double val) {
      cell.set(val);
    }

    /** Sets the value to the current time in seconds since the epoch. */
    public void setToCurrentTime() {
      set(System.currentTimeMillis() / MILLISECONDS_PER_SECOND);
    }

    /** Starts a timer that will set this gauge. */
    public Timer startTimer() {
      return new Timer(this);
    }

    /** Runs something and sets the gauge to the seconds that it took, which are returned. */
    public double setToTime(Runnable timeable) {
      return Timing.run(timeable, startTimer()::setDuration);
    }

    /**
     * Calls something, sets the gauge to the seconds that it took and returns its result.
     *
     * @throws RuntimeException with what was thrown as its cause
     */
    public <E> E setToTime(Callable<E> timeable) {
      Timer timer = startTimer();
      try {
        return timeable.call();
      } catch (Exception e) {
        throw new RuntimeException(e);
      } finally {
        timer.setDuration();
      }
    }

    /** This worker's own value; 0 while it was never set. */
    public double get() {
      return cell.get();
    }

    @Override
    boolean isCallback() {
      return getClass() != Child.class;
    }

    @Override
    void sampleItself() {
      double value;
      try {
        value = get();
      } catch (Throwable e) {
        cell.withdraw();
        throw e;
      }
      cell.set(value);
    }

    @Override
    void addSamples(List<Sample> samples) {
      samples.add(sample("", get()));
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

  /** Adds 1 to the gauge without labels. */
  public void inc() {
    noLabelsChild().inc();
  }

  /** Adds an amount to the gauge without labels. */
  public void inc(double amt) {
    noLabelsChild().inc(amt);
  }

  /** Subtracts 1 from the gauge without labels. */
  public void dec() {
    noLabelsChild().dec();
  }

  /** Subtracts an amount from the gauge without labels. */
  public void dec(double amt) {
    noLabelsChild().dec(amt);
  }

  /** Sets the gauge without labels. */
  public void set(double val) {
    noLabelsChild().set(val);
  }

  /** Sets the gauge without labels to the current time in seconds since the epoch. */
  public void setToCurrentTime() {
    noLabelsChild().setToCurrentTime();
  }

  /** Starts a timer that will set the gauge without labels. */
  public Timer startTimer() {
    return noLabelsChild().startTimer();
  }

  /** As {@link Child#setToTime(Runnable)}, for the gauge without labels. */
  public double setToTime(Runnable timeable) {
    return noLabelsChild().setToTime(timeable);
  }

  /** As {@link Child#setToTime(Callable)}, for the gauge without labels. */
  public <E> E setToTime(Callable<E> timeable) {
    return noLabelsChild().setToTime(timeable);
  }

  /** This worker's own value of the gauge without labels; 0 while it was never set. */
  public double get() {
    return noLabelsChild().get();
  }
}
