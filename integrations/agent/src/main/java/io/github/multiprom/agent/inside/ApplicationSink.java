package io.github.multiprom.agent.inside;

import io.github.multiprom.metrics.GaugeMode;
import io.github.multiprom.metrics.SampleSink;
import io.github.multiprom.model.NativeBuckets;

/** Takes what a source of the application gives, but for what the agent gives itself. */
final class ApplicationSink implements SampleSink {
  private static final String TOTAL = "_total";

  private final SampleSink to;

  ApplicationSink(SampleSink to) {
    this.to = to;
  }

  private static boolean has(String name) {
    return Claims.APPLICATION.has(
        name.endsWith(TOTAL) ? name.substring(0, name.length() - TOTAL.length()) : name);
  }

  @Override
  public void counter(
      String name, String help, String[] labelNames, String[] labelValues, double total) {
    if (has(name)) {
      to.counter(name, help, labelNames, labelValues, total);
    }
  }

  @Override
  public void gauge(
      String name, String help, String[] labelNames, String[] labelValues, double value) {
    if (has(name)) {
      to.gauge(name, help, labelNames, labelValues, value);
    }
  }

  @Override
  public void gauge(
      String name,
      String help,
      String[] labelNames,
      String[] labelValues,
      double value,
      GaugeMode mode) {
    if (has(name)) {
      to.gauge(name, help, labelNames, labelValues, value, mode);
    }
  }

  @Override
  public void info(String name, String help, String[] labelNames, String[] labelValues) {
    if (has(name)) {
      to.info(name, help, labelNames, labelValues);
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
    if (has(name)) {
      to.summary(name, help, labelNames, labelValues, count, sum);
    }
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
    if (has(name)) {
      to.histogram(name, help, labelNames, labelValues, upperBounds, counts, sum);
    }
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
    if (has(name)) {
      to.histogram(name, help, labelNames, labelValues, upperBounds, counts, sum, buckets);
    }
  }

  @Override
  public void refuse(String name, String reason) {
    to.refuse(name, reason);
  }
}
