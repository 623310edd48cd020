package io.github.multiprom.statsd;

import io.github.multiprom.metrics.Gauge;
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
 * <p>After a start many series of one family may ask: its values are read once a second at most.
 */
final class MergedGauges {
  private static final long MAX_AGE_NANOS = TimeUnit.SECONDS.toNanos(1);

  private Gauge family;
  private long readNanos;
  private Map<SortedMap<String, String>, Double> values;

  /**
   * The value of a series; 0 if it has none.
   *
   * @throws RuntimeException if it cannot be read
   */
  double value(Gauge of, SortedMap<String, String> labels) {
    if (family != of || System.nanoTime() - readNanos > MAX_AGE_NANOS) {
      values = read(of);
      family = of;
      readNanos = System.nanoTime();
    }
    return values.getOrDefault(labels, 0.0);
  }

  /** Notes that series were removed. */
  void forget() {
    family = null;
    values = null;
  }

  private static Map<SortedMap<String, String>, Double> read(Gauge family) {
    Map<SortedMap<String, String>, Double> values = new HashMap<>();
    for (MetricFamilySamples samples : family.collect()) {
      for (Sample sample : samples.samples) {
        SortedMap<String, String> labels = new TreeMap<>();
        for (int i = 0; i < sample.labelNames.size(); i++) {
          if (!sample.labelValues.get(i).isEmpty()) {
            labels.put(sample.labelNames.get(i), sample.labelValues.get(i));
          }
        }
        values.put(labels, sample.value);
      }
    }
    return values;
  }
}
