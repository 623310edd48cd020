package io.github.multiprom.metrics;

import io.prometheus.client.Collector.MetricFamilySamples;
import io.prometheus.client.CollectorRegistry;
import java.util.List;

/**
 * The home of a family that was made before a directory was opened, and whose name another family
 * has there: everything is done for that one. Thread-safe.
 */
final class JoinedFamilies implements FamilyHome {
  private final MetricFamily first;

  JoinedFamilies(MetricFamily first) {
    this.first = first;
  }

  @Override
  public Series child(MetricFamily family, String[] labelValues) {
    return first.home().child(first, labelValues);
  }

  /** Those of a child that joined another are kept in memory. */
  @Override
  public void exemplarsMade(Series child) {}

  @Override
  public void setChild(MetricFamily family, Series child, String[] labelValues) {
    first.home().setChild(first, child, labelValues);
  }

  /** The child that it has joined, or will join, is published. */
  @Override
  public void publishAnew(Series child) {}

  @Override
  public void remove(MetricFamily family, String[] labelValues) {
    first.home().remove(first, labelValues);
  }

  @Override
  public void clear(MetricFamily family) {
    first.home().clear(first);
  }

  @Override
  public List<MetricFamilySamples> collect(MetricFamily family) {
    return first.home().collect(first);
  }

  @Override
  public boolean isShownBesides(MetricFamily family) {
    return first.home().isShownBesides(family);
  }

  @Override
  public DirectoryBinding shown() {
    return first.home().shown();
  }

  @Override
  public void admit(CollectorRegistry registry) {
    first.home().admit(registry);
  }

  @Override
  public void showOn(MetricFamily family, CollectorRegistry registry) {
    first.home().showOn(family, registry);
  }

  @Override
  public boolean leavesOut(MetricFamily family, double number) {
    return first.home().leavesOut(first, number);
  }
}
