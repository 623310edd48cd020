package io.github.multiprom.metrics;

import io.github.multiprom.internal.worker.IncarnationWriter;
import io.github.multiprom.model.FamilyDescriptor;
import io.github.multiprom.model.Incarnation;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;

/**
 * Keeps the families and series of one worker, within their limits, and puts them into its worker
 * file. Thread-safe: what is not counting takes the monitor, which guards the {@link WorkerFiles}
 * and {@link WaitingSeries} too.
 *
 * <p>Nothing here fails because of the file. A series that finds no space, or no file yet, counts
 * in memory, out of the merged output, until the {@link SeriesMover} moves it into the file with
 * its value.
 */
final class SeriesPublisher {
  private final Worker worker;
  private final SeriesLimits limits;
  private final LaterLog log = new LaterLog();
  private final SelfMetrics selfMetrics;
  private final WorkerFiles files;
  private final WaitingSeries waiting;
  private final FamiliesByName families = new FamiliesByName();
  // What samples exemplars where a family has no sampler of its own; null before the first tick.
  private ExemplarSampling.Defaults samplers;

  /**
   * The publisher of a worker.
   *
   * @param writer null if none could be opened: the first one is, as soon as that can be done
   */
  SeriesPublisher(Worker worker, IncarnationWriter writer, SeriesLimits limits) {
    this.worker = worker;
    this.limits = limits;
    selfMetrics = new SelfMetrics(worker, log);
    files = new WorkerFiles(writer, limits, selfMetrics);
    waiting = files.waiting;
  }

  LaterLog log() {
    return log;
  }

  /** Where the series are. */
  WorkerFiles files() {
    return files;
  }

  /** Publishes the worker's own families now, so that they exist when the disk is full. */
  synchronized void publishSelfMetrics() {
    selfMetrics.publish(this);
  }

  /** Adds a family about the worker, whose series are few and not limited. */
  synchronized Counter addSelfMetric(String name, String help, String label) {
    Counter counter = selfMetrics.make(name, help, label);
    add(counter);
    return counter;
  }

  /** Whether a worker file could be opened. */
  boolean hasFile() {
    return files.current() != null;
  }

  void noteError(String reason) {
    selfMetrics.noteError(reason);
  }

  /** Notes that observations found no space although their series has some. */
  void noteNoSpaceForBuckets() {
    selfMetrics.noteNoSpaceForBuckets();
  }

  /** Notes that a NaN or an infinite number was left out. */
  void noteLeftOut(MetricFamily family, double number) {
    selfMetrics.noteLeftOut(family, number);
  }

  /** The family of a name, that with these label names and bounds if there are several. */
  synchronized MetricFamily family(FamilyDescriptor shape) {
    return families.find(shape);
  }

  /** All families. With the monitor. */
  List<MetricFamily> allFamilies() {
    return families.all();
  }

  /** Adds a family unless there is one of its name; false if there is. */
  synchronized boolean addIfNew(MetricFamily family) {
    if (families.has(family.descriptor.name())) {
      return false;
    }
    add(family);
    return true;
  }

  /** Adds a family unless there is one of its name, label names and bounds; false if there is. */
  synchronized boolean addBeside(MetricFamily family) {
    if (families.named(family).find(family.descriptor) != null) {
      return false;
    }
    add(family);
    return true;
  }

  private void add(MetricFamily family) {
    families.add(family, List.of());
    if (files.isOpen()) {
      files.publish(family);
    }
    startWithoutLabels(family);
  }

  /**
   * Takes over a family that counts on the heap. Its series move into the worker file as those of a
   * file that is left; where there is a family of its name, they join that one's.
   *
   * @throws IllegalArgumentException if that one is of another shape; nothing was done then
   */
  synchronized void takeOver(MetricFamily family, FamilyHome newHome) {
    MetricFamily first = family(family.descriptor);
    if (first == family) {
      return;
    }
    if (first != null) {
      first.checkSameShape(family.descriptor);
      startNow(first);
    }
    // The family's: nothing is added to it meanwhile.
    synchronized (family) {
      List<Series> all = family.children.all();
      for (Series child : all) {
        if (first != null) {
          child.leader = leader(first, child);
        }
        waiting.leave(child);
        waiting.add(child);
      }
      if (first == null) {
        families.add(family, all);
        if (files.isOpen()) {
          files.publish(family);
        }
        family.moveTo(newHome);
      } else {
        family.children = first.children;
        family.moveTo(new JoinedFamilies(first));
      }
    }
  }

  private Supplier<Series> leader(MetricFamily first, Series child) {
    if (child.family.noLabels == child) {
      return () -> first.noLabels;
    }
    String[] values = child.labelValues().toArray(new String[0]);
    Series leader = findOrAdd(first, values, limits.whyTooLong(values));
    return () -> leader;
  }

