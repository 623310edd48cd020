package io.github.multiprom.prometheus;

import io.github.multiprom.metrics.Worker;
import io.prometheus.metrics.model.registry.Collector;
import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.registry.PrometheusScrapeRequest;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.nio.file.Path;
import java.util.Collection;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * A registry of prometheus-metrics that merges: what is registered is sampled into the worker's
 * file, and what is scraped are the metrics of all workers. Thread-safe.
 *
 * <pre>{@code
 * PrometheusRegistry registry = MergedPrometheusRegistry.ofDefaultWorker();
 * JvmMetrics.builder().register(registry);
 * HTTPServer.builder().port(9400).registry(registry).buildAndStart();
 * }</pre>
 *
 * <p>Counters and distributions become sums over all workers, dead and alive, gauges what {@code
 * multiprom.gaugeModes} says, by default a series per worker. A worker that is killed loses what
 * these counted in the last second; {@link Counter}, {@link Gauge}, {@link Histogram}, {@link
 * Summary} and {@link Info} of this package lose nothing.
 *
 * <p>Without a directory it is a {@link PrometheusRegistry} as any other.
 */
public final class MergedPrometheusRegistry extends PrometheusRegistry implements AutoCloseable {
  private final Supplier<Worker> worker;
  // Guarded by this, as the next four.
  private final IdentityHashMap<Object, SnapshotSource> sources = new IdentityHashMap<>();
  private MergedCollector merged;
  private Path mergedDirectory;
  private boolean closed;

  private MergedPrometheusRegistry(Supplier<Worker> worker) {
    this.worker = worker;
  }

  /** A registry of the JVM's default worker, which is opened if need be. */
  public static MergedPrometheusRegistry ofDefaultWorker() {
    Worker.defaultWorker();
    return new MergedPrometheusRegistry(Worker::defaultWorker);
  }

  /** A registry of a worker. */
  public static MergedPrometheusRegistry of(Worker worker) {
    return new MergedPrometheusRegistry(() -> worker);
  }

  /**
   * A registry of the default worker that also samples all that is registered with another one, of
   * libraries that know only {@link PrometheusRegistry#defaultRegistry}, say. This one is to be
   * scraped.
   */
  public static MergedPrometheusRegistry sampling(PrometheusRegistry other) {
    MergedPrometheusRegistry registry = ofDefaultWorker();
    registry.register((MultiCollector) other::scrape);
    return registry;
  }

  /** The worker that samples, and whose directory is shown. */
  public Worker worker() {
    return worker.get();
  }

  /**
   * Registers a collector, which is sampled from now on, unless it is a metric of this package that
   * counts in a worker's file.
   *
   * @throws IllegalStateException if its name is in use here
   */
  @Override
  public void register(Collector collector) {
    super.register(collector);
    if (!(collector instanceof WorkerCollector own && own.isInFile())) {
      add(collector, new SnapshotSource(collector));
    }
  }

  /** As {@link #register(Collector)}. */
  @Override
  public void register(MultiCollector collector) {
    super.register(collector);
    // What shows a directory is not one of its sources.
    if (!(collector instanceof MergedCollector)) {
      add(collector, new SnapshotSource(collector));
    }
  }

  private void add(Object collector, SnapshotSource source) {
    synchronized (this) {
      sources.put(collector, source);
    }
    worker().sampler().add(source);
  }

  /** Forgets a collector. What it counted stays in the merged sums. */
  @Override
  public void unregister(Collector collector) {
    super.unregister(collector);
    remove(collector);
  }

  /** As {@link #unregister(Collector)}. */
  @Override
  public void unregister(MultiCollector collector) {
    super.unregister(collector);
    remove(collector);
  }

  private void remove(Object collector) {
    SnapshotSource source;
    synchronized (this) {
      source = sources.remove(collector);
    }
    if (source != null) {
      worker().sampler().remove(source);
    }
  }

  /** Forgets all collectors. */
  @Override
  public void clear() {
    super.clear();
    Collection<SnapshotSource> all;
    synchronized (this) {
      all = List.copyOf(sources.values());
      sources.clear();
    }
    all.forEach(worker().sampler()::remove);
  }

  @Override
  public MetricSnapshots scrape() {
    MergedCollector shown = merged();
    return shown == null ? super.scrape() : shown.collect();
  }

  @Override
  public MetricSnapshots scrape(PrometheusScrapeRequest request) {
    MergedCollector shown = merged();
    return shown == null ? super.scrape(request) : shown.collect();
  }

  @Override
  public MetricSnapshots scrape(Predicate<String> includedNames) {
    MergedCollector shown = merged();
    return shown == null ? super.scrape(includedNames) : shown.collect(includedNames);
  }

  @Override
  public MetricSnapshots scrape(Predicate<String> includedNames, PrometheusScrapeRequest request) {
    MergedCollector shown = merged();
    return shown == null ? super.scrape(includedNames, request) : shown.collect(includedNames);
  }

  /** What shows the directory; null where this registry is to show what it holds itself. */
  private synchronized MergedCollector merged() {
    Worker current = worker();
    Path directory = current.directory().orElse(null);
    if (directory != null && !closed && !directory.equals(mergedDirectory)) {
      if (merged != null) {
        merged.close();
      }
      merged = MergedCollector.of(current);
      mergedDirectory = directory;
    }
    return directory == null ? null : merged;
  }

  /** Forgets all collectors and closes what reads the directory; the worker stays open. */
  @Override
  public void close() {
    clear();
    synchronized (this) {
      closed = true;
      if (merged != null) {
        merged.close();
      }
    }
  }
}
