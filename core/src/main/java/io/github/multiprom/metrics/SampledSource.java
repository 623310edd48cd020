package io.github.multiprom.metrics;

/**
 * Numbers that are kept elsewhere and read now and then: of the JVM, of a pool or a cache, of
 * another metrics library.
 *
 * <pre>{@code
 * worker.sampler().add(to -> {
 *   to.gauge("pool_size", "Connections.", new String[0], new String[0], pool.size());
 *   to.counter("pool_waits", "Waits.", new String[0], new String[0], pool.waits());
 * });
 * }</pre>
 */
@FunctionalInterface
public interface SampledSource {
  /**
   * Gives all that is to be sampled. Called by one thread at a time, which is not the
   * application's. What it throws is counted, and ends this pass of this source alone; as long as
   * it does not return, the other sources are sampled without it.
   *
   * @param to takes the numbers; not to be used after the return
   */
  void sample(SampleSink to);
}