  /**
   * Notes that a registry of all families was given one. If it was published otherwise, it is
   * published again: readers take what some record of the worker says.
   */
  synchronized void showEverywhere(MetricFamily family) {
    if (family.ownRegistries) {
      family.ownRegistries = false;
      if (family.indexOf(family.descriptor.labelNames()) != MetricFamily.UNPUBLISHED
          && !files.isClosed()) {
        family.forgetIndexes();
        files.publish(family);
      }
    }
  }

  /** Removes all families of a name, which others can have then; children count on, unseen. */
  synchronized void giveUp(MetricFamily known, FamilyHome newHome) {
    NamedFamilies named = families.named(known);
    if (!named.all().contains(known)) {
      return;
    }
    for (MetricFamily family : named.all()) {
      synchronized (family) {
        files.detach(family.children.all());
        family.moveTo(newHome);
      }
    }
    families.remove(known.descriptor.name());
    files.markRemoved();
  }

  /** The sample names of all families. */
  Set<String> sampleNames() {
    Set<String> names = families.knownSampleNames();
    return names != null ? names : collectSampleNames();
  }

  private synchronized Set<String> collectSampleNames() {
    return families.collectSampleNames();
  }

  /** Has a family have its child without labels from now on, whether that is asked for or not. */
  synchronized void startNow(MetricFamily family) {
    if (family.onDemand) {
      family.onDemand = false;
      startWithoutLabels(family);
    }
  }

  private void startWithoutLabels(MetricFamily family) {
    if (!family.onDemand
        && family.descriptor.labelNames().isEmpty()
        && (family.noLabels == null || family.noLabels.removed)) {
      family.noLabels = findOrAdd(family, new String[0], null);
    }
  }

  /** The child of a family with a label set, new or, beyond the limits, the one for all those. */
  Series child(MetricFamily family, String[] labelValues) {
    // Without the monitor: this may be every request, and must not be a place where all meet.
    String tooLong = limits.whyTooLong(labelValues);
    Series found = family.full || tooLong != null ? family.overflow : null;
    if (found == null) {
      found = findOrAdd(family, labelValues, tooLong);
      log.write();
    }
    if (found == family.overflow) {
      selfMetrics.noteOverflowed(family);
    }
    return found;
  }

  /** As {@link #child}, but null for a label set beyond the limits. */
  synchronized Series childWithinLimits(MetricFamily family, String[] labelValues) {
    NamedFamilies named = families.named(family);
    Series found = named.find(family, labelValues);
    if (found != null) {
      return found;
    }
    boolean isWithin =
        limits.whyTooLong(labelValues) == null
            && limits.whyFull(named.seriesCount(), named.labelBytes(), labelValues) == null;
    return isWithin ? addChild(family, labelValues) : null;
  }

  private synchronized Series findOrAdd(MetricFamily family, String[] labelValues, String tooLong) {
    NamedFamilies named = families.named(family);
    Series found = named.find(family, labelValues);
    if (found != null) {
      return found;
    }
    family.full = isFull(family, named);
    String why = tooLong;
    if (why == null && !selfMetrics.contains(family)) {
      why = limits.whyFull(named.seriesCount(), named.labelBytes(), labelValues);
    }
    if (why == null) {
      return addChild(family, labelValues);
    }
    if (family.overflow == null) {
      String[] values = new String[labelValues.length];
      Arrays.fill(values, SeriesLimits.OVERFLOW_LABEL_VALUE);
      Series other = named.find(family, values);
      family.overflow = other != null ? other : addChild(family, values);
      named.overflowInto(family.overflow);
    }
    selfMetrics.noteOverflow(family, why);
    return family.overflow;
  }

  private boolean isFull(MetricFamily family, NamedFamilies named) {
    return !selfMetrics.contains(family) && named.seriesCount() >= limits.maxSeries();
  }

  private Series addChild(MetricFamily family, String[] labelValues) {
    Series child = family.newChild(labelValues, files.nextNanos());
    IOException failure = null;
    boolean outgrown = files.areOutgrown();
    if (files.isClosed()) {
      child.startInMemory();
    } else if (files.current() == null || outgrown) {
      child.startInMemory();
      waiting.add(child);
    } else {
      try {
        files.start(child);
        files.attachExemplars(child);
      } catch (IOException e) {
        child.startInMemory();
        waiting.add(child);
        failure = e;
      }
    }
    family.children.add(child);
    families.named(family).added(child);
    if (failure != null) {
      // Last: this counts, in a series that may be the very one that was added.
      selfMetrics.noteNoSpace(failure);
    } else if (outgrown) {
      selfMetrics.noteOutgrown();
    }
    return child;
  }

