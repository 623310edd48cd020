package io.github.multiprom.metrics;

import io.github.multiprom.store.StoreLog;
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

  /**
   * Takes over families that counted in memory. Those of equal names and shapes become one, with
   * their numbers.
   */
  void takeOver(List<MemoryFamilies.Held> earlier) {
    for (MemoryFamilies.Held held : earlier) {
      try {
        held.registries().forEach(shown::admit);
        publisher.takeOver(held.family(), this);
        // Without a lock: it may be a registry of the application's, which locks as well.
        held.registries().forEach(shown::showOn);
      } catch (IllegalArgumentException e) {
        StoreLog.warnOnce(
            "left-in-memory " + held.family().descriptor.name(),
            "Family "
                + held.family().descriptor.name()
                + " was made before the worker was opened; it stays in memory, missing from "
                + shown
                + ": "
                + e.getMessage());
      }
    }
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

  /**
   * A worker that cannot use its directory yet shows a family of its own where the directory shows
   * none of this name: an application with a wrong directory is not to be without metrics.
   */
  @Override
  public List<MetricFamilySamples> collect(MetricFamily family) {
    boolean hasFile = publisher.hasFile();
    if (hasFile && shown.isOnRegistry()) {
      return List.of();
    }
    List<MetricFamilySamples> merged = shown.collect(List.of(family.describe().get(0).getNames()));
    if (!hasFile && merged.isEmpty()) {
      return List.of(family.samplesOf(family.children.all()));
    }
    return shown.isOnRegistry() ? List.of() : merged;
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
