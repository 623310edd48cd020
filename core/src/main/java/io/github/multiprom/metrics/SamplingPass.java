package io.github.multiprom.metrics;

import io.github.multiprom.model.MetricType;
import io.github.multiprom.model.NativeBuckets;

/** One look at one source. One thread. */
final class SamplingPass implements SampleSink {
  private static final double[] NO_BOUNDS = {};

  private final SampledFamilies families;
  private final Sampler.Entry source;
  private final long number;

  SamplingPass(SampledFamilies families, Sampler.Entry source, long number) {
    this.families = families;
    this.source = source;
    this.number = number;
  }

  private SampledSeries series(
      MetricType type,
      GaugeMode mode,
      String name,
      String help,
      String[] labelNames,
      String[] labelValues,
      double[] upperBounds,
      boolean isNative) {
    if (source.isRemoved()) {
      return null;
    }
    SampledSeries series =
        families.series(
            source, type, mode, name, help, labelNames, labelValues, upperBounds, isNative);
    if (series == null) {
      return null;
    }
    if (series.pass == number) {
      // Two totals of one series would look like a source that starts again and again.
      refuse(name, SampledFamilies.TWICE);
      return null;
    }
    series.pass = number;
    return series;
  }

  @Override
  public void counter(
      String name, String help, String[] labelNames, String[] labelValues, double total) {
    if (!isCount(total)) {
      refuse(name, SampledFamilies.NOT_FINITE);
      return;
    }
    SampledSeries series =
        series(MetricType.COUNTER, null, name, help, labelNames, labelValues, NO_BOUNDS, false);
    if (series != null) {
      series.raise(total);
    }
  }

  @Override
  public void gauge(
      String name, String help, String[] labelNames, String[] labelValues, double value) {
    gauge(name, help, labelNames, labelValues, value, null);
  }

  @Override
  public void gauge(
      String name,
      String help,
      String[] labelNames,
      String[] labelValues,
      double value,
      GaugeMode mode) {
    SampledSeries series =
        series(MetricType.GAUGE, mode, name, help, labelNames, labelValues, NO_BOUNDS, false);
    if (series != null) {
      series.set(value);
    }
  }

  @Override
  public void info(String name, String help, String[] labelNames, String[] labelValues) {
    SampledSeries series =
        series(MetricType.INFO, null, name, help, labelNames, labelValues, NO_BOUNDS, false);
    if (series != null) {
      series.set(1);
    }
  }

  @Override
  public void summary(
      String name,
      String help,
      String[] labelNames,
      String[] labelValues,
      double count,
      double sum) {
    distribution(
        MetricType.SUMMARY,
        name,
        help,
        labelNames,
        labelValues,
        NO_BOUNDS,
        new double[] {count},
        sum,
        null);
  }

  @Override
  public void histogram(
      String name,
      String help,
      String[] labelNames,
      String[] labelValues,
      double[] upperBounds,
      double[] counts,
      double sum) {
    distribution(
        MetricType.HISTOGRAM,
        name,
        help,
        labelNames,
        labelValues,
        upperBounds.clone(),
        counts,
        sum,
        null);
  }

  @Override
  public void histogram(
      String name,
      String help,
      String[] labelNames,
      String[] labelValues,
      double[] upperBounds,
      double[] counts,
      double sum,
      NativeBuckets buckets) {
    boolean isValid = RankedBuckets.isValid(buckets) && buckets.count() == total(counts);
    if (!isValid) {
      refuse(name, SampledFamilies.SHAPE);
    }
    distribution(
        MetricType.HISTOGRAM,
        name,
        help,
        labelNames,
        labelValues,
        upperBounds.clone(),
        counts,
        sum,
        isValid ? buckets : null);
  }

  private static long total(double[] counts) {
    long total = 0;
    for (double count : counts) {
      total += (long) count;
    }
    return total;
  }

  private void distribution(
      MetricType type,
      String name,
      String help,
      String[] labelNames,
      String[] labelValues,
      double[] upperBounds,
      double[] counts,
      double sum,
      NativeBuckets buckets) {
    if (counts.length != upperBounds.length + 1) {
      refuse(name, SampledFamilies.SHAPE);
      return;
    }
    double[] sumAndBuckets = new double[1 + counts.length];
    sumAndBuckets[0] = Math.abs(sum) <= Double.MAX_VALUE ? sum : Double.NaN;
    for (int i = 0; i < counts.length; i++) {
      if (!isCount(counts[i])) {
        refuse(name, SampledFamilies.NOT_FINITE);
        return;
      }
      sumAndBuckets[1 + i] = counts[i];
    }
    SampledSeries series =
        series(type, null, name, help, labelNames, labelValues, upperBounds, buckets != null);
    if (series != null) {
      series.raise(sumAndBuckets, buckets);
    }
  }

  private static boolean isCount(double number) {
    return number >= 0 && number <= Double.MAX_VALUE;
  }

  @Override
  public void refuse(String name, String reason) {
    families.refuse(name, reason);
  }
}
