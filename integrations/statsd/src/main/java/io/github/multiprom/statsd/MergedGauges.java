package io.github.multiprom.statsd;

import io.github.multiprom.metrics.BridgedFamilies;
import io.prometheus.client.Collector.MetricFamilySamples;
import io.prometheus.client.Collector.MetricFamilySamples.Sample;
import java.util.HashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/**
 * The values that gauges have by now over all workers, from which relative updates go on. One
 * thread at a time.
 *
 * <p>After a start each gauge asks once, and a sender can make up names: all are read together,
 * once a second at most, and less often if that takes long.
 */
final class MergedGauges {
  private static final long MIN_AGE_NANOS = TimeUnit.SECONDS.toNanos(1);

  /** So much more time goes by than is read. */
  private static final int PAUSE_PER_READ = 10;

  private record Key(String name, SortedMap<String, String> labels) {}

  private final BridgedFamilies families;
  private Map<Key, Double> values;
  private long readNanos;
  private long pauseNanos;

  MergedGauges(BridgedFamilies families) {
    this.families = families;
  }

  /**
   * The value of a gauge; 0 if it has none.
   *
   * @throws RuntimeException if it cannot be read
   */
  double value(String name, SortedMap<String, String> labels) {
    long now = System.nanoTime();
    if (values == null || now - readNanos > pauseNanos) {
      values = read();
      readNanos = System.nanoTime();
      pauseNanos = Math.max(MIN_AGE_NANOS, PAUSE_PER_READ * (readNanos - now));
    }
    return values.getOrDefault(new Key(name, labels), 0.0);
  }

  /** Notes that a gauge was removed, which starts again from 0. */
  void removed(String name, SortedMap<String, String> labels) {
    if (values != null) {
      values.remove(new Key(name, labels));
    }
  }

  private Map<Key, Double> read() {
    Map<Key, Double> read = new HashMap<>();
    for (MetricFamilySamples samples : families.gauges()) {
      for (Sample sample : samples.samples) {
        SortedMap<String, String> labels = new TreeMap<>();
        for (int i = 0; i < sample.labelNames.size(); i++) {
          if (!sample.labelValues.get(i).isEmpty()) {
            labels.put(sample.labelNames.get(i), sample.labelValues.get(i));
          }
        }
        read.put(new Key(sample.name, labels), sample.value);
      }
    }
    return read;
  }
}
