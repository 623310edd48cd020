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
  private final DirectoryBinding shown;
  private final Sampler sampler;

  DirectoryFamilies(SeriesPublisher publisher, DirectoryBinding shown, Sampler sampler) {
    this.publisher = publisher;
    this.shown = shown;
    this.sampler = sampler;
  }

  @Override
  public DirectoryBinding shown() {
    return shown;
  }

  /** Makes or finds a family; see {@link Worker#adopt}. */
  <F extends MetricFamily> F adopt(
      FamilyBuilder<?, F> builder, FamilyDescriptor descriptor, CollectorRegistry registry) {
    F family = findOrPublish(builder, descriptor, registry);
    publisher.log().write();
    return family;
  }

  private <F extends MetricFamily> F findOrPublish(
      FamilyBuilder<?, F> builder, FamilyDescriptor descriptor, CollectorRegistry registry) {
    while (true) {
      MetricFamily known = publisher.family(descriptor);
      boolean isKnown = known != null && !known.sampled && known.hasShape(descriptor);
      if (isKnown) {
        publisher.startNow(known);
      }
      boolean isFree = !isKnown && (known == null || isGivenUpFor(known, descriptor));
      F family =
          isKnown
              ? builder.familyClass().cast(known)
              : isFree ? builder.make(this, descriptor) : beside(known, builder, descriptor);
      // Before it is published, for the registry may refuse it; and without a lock, for it may be
      // one of the application's, which locks as well.
      if (registry != null) {
        family.register(registry);
      }
      if (isFree && known != null) {
        giveUp(known);
      }
      if (!isFree || publisher.addIfNew(family)) {
        return family;
      }
      // Another thread was faster.
      if (registry != null) {
        registry.unregister(family);
      }
    }
  }

  /** Makes or finds a family, of several of its name; see {@link Worker#adoptBeside}. */
  <F extends MetricFamily> F adoptBeside(
      FamilyBuilder<?, F> builder, FamilyDescriptor descriptor, CollectorRegistry registry) {
    F family = findOrAddBeside(builder, descriptor, registry);
    if (registry != null) {
      admit(registry);
      shown.showUnheldOn(family, registry);
    }
    publisher.log().write();
    return family;
  }

  private <F extends MetricFamily> F findOrAddBeside(
      FamilyBuilder<?, F> builder, FamilyDescriptor descriptor, CollectorRegistry registry) {
    makeWayFor(descriptor);
    while (true) {
      MetricFamily known = publisher.family(descriptor);
      if (known != null) {
        known.checkSameKind(descriptor);
        if (known.hasLists(descriptor)) {
          return builder.familyClass().cast(known);
        }
      }
      F family = builder.make(this, descriptor);
      family.ownRegistries = registry != null && RegistryCollector.isOwn(registry);
      family.onDemand = true;
      if (publisher.addBeside(family)) {
        return family;
      }
    }
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
        List<Series> callbacks = callbacks(family);
        publisher.takeOver(family, this);
        callbacks.forEach(this::sampleIfCallback);
        // Without a lock: it may be a registry of the application's, which locks as well.
        held.registries().forEach(registry -> showOn(family, registry));
      } catch (IllegalArgumentException e) {
        noteLeftInMemory(held.family(), e.getMessage());
      }
    }
  }

  private static List<Series> callbacks(MetricFamily family) {
    synchronized (family) {
      return family.children.all().stream().filter(Series::isCallback).toList();
    }
  }

  @Override
  public Series child(MetricFamily family, String[] labelValues) {
    return publisher.child(family, labelValues);
  }

  @Override
  public void exemplarsMade(Series child) {
    publisher.attachExemplars(child);
  }

  @Override
  public void setChild(MetricFamily family, Series child, String[] labelValues) {
    publisher.setChild(family, child, labelValues);
    sampleIfCallback(child);
  }

  private void sampleIfCallback(Series child) {
    if (child.isCallback()) {
      sampler.add(new CallbackSource(sampler, child));
    }
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
   * Whether a family of the application may take the name of a known one: that is sampled, or has
   * another shape and is held by no registry any more.
   */
  boolean isGivenUpFor(MetricFamily known, FamilyDescriptor other) {
    return known.sampled || (!known.hasShape(other) && shown.isForgotten(known));
  }

  /** Gives the name of a family to another one. Who still counts in it does so unseen. */
  void giveUp(MetricFamily known) {
    publisher.giveUp(known, new MemoryFamilies(this));
  }

  /** As {@link #isGivenUpFor} and {@link #giveUp}, for a family that may be known itself. */
  void makeWayFor(FamilyDescriptor other) {
    MetricFamily known = publisher.family(other);
    if (known != null && isGivenUpFor(known, other)) {
      giveUp(known);
    }
  }

  /** Makes a family that counts in memory, as the name has a family of another shape. */
  <F extends MetricFamily> F beside(
      MetricFamily known, FamilyBuilder<?, F> builder, FamilyDescriptor descriptor) {
    MemoryFamilies memory = new MemoryFamilies(this);
    F family = builder.make(memory, descriptor);
    memory.add(family);
    noteLeftInMemory(family, known.otherShape(descriptor));
    return family;
  }

  private void noteLeftInMemory(MetricFamily family, String why) {
    StoreLog.warnOnce(
        "left-in-memory " + family.descriptor.name(),
        "Family "
            + family.descriptor.name()
            + " counts in memory, missing from "
            + shown
            + ": "
            + why);
  }

  @Override
  public boolean leavesOut(MetricFamily family, double number) {
    publisher.noteLeftOut(family, number);
    return true;
  }
}
