package io.github.multiprom.metrics;

import io.github.multiprom.model.FamilyDescriptor;
import io.prometheus.client.Collector.MetricFamilySamples;
import io.prometheus.client.CollectorRegistry;
import java.util.List;

/**
 * The families of a worker with a directory, one per name: the publisher keeps them in the worker
 * file, and one collector shows them with those of all workers. Thread-safe.
 */
final class DirectoryFamilies implements FamilyHome {
  private final SeriesPublisher publisher;
  private final SharedCollector shown;

  DirectoryFamilies(SeriesPublisher publisher, SharedCollector shown) {
    this.publisher = publisher;
    this.shown = shown;
  }

  SharedCollector shown() {
    return shown;
  }

  @Override
  public Series child(MetricFamily family, String[] labelValues) {
    return publisher.child(family, labelValues);
  }

  @Override
  public void remove(MetricFamily family, String[] labelValues) {
    publisher.remove(family, labelValues);
  }

  @Override
  public void clear(MetricFamily family) {
    publisher.clear(family);
  }

  @Override
  public List<MetricFamilySamples> collect(MetricFamily family) {
    return shown.isOnRegistry()
        ? List.of()
        : shown.collect(List.of(family.describe().get(0).getNames()));
  }

  @Override
  public void admit(CollectorRegistry registry) {
    shown.admit(registry);
  }

  @Override
  public void showOn(MetricFamily family, CollectorRegistry registry) {
    shown.showOn(registry);
  }

  @Override
  public boolean leavesOut(MetricFamily family, double number) {
    publisher.noteLeftOut(family, number);
    return true;
  }
}
