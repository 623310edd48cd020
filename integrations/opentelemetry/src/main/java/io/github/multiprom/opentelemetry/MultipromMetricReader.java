package io.github.multiprom.opentelemetry;

import io.github.multiprom.metrics.GaugeMode;
import io.github.multiprom.metrics.Worker;
import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.metrics.InstrumentType;
import io.opentelemetry.sdk.metrics.data.AggregationTemporality;
import io.opentelemetry.sdk.metrics.export.CollectionRegistration;
import io.opentelemetry.sdk.metrics.export.MetricReader;
import java.time.Duration;

/**
 * A reader of the OpenTelemetry SDK that samples its metrics into a worker's file, where they are
 * merged with those of all workers of the directory. Thread-safe.
 *
 * <pre>{@code
 * SdkMeterProvider meters =
 *     SdkMeterProvider.builder().registerMetricReader(MultipromMetricReader.create()).build();
 * }</pre>
 *
 * <p>Each endpoint of the directory shows them, under the names that OpenTelemetry's own exporter
 * for Prometheus gives them. Counters and histograms are summed over all workers, those that have
 * ended too; up-down counters over the live ones ({@link GaugeMode#LIVESUM}); gauges are a series
 * per live worker, or what {@code multiprom.gaugeModes} says. A worker that is killed loses what it
 * counted since it was sampled last, a second or less.
 *
 * <p>Without a directory nothing is sampled, until a worker with one is opened.
 */
public final class MultipromMetricReader implements MetricReader {
  /** Callbacks of the application may take their time; the sampler goes on after it. */
  private static final Duration MAX_WAIT = Duration.ofSeconds(2);

  private final Worker given;
  private final boolean scopeLabels;
  private final boolean targetInfo;
  // Guarded by this, as the next: what is sampled now.
  private MetricSource source;
  private Worker worker;

  private MultipromMetricReader(Builder builder) {
    given = builder.worker;
    scopeLabels = builder.scopeLabels;
    targetInfo = builder.targetInfo;
  }

  /** A reader for the JVM's default worker, which is opened if need be. */
  public static MultipromMetricReader create() {
    return builder().build();
  }

  /** Begins a reader that differs from {@link #create()}. */
  public static Builder builder() {
    return new Builder();
  }

  /** Settings of a reader. Not thread-safe. */
  public static final class Builder {
    private Worker worker;
    private boolean scopeLabels = true;
    private boolean targetInfo = true;

    private Builder() {}

    /** The worker whose file takes the metrics; by default the JVM's default worker. */
    public Builder worker(Worker worker) {
      this.worker = worker;
      return this;
    }

    /**
     * Whether each series has labels {@code otel_scope_name}, {@code otel_scope_version} and so on,
     * as it has by default. Without them, instruments of one name in two scopes become one series,
     * of which only the first is sampled.
     */
    public Builder scopeLabels(boolean scopeLabels) {
      this.scopeLabels = scopeLabels;
      return this;
    }

    /**
     * Whether the attributes of the resource are shown as {@code target_info}, as they are by
     * default: once for all workers that have equal ones.
     */
    public Builder targetInfo(boolean targetInfo) {
      this.targetInfo = targetInfo;
      return this;
    }

    /** The reader, which samples once it is registered with a meter provider. */
    public MultipromMetricReader build() {
      return new MultipromMetricReader(this);
    }
  }

  /** Called by the SDK: sampling begins. */
  @Override
  public synchronized void register(CollectionRegistration registration) {
    worker = given == null ? Worker.defaultWorker() : given;
    source = new MetricSource(registration, scopeLabels, targetInfo);
    worker.sampler().add(source);
  }

  @Override
  public AggregationTemporality getAggregationTemporality(InstrumentType instrumentType) {
    return AggregationTemporality.CUMULATIVE;
  }

  /** Samples now, and waits for two seconds at most. */
  @Override
  public CompletableResultCode forceFlush() {
    Worker sampling;
    synchronized (this) {
      sampling = worker;
    }
    if (sampling != null) {
      sampling.sampler().sampleNow(MAX_WAIT);
    }
    return CompletableResultCode.ofSuccess();
  }

  /** Samples for the last time: gauges are shown no more, what was counted stays. */
  @Override
  public CompletableResultCode shutdown() {
    forceFlush();
    synchronized (this) {
      if (source != null) {
        worker.sampler().remove(source);
        source = null;
      }
    }
    return CompletableResultCode.ofSuccess();
  }
}
