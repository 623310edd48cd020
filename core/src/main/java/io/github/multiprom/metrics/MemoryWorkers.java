package io.github.multiprom.metrics;

import io.prometheus.client.Collector;
import io.prometheus.client.CollectorRegistry;
import io.prometheus.client.GaugeMetricFamily;
import java.util.List;

/**
 * Says on the default registry of a JVM without a directory that one worker counts there, so that
 * {@code multiprom_workers} tells the two ways of running apart. Thread-safe.
 */
final class MemoryWorkers extends Collector implements Collector.Describable {
  private static final MemoryWorkers ONLY = new MemoryWorkers();

  private MemoryWorkers() {}

  /** Adds the sample to a registry, unless it is there. */
  static void showOn(CollectorRegistry registry) {
    if (!DirectoryBinding.isOn(registry)) {
      registry.register(ONLY);
    }
  }

  /** Takes the sample from a registry, which may not have it. */
  static void hideFrom(CollectorRegistry registry) {
    // A registry fails to forget what it does not have.
    registry.register(ONLY);
    registry.unregister(ONLY);
  }

  @Override
  public List<MetricFamilySamples> collect() {
    GaugeMetricFamily workers =
        new GaugeMetricFamily(
            "multiprom_workers", "Workers that count; without a directory one.", List.of("state"));
    workers.addMetric(List.of("live"), 1);
    return List.of(workers);
  }

  @Override
  public List<MetricFamilySamples> describe() {
    return List.of();
  }
}