  /** Adds a child that was of no family, with what it has counted; see {@link FamilyHome}. */
  void setChild(MetricFamily family, Series child, String[] labelValues) {
    synchronized (this) {
      NamedFamilies named = families.named(family);
      Series before = named.find(family, labelValues);
      if (before != null) {
        files.detach(List.of(before));
        named.removed(before);
        before.family.children.remove(before);
        files.markRemoved();
      }
      child.bind(family, labelValues, files.nextNanos());
      child.leave();
      family.children.add(child);
      named.added(child);
      if (labelValues.length == 0) {
        family.noLabels = child;
      }
      move(child);
    }
    log.write();
  }

  /** Publishes the exemplars of a child, if it has any, and is in a file. */
  synchronized void attachExemplars(Series child) {
    files.attachExemplars(child);
  }

  /** Has all series sample exemplars as the defaults say by now. With the monitor. */
  void lookForSamplers() {
    ExemplarGate.refresh();
    ExemplarSampling.Defaults now = ExemplarSampling.Defaults.now();
    if (now.equals(samplers)) {
      return;
    }
    samplers = now;
    for (MetricFamily family : families.all()) {
      family.children.all().forEach(Series::lookForSampler);
    }
  }

  private void move(Series child) {
    if (!files.isOpen()) {
      waiting.add(child);
      return;
    }
    try {
      files.move(child);
    } catch (IOException e) {
      waiting.add(child);
      selfMetrics.noteNoSpace(e);
    }
  }

  /** Publishes a child with other labels, and then removes what was published before. */
  void publishAnew(Series child) {
    synchronized (this) {
      SeriesHome before = child.home;
      if (files.isClosed() || before == null) {
        return;
      }
      files.unpublish(child, files.nextNanos());
      if (before == files.current() && files.areOutgrown()) {
        waiting.leave(child);
        waiting.add(child);
      } else if (before == files.current()) {
        try {
          files.start(child);
        } catch (IOException e) {
          child.leave();
          waiting.add(child);
          selfMetrics.noteNoSpace(e);
        }
      }
      files.markRemoved();
      renewIfDue();
    }
    log.write();
  }

  void remove(MetricFamily family, String[] labelValues) {
    removeOne(family, labelValues);
    log.write();
  }

  private synchronized void removeOne(MetricFamily family, String[] labelValues) {
    Series child =
        labelValues.length == family.descriptor.labelNames().size()
            ? families.named(family).find(family, labelValues)
            : null;
    if (child != null) {
      removeAll(List.of(child));
    }
  }

  void clear(MetricFamily family) {
    synchronized (this) {
      removeAll(family.children.all());
    }
    log.write();
  }

  private void removeAll(List<Series> gone) {
    if (gone.isEmpty()) {
      return;
    }
    // All have the same name; a label set may be the child of another list.
    MetricFamily owner = gone.get(0).family;
    NamedFamilies named = families.named(owner);
    files.detach(gone);
    for (Series child : gone) {
      named.removed(child);
      // Last: removing again completes a removal that a stack overflow cut short.
      owner.children.remove(child);
    }
    files.markRemoved();
    for (MetricFamily family : named.all()) {
      if (family.overflow != null && family.overflow.removed) {
        family.overflow = null;
      }
      family.full = isFull(family, named);
      startWithoutLabels(family);
    }
    renewIfDue();
  }

  private void renewIfDue() {
    if (files.areToBeRenewed()) {
      worker.askForRenewal();
    }
  }

  /** A gauge of live workers that the application set, not to 0; null if there is none. */
  synchronized MetricFamily liveGauge() {
    for (MetricFamily family : families.all()) {
      if (family instanceof Gauge && family.descriptor.liveOnly()) {
        for (Series child : family.children.all()) {
          if (!child.hasSource && ((Gauge.Child) child).cell.get() != 0) {
            return family;
          }
        }
      }
    }
    return null;
  }

  /** Notes in the file that all that is sampled was sampled just before. */
  void noteSample(long nowNanos) {
    files.noteSample(nowNanos);
  }

  /** Tells in the file at which port the worker serves its own metrics; 0 for none. */
  synchronized void notePort(int port) {
    files.notePort(port);
  }

  /** The newest incarnation; null while no worker file could be made. */
  Incarnation incarnation() {
    SeriesHome current = files.current();
    return current == null ? null : current.writer.info().incarnation();
  }

  /** Marks the exit; only a store into memory. */
  void markExit() {
    files.markExit();
  }

  synchronized void close() {
    ExemplarGate.open();
    files.close();
  }
}
