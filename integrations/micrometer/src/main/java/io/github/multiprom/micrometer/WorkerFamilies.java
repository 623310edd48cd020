package io.github.multiprom.micrometer;

import io.github.multiprom.internal.os.StoreLog;
import io.github.multiprom.metrics.BridgedFamilies;
import io.github.multiprom.metrics.Counter;
import io.github.multiprom.metrics.Gauge;
import io.github.multiprom.metrics.GaugeMode;
import io.github.multiprom.metrics.Histogram;
import io.github.multiprom.metrics.Info;
import io.github.multiprom.metrics.SampledSeries;
import io.github.multiprom.metrics.Summary;
import io.github.multiprom.metrics.Worker;
import io.github.multiprom.prometheus.SpanExemplars;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.distribution.DistributionStatisticConfig;
import java.util.Arrays;
import java.util.Map;
import java.util.NavigableSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;

/**
 * The series of a registry's meters in a worker's file. Thread-safe.
 *
 * <p>What makes a series throws an {@link IllegalArgumentException} or an {@link
 * IllegalStateException} if the worker refuses it.
 */
final class WorkerFamilies {
  private static final String INFO_SUFFIX = "_info";

  /** The names and labels of a meter, as they are exposed. */
  record Named(Meter.Id id, String name, String help, String[] keys, String[] values) {
    Named withSuffix(String suffix) {
      return new Named(id, name + suffix, help, keys, values);
    }

    Named withTag(String key, String value) {
      return new Named(id, name, help, append(keys, key), append(values, value));
    }

    private static String[] append(String[] array, String last) {
      String[] all = Arrays.copyOf(array, array.length + 1);
      all[array.length] = last;
      return all;
    }
  }

  private final BridgedFamilies families;
  // Null without a tracer.
  private final SpanExemplars exemplars;
  private final Predicate<Meter.Id> nativeHistogram;
  private final Map<Meter.Id, Runnable> removals = new ConcurrentHashMap<>();

  WorkerFamilies(Worker worker, SpanExemplars exemplars, Predicate<Meter.Id> nativeHistogram) {
    families = new BridgedFamilies(worker);
    this.exemplars = exemplars;
    this.nativeHistogram = nativeHistogram;
  }

  Counter.Child counter(Named meter) {
    Counter.Builder builder = Counter.build(meter.name, meter.help).labelNames(meter.keys);
    if (exemplars != null) {
      builder.withExemplarSampler(exemplars);
    } else {
      builder.withoutExemplars();
    }
    Counter family = families.make(builder);
    removals.put(meter.id, () -> family.remove(meter.values));
    return family.labels(meter.values);
  }

  /**
   * The observations of a timer or summary.
   *
   * @param scale of the configured bounds to those that are exposed
   */
  Distribution distribution(Named meter, DistributionStatisticConfig config, double scale) {
    noteQuantiles(meter, config);
    boolean isClassic = config.isPublishingHistogram();
    boolean isNative = nativeHistogram.test(meter.id);
    if (!isClassic && !isNative) {
      Summary family = families.make(Summary.build(meter.name, meter.help).labelNames(meter.keys));
      removals.put(meter.id, () -> family.remove(meter.values));
      return Distribution.of(family.labels(meter.values));
    }
    double[] bounds = isClassic ? bounds(config.getHistogramBuckets(true), scale) : new double[0];
    Histogram.Builder builder =
        Histogram.build(meter.name, meter.help)
            .labelNames(meter.keys)
            .buckets(withInfinity(bounds));
    if (isNative && isClassic) {
      builder.withNative();
    } else if (isNative) {
      builder.nativeOnly();
    }
    if (exemplars != null) {
      builder.withExemplarSampler(exemplars);
    } else {
      builder.withoutExemplars();
    }
    Histogram family = families.make(builder);
    removals.put(meter.id, () -> family.remove(meter.values));
    return Distribution.of(family.labels(meter.values), bounds);
  }

  private static void noteQuantiles(Named meter, DistributionStatisticConfig config) {
    if (config.isPublishingPercentiles()) {
      StoreLog.warnOnce(
          "quantiles",
          "Meter "
              + meter.id.getName()
              + ", and perhaps others, shows count and sum without percentiles, as those of several"
              + " workers cannot be merged; publishPercentileHistogram() and histogram_quantile()"
              + " can");
    }
  }

  private static double[] bounds(NavigableSet<Double> configured, double scale) {
    return configured.stream()
        .mapToDouble(Double::doubleValue)
        .filter(bound -> bound < Double.POSITIVE_INFINITY)
        .map(bound -> bound / scale)
        .distinct()
        .toArray();
  }

  private static double[] withInfinity(double[] bounds) {
    double[] all = Arrays.copyOf(bounds, bounds.length + 1);
    all[bounds.length] = Double.POSITIVE_INFINITY;
    return all;
  }

  SampledSeries sampledCounter(Named meter) {
    return families.sampled(
        Counter.build(meter.name, meter.help).labelNames(meter.keys).withoutExemplars(),
        meter.values);
  }

  SampledSeries sampledSummary(Named meter) {
    return families.sampled(
        Summary.build(meter.name, meter.help).labelNames(meter.keys), meter.values);
  }

  /**
   * A gauge.
   *
   * @param mode null for that of its name
   */
  SampledSeries sampledGauge(Named meter, GaugeMode mode) {
    return families.sampled(
        Gauge.build(meter.name, meter.help).labelNames(meter.keys), mode, meter.values);
  }

  SampledSeries sampledInfo(Named meter) {
    String name =
        meter.name.endsWith(INFO_SUFFIX)
            ? meter.name.substring(0, meter.name.length() - INFO_SUFFIX.length())
            : meter.name;
    return families.sampled(Info.build(name, meter.help).labelNames(meter.keys), meter.values);
  }

  /** Removes the series in which a meter counted. */
  void remove(Meter.Id id) {
    Runnable removal = removals.remove(id);
    if (removal != null) {
      removal.run();
    }
  }
}
