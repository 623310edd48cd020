package io.github.multiprom.metrics;

import io.prometheus.client.Collector;
import io.prometheus.client.Collector.MetricFamilySamples;
import io.prometheus.client.Collector.MetricFamilySamples.Sample;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** A collector of simpleclient as a source. Thread-safe if the collector is. */
final class CollectorSource implements SampledSource {
  private static final String BOUND = "le";
  private static final String QUANTILE = "quantile";
  private static final String[] NONE = {};

  private final Collector collector;

  CollectorSource(Collector collector) {
    this.collector = collector;
  }

  Collector collector() {
    return collector;
  }

  @Override
  public void sample(SampleSink to) {
    for (MetricFamilySamples family : collector.collect()) {
      switch (family.type) {
        case COUNTER -> counter(family, to);
        case SUMMARY -> summary(family, to);
        case HISTOGRAM -> histogram(family, to);
        case INFO -> {
          for (Sample sample : family.samples) {
            to.info(sample.name, family.help, names(sample), values(sample));
          }
        }
        case GAUGE, GAUGE_HISTOGRAM, STATE_SET, UNKNOWN -> {
          for (Sample sample : family.samples) {
            to.gauge(sample.name, family.help, names(sample), values(sample), sample.value);
          }
        }
      }
    }
  }

  private static void counter(MetricFamilySamples family, SampleSink to) {
    for (Sample sample : family.samples) {
      if (sample.name.endsWith("_total")) {
        to.counter(family.name, family.help, names(sample), values(sample), sample.value);
      }
    }
  }

  /** Count, sum and buckets of one label set. */
  private static final class Distribution {
    final String[] names;
    final String[] values;
    final TreeMap<Double, Double> cumulative = new TreeMap<>();
    double count;
    double sum = Double.NaN;

    Distribution(Labels labels) {
      names = labels.names.toArray(NONE);
      values = labels.values.toArray(NONE);
    }
  }

  private record Labels(List<String> names, List<String> values) {
    /** The labels of a sample but one, which tells its samples apart. */
    static Labels of(Sample sample, String but) {
      int at = sample.labelNames.indexOf(but);
      if (at < 0) {
        return new Labels(sample.labelNames, sample.labelValues);
      }
      List<String> names = new ArrayList<>(sample.labelNames);
      List<String> values = new ArrayList<>(sample.labelValues);
      names.remove(at);
      values.remove(at);
      return new Labels(names, values);
    }
  }

  private static void summary(MetricFamilySamples family, SampleSink to) {
    distributions(family, QUANTILE, to)
        .forEach(
            one -> to.summary(family.name, family.help, one.names, one.values, one.count, one.sum));
  }

  private static Iterable<Distribution> distributions(
      MetricFamilySamples family, String but, SampleSink to) {
    Map<Labels, Distribution> all = new LinkedHashMap<>();
    for (Sample sample : family.samples) {
      if (sample.name.endsWith("_created")) {
        continue;
      }
      if (but.equals(QUANTILE) && sample.labelNames.contains(QUANTILE)) {
        to.refuse(family.name, SampledFamilies.QUANTILE);
        continue;
      }
      Distribution one = all.computeIfAbsent(Labels.of(sample, but), Distribution::new);
      if (sample.name.endsWith("_sum")) {
        one.sum = sample.value;
      } else if (sample.name.endsWith("_count")) {
        one.count = sample.value;
      } else if (sample.name.endsWith("_bucket")) {
        String bound = sample.labelValues.get(sample.labelNames.indexOf(BOUND));
        one.cumulative.put(
            bound.equals("+Inf") ? Double.POSITIVE_INFINITY : Double.parseDouble(bound),
            sample.value);
      }
    }
    return all.values();
  }

  private static void histogram(MetricFamilySamples family, SampleSink to) {
    for (Distribution one : distributions(family, BOUND, to)) {
      one.cumulative.putIfAbsent(Double.POSITIVE_INFINITY, one.count);
      double[] bounds =
          one.cumulative.headMap(Double.POSITIVE_INFINITY).keySet().stream()
              .mapToDouble(Double::doubleValue)
              .toArray();
      double[] counts = new double[bounds.length + 1];
      double before = 0;
      int bucket = 0;
      for (double cumulative : one.cumulative.values()) {
        counts[bucket++] = Math.max(0, cumulative - before);
        before = cumulative;
      }
      to.histogram(family.name, family.help, one.names, one.values, bounds, counts, one.sum);
    }
  }

  private static String[] names(Sample sample) {
    return sample.labelNames.toArray(NONE);
  }

  private static String[] values(Sample sample) {
    return sample.labelValues.toArray(NONE);
  }
}
