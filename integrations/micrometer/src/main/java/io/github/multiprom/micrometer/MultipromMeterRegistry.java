package io.github.multiprom.micrometer;

import io.github.multiprom.internal.os.StoreLog;
import io.github.multiprom.metrics.GaugeMode;
import io.github.multiprom.metrics.Worker;
import io.github.multiprom.micrometer.WorkerFamilies.Named;
import io.github.multiprom.prometheus.MergedPrometheusRegistry;
import io.github.multiprom.prometheus.SpanExemplars;
import io.micrometer.core.instrument.Clock;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.FunctionTimer;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.LongTaskTimer;
import io.micrometer.core.instrument.Measurement;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.cumulative.CumulativeCounter;
import io.micrometer.core.instrument.cumulative.CumulativeDistributionSummary;
import io.micrometer.core.instrument.cumulative.CumulativeFunctionCounter;
import io.micrometer.core.instrument.cumulative.CumulativeFunctionTimer;
import io.micrometer.core.instrument.cumulative.CumulativeTimer;
import io.micrometer.core.instrument.distribution.DistributionStatisticConfig;
import io.micrometer.core.instrument.distribution.pause.PauseDetector;
import io.micrometer.core.instrument.internal.DefaultGauge;
import io.micrometer.core.instrument.internal.DefaultLongTaskTimer;
import io.micrometer.core.instrument.internal.DefaultMeter;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.prometheus.metrics.tracer.common.SpanContext;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.DoubleSupplier;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;
import java.util.function.ToLongFunction;
import java.util.stream.StreamSupport;

/**
 * A Prometheus registry of Micrometer whose meters count in a worker's file, and whose scrape shows
 * the merged metrics of all workers. Thread-safe.
 *
 * <pre>{@code
 * MeterRegistry registry = MultipromMeterRegistry.builder(PrometheusConfig.DEFAULT).build();
 * registry.counter("orders", "kind", "book").increment();
 * registry.scrape();
 * }</pre>
 *
 * <p>Counters, timers and distribution summaries count straight into cells: a killed worker loses
 * nothing. What is a function (gauges, function counters and timers, the {@code _max} of timers,
 * long task timers) is sampled once a second and before a scrape that this worker answers. Gauges
 * merge by {@code multiprom.gaugeModes}, by {@link Builder#gaugeMode}, or are shown by worker.
 *
 * <p>A meter itself, {@code counter.count()} say, tells the numbers of this worker.
 *
 * <p>Percentiles that a meter publishes itself are not exposed, as those of several workers cannot
 * be merged.
 *
 * <p>Without a directory it is a {@link PrometheusMeterRegistry} as any other.
 */
public final class MultipromMeterRegistry extends PrometheusMeterRegistry implements AutoCloseable {
  private static final Duration LAST_SAMPLE = Duration.ofMillis(500);
  private static final double NANOS_PER_SECOND = 1e9;

  private final PrometheusConfig prometheusConfig;
  private final Function<Meter.Id, GaugeMode> gaugeMode;
  private final MergedPrometheusRegistry merged;
  private final boolean ownsMerged;
  // Null without a directory, as the next two.
  private final Worker worker;
  private final WorkerFamilies families;
  private final SampledMeters sampled;

  private MultipromMeterRegistry(Builder builder, MergedPrometheusRegistry merged) {
    super(builder.config, merged, builder.clock, builder.spanContext);
    this.merged = merged;
    prometheusConfig = builder.config;
    gaugeMode = builder.gaugeMode;
    ownsMerged = builder.registry == null;
    Worker current = merged.worker();
    if (current.directory().isEmpty()) {
      worker = null;
      families = null;
      sampled = null;
      return;
    }
    worker = current;
    families = new WorkerFamilies(worker, exemplars(builder.spanContext), builder.nativeHistogram);
    sampled = new SampledMeters();
    config().onMeterRemoved(this::onRemoved);
    worker.sampler().add(sampled);
  }

  private static SpanExemplars exemplars(SpanContext spanContext) {
    return spanContext == null ? null : new SpanExemplars(() -> spanContext);
  }

  /** A builder. */
  public static Builder builder(PrometheusConfig config) {
    return new Builder(config);
  }

  /** Says what a registry is made of. One thread. */
  public static final class Builder {
    private final PrometheusConfig config;
    private MergedPrometheusRegistry registry;
    private Worker worker;
    private Clock clock = Clock.SYSTEM;
    private SpanContext spanContext;
    private Function<Meter.Id, GaugeMode> gaugeMode = id -> null;
    private Predicate<Meter.Id> nativeHistogram = id -> false;

    private Builder(PrometheusConfig config) {
      this.config = Objects.requireNonNull(config);
    }

