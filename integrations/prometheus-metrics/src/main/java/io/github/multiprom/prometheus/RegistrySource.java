package io.github.multiprom.prometheus;

import io.github.multiprom.metrics.SampleSink;
import io.github.multiprom.metrics.SampledSource;
import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.registry.PrometheusRegistry;

/**
 * All that a registry of prometheus-metrics holds, for a worker that samples it while the registry
 * stays as it is. One thread at a time.
 *
 * <pre>{@code
 * worker.sampler().add(new RegistrySource(PrometheusRegistry.defaultRegistry));
 * }</pre>
 *
 * <p>Not for a registry that shows merged metrics, which would be counted again.
 */
public final class RegistrySource implements SampledSource {
  private final SnapshotSource source;

  /** A registry as a source. */
  public RegistrySource(PrometheusRegistry registry) {
    source = new SnapshotSource((MultiCollector) registry::scrape);
  }

  @Override
  public void sample(SampleSink to) {
    source.sample(to);
  }
}
