package io.github.multiprom.metrics;

import io.prometheus.client.Collector;
import io.prometheus.client.Collector.MetricFamilySamples;
import io.prometheus.client.CollectorRegistry;
import io.prometheus.client.Predicate;
import java.util.Collections;
import java.util.Enumeration;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;

/**
 * A registry of which every collector is merged over all workers, those that know nothing of
 * Multiprom as well. Thread-safe.
 *
 * <pre>{@code
 * CollectorRegistry registry = MergedRegistry.ofDefaultWorker();
 * DefaultExports.register(registry);
 * new HTTPServer(address, registry);
 * }</pre>
 *
 * <p>It shows everything in the directory of its worker. The collectors that are registered here
 * are {@linkplain Sampler sampled} into the worker's file, counters and distributions as sums,
 * gauges by {@code multiprom.gaugeModes} and, without that, as a series per worker. Metrics of this
 * package may be registered as on any registry.
 *
 * <p>Without a directory it is a {@link CollectorRegistry} as any other.
 */
public final class MergedRegistry extends CollectorRegistry {
  private volatile Worker worker;
  // Guarded by this, as the next.
  private final Set<MetricFamily> families = Collections.newSetFromMap(new IdentityHashMap<>());
  private final IdentityHashMap<Collector, CollectorSource> sources = new IdentityHashMap<>();

  private MergedRegistry(Worker worker) {
    this.worker = worker;
    worker.show(this);
  }

  /** A registry of the JVM's default worker, which is opened if need be. */
  public static MergedRegistry ofDefaultWorker() {
    return new MergedRegistry(Worker.defaultWorker());
  }

  /** A registry of a worker. */
  public static MergedRegistry of(Worker worker) {
    return new MergedRegistry(worker);
  }

  /** Goes on with another worker, which samples by now what was registered here. */
  void moveTo(Worker other) {
    worker = other;
    other.show(this);
  }

  /**
   * Registers a collector: a metric of this package, or another, which is sampled from now on.
   *
   * @throws IllegalArgumentException if one of its names is in use here
   */
  @Override
  public void register(Collector collector) {
    if (collector instanceof RegistryCollector) {
      // This registry is one by itself.
      return;
    }
    super.register(collector);
    if (collector instanceof MetricFamily family) {
      synchronized (this) {
        families.add(family);
      }
      family.home().showOn(family, this);
      return;
    }
    CollectorSource source = new CollectorSource(collector);
    synchronized (this) {
      if (sources.putIfAbsent(collector, source) != null) {
        return;
      }
    }
    worker.sampler().add(source);
  }

  /** Forgets a collector. What it counted stays in the merged sums. */
  @Override
  public void unregister(Collector collector) {
    if (collector instanceof RegistryCollector) {
      return;
    }
    super.unregister(collector);
    CollectorSource source;
    synchronized (this) {
      families.remove(collector);
      source = sources.remove(collector);
    }
    if (source != null) {
      worker.sampler().remove(source);
    }
  }

  /** Forgets all collectors. */
  @Override
  public void clear() {
    super.clear();
    List<CollectorSource> all;
    synchronized (this) {
      all = List.copyOf(sources.values());
      sources.clear();
      families.clear();
    }
    all.forEach(worker.sampler()::remove);
  }

  @Override
  public Enumeration<MetricFamilySamples> metricFamilySamples() {
    RegistryCollector merged = merged();
    return merged == null ? super.metricFamilySamples() : Collections.enumeration(merged.collect());
  }

  @Override
  public Enumeration<MetricFamilySamples> filteredMetricFamilySamples(Set<String> includedNames) {
    RegistryCollector merged = merged();
    if (merged == null) {
      return super.filteredMetricFamilySamples(includedNames);
    }
    return Collections.enumeration(
        includedNames.isEmpty() ? merged.collect() : merged.collect(includedNames::contains));
  }

  @Override
  public Enumeration<MetricFamilySamples> filteredMetricFamilySamples(
      Predicate<String> sampleNameFilter) {
    RegistryCollector merged = merged();
    return merged == null
        ? super.filteredMetricFamilySamples(sampleNameFilter)
        : Collections.enumeration(merged.collect(sampleNameFilter));
  }

  /** What shows the directory; null where this registry is to show what it holds itself. */
  private RegistryCollector merged() {
    return worker.hasFile() ? DirectoryBinding.on(this) : null;
  }

  /** The families of this package that are registered here. */
  synchronized Set<MetricFamily> held() {
    Set<MetricFamily> held = Collections.newSetFromMap(new IdentityHashMap<>());
    held.addAll(families);
    return held;
  }
}
