package io.github.multiprom.metrics;

import io.github.multiprom.internal.os.StoreLog;
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

  @Override
  public SharedCollector shown() {
    return shown;
  }

  /**
   * Takes over families that counted in memory. Those of equal names and shapes become one, with
   * their numbers.
   */
  void takeOver(List<MemoryFamilies.Held> earlier) {
    for (MemoryFamilies.Held held : earlier) {
      try {
        MetricFamily family = held.family();
        held.registries().forEach(shown::admit);
        family.ownRegistries = held.registries().stream().allMatch(RegistryCollector::isOwn);
        makeWayFor(family.descriptor);
        publisher.takeOver(family, this);
        // Without a lock: it may be a registry of the application's, which locks as well.
        held.registries().forEach(registry -> showOn(family, registry));
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
  public void publishAnew(Series child) {
    publisher.publishAnew(child);
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
    List<MetricFamilySamples> merged = merged(family);
    return merged.isEmpty() && !publisher.hasFile() ? own(family) : merged;
  }

  private List<MetricFamilySamples> merged(MetricFamily family) {
    String name = family.descriptor.name();
    return shown.collect((shownFamily, isAllOwn) -> shownFamily.name().equals(name), null);
  }

  private static List<MetricFamilySamples> own(MetricFamily family) {
    return List.of(family.samplesOf(family.children.all()));
  }

  @Override
  public boolean isShownBesides(MetricFamily family) {
    return shown.shows(family) && (publisher.hasFile() || !merged(family).isEmpty());
  }

  @Override
  public void admit(CollectorRegistry registry) {
    shown.admit(registry);
  }

  @Override
  public void showOn(MetricFamily family, CollectorRegistry registry) {
    if (!RegistryCollector.isOwn(registry)) {
      publisher.showEverywhere(family);
    }
    shown.showOn(family, registry);
  }

  /**
   * Gives a name up for a family of the application if it is sampled; or, for one of another shape,
   * if no registry holds that of the worker any more. Those who still count in it do so unseen.
   */
  void makeWayFor(FamilyDescriptor other) {
    MetricFamily known = publisher.family(other);
    if (known != null && (known.sampled || (!known.hasShape(other) && shown.isForgotten(known)))) {
      publisher.giveUp(known, new MemoryFamilies(this));
    }
  }

  @Override
  public boolean leavesOut(MetricFamily family, double number) {
    publisher.noteLeftOut(family, number);
    return true;
  }
}