    /** Sets the worker; optional, by default the JVM's default worker, opened if need be. */
    public Builder worker(Worker worker) {
      this.worker = Objects.requireNonNull(worker);
      return this;
    }

    /**
     * Sets the registry of prometheus-metrics that is scraped, and with it the worker. Optional, by
     * default one of the registry's own.
     */
    public Builder prometheusRegistry(MergedPrometheusRegistry registry) {
      this.registry = Objects.requireNonNull(registry);
      return this;
    }

    /** Sets the clock; optional, by default the system's. */
    public Builder clock(Clock clock) {
      this.clock = Objects.requireNonNull(clock);
      return this;
    }

    /** Sets what tells the current span, for exemplars; optional, by default none. */
    public Builder spanContext(SpanContext spanContext) {
      this.spanContext = spanContext;
      return this;
    }

    /**
     * Sets how gauges of several workers are shown where {@code multiprom.gaugeModes} names no mode
     * for the exposed name. Optional; a null mode stands for the default one, {@link
     * GaugeMode#LIVEALL} but for what is the same in all processes of a host.
     */
    public Builder gaugeMode(Function<Meter.Id, GaugeMode> gaugeMode) {
      this.gaugeMode = Objects.requireNonNull(gaugeMode);
      return this;
    }

    /**
     * Sets which timers and distribution summaries are native histograms, beside the classic
     * buckets if they publish those. Optional, by default none. Prometheus takes native histograms
     * in protobuf only, and drops the classic ones of the same name unless it is told to keep them.
     */
    public Builder nativeHistogram(Predicate<Meter.Id> nativeHistogram) {
      this.nativeHistogram = Objects.requireNonNull(nativeHistogram);
      return this;
    }

    /** The registry. */
    public MultipromMeterRegistry build() {
      MergedPrometheusRegistry scraped = registry;
      if (scraped == null) {
        scraped =
            worker == null
                ? MergedPrometheusRegistry.ofDefaultWorker()
                : MergedPrometheusRegistry.of(worker);
      }
      return new MultipromMeterRegistry(this, scraped);
    }
  }

  private Named named(Meter.Id id) {
    return named(id, getConventionName(id));
  }

  private Named named(Meter.Id id, String name) {
    String description = prometheusConfig.descriptions() ? id.getDescription() : null;
    return new Named(
        id,
        name,
        description == null || description.isEmpty() ? " " : description,
        getConventionTags(id).stream().map(Tag::getKey).toArray(String[]::new),
        StreamSupport.stream(id.getTagsAsIterable().spliterator(), false)
            .map(Tag::getValue)
            .toArray(String[]::new));
  }

  /** Makes the series of a meter; null if the worker refuses, which is told as Micrometer does. */
  private <T> T orFail(Meter.Id id, Supplier<T> series) {
    try {
      return series.get();
    } catch (IllegalArgumentException | IllegalStateException e) {
      StoreLog.warnOnce(
          "not-exposed " + id.getName(),
          "Meter " + id.getName() + " is not exposed: " + e.getMessage());
      meterRegistrationFailed(id, e.getMessage());
      return null;
    }
  }

  @Override
  public Counter newCounter(Meter.Id id) {
    if (families == null) {
      return super.newCounter(id);
    }
    var child = orFail(id, () -> families.counter(named(id)));
    return child == null ? new CumulativeCounter(id) : new WorkerCounter(id, child);
  }

  @Override
  protected Timer newTimer(
      Meter.Id id, DistributionStatisticConfig config, PauseDetector pauseDetector) {
    if (families == null) {
      return super.newTimer(id, config, pauseDetector);
    }
    Distribution distribution =
        orFail(id, () -> families.distribution(named(id), config, NANOS_PER_SECOND));
    if (distribution == null) {
      return new CumulativeTimer(id, clock, config, pauseDetector, getBaseTimeUnit(), false);
    }
    WorkerTimer timer = new WorkerTimer(id, clock, config, pauseDetector, distribution);
    addGauge(named(id).withSuffix("_max"), GaugeMode.LIVEMAX, () -> timer.max(getBaseTimeUnit()));
    return timer;
  }

  @Override
  public DistributionSummary newDistributionSummary(
      Meter.Id id, DistributionStatisticConfig config, double scale) {
    if (families == null) {
      return super.newDistributionSummary(id, config, scale);
    }
    Distribution distribution = orFail(id, () -> families.distribution(named(id), config, 1));
    if (distribution == null) {
      return new CumulativeDistributionSummary(id, clock, config, scale, false);
    }
    WorkerDistributionSummary summary =
        new WorkerDistributionSummary(id, clock, config, scale, distribution);
    addGauge(named(id).withSuffix("_max"), GaugeMode.LIVEMAX, summary::max);
    return summary;
  }

