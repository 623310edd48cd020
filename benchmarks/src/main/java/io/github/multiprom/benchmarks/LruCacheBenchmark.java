package io.github.multiprom.benchmarks;

import io.github.multiprom.metrics.Counter;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * A cache that counts its hits and misses: an example of what {@link MultipromProfiler} adds to a
 * benchmark's times. Keys come in turn, so all of them hit if the cache holds them, and none if it
 * holds one less.
 */
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(2)
@Warmup(iterations = 2, batchSize = LruCacheBenchmark.GETS)
@Measurement(iterations = 3, batchSize = LruCacheBenchmark.GETS)
@State(Scope.Thread)
public class LruCacheBenchmark {
  static final int GETS = 10_000;
  static final int KEYS = 100;

  private static final Counter REQUESTS =
      Counter.build()
          .name("cache_requests_total")
          .help("Requests to the cache.")
          .labelNames("result")
          .register();
  private static final Counter.Child HITS = REQUESTS.labels("hit");
  private static final Counter.Child MISSES = REQUESTS.labels("miss");

  @Param({"99", "100"})
  int capacity;

  private int next;
  private Map<Integer, Object> cache;

  @Setup(Level.Trial)
  public void fillNothing() {
    cache =
        new LinkedHashMap<>(2 * KEYS, 0.75f, true) {
          private static final long serialVersionUID = 1;

          @Override
          protected boolean removeEldestEntry(Map.Entry<Integer, Object> eldest) {
            return size() > capacity;
          }
        };
  }

  @Benchmark
  public Object get() {
    Integer key = next++ % KEYS;
    Object value = cache.get(key);
    if (value != null) {
      HITS.inc();
      return value;
    }
    MISSES.inc();
    value = new Object();
    cache.put(key, value);
    return value;
  }
}
