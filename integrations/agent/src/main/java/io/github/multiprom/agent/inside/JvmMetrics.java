package io.github.multiprom.agent.inside;

import io.github.multiprom.metrics.MergedRegistry;
import io.prometheus.client.Collector;
import io.prometheus.client.hotspot.BufferPoolsExports;
import io.prometheus.client.hotspot.ClassLoadingExports;
import io.prometheus.client.hotspot.GarbageCollectorExports;
import io.prometheus.client.hotspot.MemoryPoolsExports;
import io.prometheus.client.hotspot.StandardExports;
import io.prometheus.client.hotspot.ThreadExports;
import io.prometheus.client.hotspot.VersionInfoExports;
import java.util.List;

/**
 * The JVM's own numbers, {@code jvm_*} and {@code process_*}, but for those that the application
 * gives.
 */
final class JvmMetrics extends Collector {
  /** So many are left to the application, which may have started at the same time. */
  private static final int FIRST_PASSES = 2;

  private final Collector source;
  // The sampler's thread alone.
  private int passes;

  private JvmMetrics(Collector source) {
    this.source = source;
  }

  /** Has them sampled. */
  static void register(MergedRegistry registry) {
    for (Collector source :
        List.of(
            new StandardExports(),
            new MemoryPoolsExports(),
            new BufferPoolsExports(),
            new GarbageCollectorExports(),
            new ThreadExports(),
            new ClassLoadingExports(),
            new VersionInfoExports())) {
      registry.register(new JvmMetrics(source));
    }
  }

  @Override
  public List<MetricFamilySamples> collect() {
    if (passes < FIRST_PASSES) {
      passes++;
      return List.of();
    }
    return source.collect().stream().filter(family -> Claims.AGENT.has(family.name)).toList();
  }
}