  @Override
  protected <T> Gauge newGauge(Meter.Id id, T obj, ToDoubleFunction<T> valueFunction) {
    if (families == null) {
      return super.newGauge(id, obj, valueFunction);
    }
    Gauge gauge = new DefaultGauge<>(id, obj, valueFunction);
    if (id.getName().endsWith(".info")) {
      sampled.addGauge(id, orFail(id, () -> families.sampledInfo(named(id))), () -> 1);
    } else {
      addGauge(named(id), gaugeMode.apply(id), gauge::value);
    }
    return gauge;
  }

  private void addGauge(Named meter, GaugeMode mode, DoubleSupplier value) {
    sampled.addGauge(
        meter.id(), orFail(meter.id(), () -> families.sampledGauge(meter, mode)), value);
  }

  @Override
  protected <T> FunctionCounter newFunctionCounter(
      Meter.Id id, T obj, ToDoubleFunction<T> countFunction) {
    if (families == null) {
      return super.newFunctionCounter(id, obj, countFunction);
    }
    FunctionCounter counter = new CumulativeFunctionCounter<>(id, obj, countFunction);
    sampled.addCounter(id, orFail(id, () -> families.sampledCounter(named(id))), counter::count);
    return counter;
  }

  @Override
  protected <T> FunctionTimer newFunctionTimer(
      Meter.Id id,
      T obj,
      ToLongFunction<T> countFunction,
      ToDoubleFunction<T> totalTimeFunction,
      TimeUnit totalTimeFunctionUnit) {
    if (families == null) {
      return super.newFunctionTimer(
          id, obj, countFunction, totalTimeFunction, totalTimeFunctionUnit);
    }
    FunctionTimer timer =
        new CumulativeFunctionTimer<>(
            id, obj, countFunction, totalTimeFunction, totalTimeFunctionUnit, getBaseTimeUnit());
    sampled.addSummary(
        id,
        orFail(id, () -> families.sampledSummary(named(id))),
        timer::count,
        () -> timer.totalTime(getBaseTimeUnit()));
    return timer;
  }

  /** Its numbers fall when tasks end, so they are gauges here. */
  @Override
  protected LongTaskTimer newLongTaskTimer(Meter.Id id, DistributionStatisticConfig config) {
    if (families == null) {
      return super.newLongTaskTimer(id, config);
    }
    LongTaskTimer timer = new DefaultLongTaskTimer(id, clock, getBaseTimeUnit(), config, true);
    Named named = named(id);
    addGauge(named.withSuffix("_count"), GaugeMode.LIVESUM, timer::activeTasks);
    addGauge(named.withSuffix("_sum"), GaugeMode.LIVESUM, () -> timer.duration(getBaseTimeUnit()));
    addGauge(named.withSuffix("_max"), GaugeMode.LIVEMAX, () -> timer.max(getBaseTimeUnit()));
    return timer;
  }

  @Override
  protected Meter newMeter(Meter.Id id, Meter.Type type, Iterable<Measurement> measurements) {
    if (families == null) {
      return super.newMeter(id, type, measurements);
    }
    for (Measurement measurement : measurements) {
      addMeasurement(id, measurement);
    }
    return new DefaultMeter(id, type, measurements);
  }

  private void addMeasurement(Meter.Id id, Measurement measurement) {
    Named named = named(id).withTag("statistic", measurement.getStatistic().toString());
    switch (measurement.getStatistic()) {
      case TOTAL, TOTAL_TIME -> addCounter(named.withSuffix("_sum"), measurement);
      case COUNT -> addCounter(named, measurement);
      case MAX -> addGauge(named.withSuffix("_max"), GaugeMode.LIVEMAX, measurement::getValue);
      case VALUE, UNKNOWN ->
          addGauge(named.withSuffix("_value"), gaugeMode.apply(id), measurement::getValue);
      case ACTIVE_TASKS ->
          addGauge(named.withSuffix("_active_count"), GaugeMode.LIVESUM, measurement::getValue);
      case DURATION ->
          addGauge(named.withSuffix("_duration_sum"), GaugeMode.LIVESUM, measurement::getValue);
    }
  }

  private void addCounter(Named meter, Measurement measurement) {
    sampled.addCounter(
        meter.id(),
        orFail(meter.id(), () -> families.sampledCounter(meter)),
        measurement::getValue);
  }

  private void onRemoved(Meter meter) {
    families.remove(meter.getId());
    sampled.remove(meter.getId());
  }

  /** Samples for the last time, and ends the gauges; what was counted stays. */
  @Override
  public void close() {
    if (sampled != null && !isClosed()) {
      worker.sampler().sampleNow(LAST_SAMPLE);
      worker.sampler().remove(sampled);
      sampled.close();
    }
    super.close();
    if (ownsMerged) {
      merged.close();
    }
  }
}
