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
   * Gives the sink all numbers of the source. The sampler calls it, in a thread of its own. An
   * exception is counted, and ends this pass of this source alone; as long as the call does not
   * return, the sampler goes on with the other sources.
   *
   * @param to takes the numbers; not to be used after the return
   */
  void sample(SampleSink to);
}
