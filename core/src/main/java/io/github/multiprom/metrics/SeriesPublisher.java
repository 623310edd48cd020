package io.github.multiprom.metrics;

import io.github.multiprom.model.EpochClock;
import io.github.multiprom.model.Incarnation;
import io.github.multiprom.store.IncarnationWriter;
import io.github.multiprom.store.StoreLog;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.function.Predicate;

/**
 * Puts the families and series of one worker into its worker file, and moves those into it that had
 * to do without. Thread-safe: what is not counting takes the monitor.
 *
 * <p>Nothing here fails because of the file. A series that finds no space counts in memory, out of
 * the merged output, and is {@link #tick moved} into the file with its value when there is space
 * again. When somebody deleted the file, all series move into a new one in the same way.
 */
@SuppressWarnings("JdkObsolete") // LinkedList, for what it does not call.
final class SeriesPublisher {
  static final String OVERFLOW_LABEL_VALUE = "overflow";

  /** A removed series keeps its cells: a family may publish so many times its limit. */
  private static final int PUBLISHED_PER_LIVE = 4;

  private static final String NO_SPACE = "no_space";
  private static final String FILE_LOST = "file_lost";

  /** Opens the next incarnation of this worker. */
  @FunctionalInterface
  interface Opener {
    IncarnationWriter open(Collection<Incarnation> predecessors) throws IOException;
  }

  private record Removal(int series, long nanos) {}

  private record Waiting(MetricFamily family, Series child) {}

  private final Worker worker;
  private final int maxSeries;
  private final Opener opener;
  private final Map<String, MetricFamily> families = new LinkedHashMap<>();
  /* Linked: adding is a few stores behind the last call. An overflow of the stack, which any call
   * may end in, must not lose those that are in the queue, as it may while an array grows. */
  // Series that count in memory, or leave a lost file.
  private final Queue<Waiting> waiting = new LinkedList<>();
  // Removed series whose tombstone found no space.
  private final Queue<Removal> unmarked = new LinkedList<>();
  private final LaterLog log = new LaterLog();
  private volatile IncarnationWriter writer;
  private volatile boolean closed;
  private long ticks;
  private long lastNanos;
  private Counter storeErrors;
  private Counter overflowed;

  /**
   * The publisher of a worker.
   *
   * @param opener null for a worker in memory, whose series have nowhere to wait for
   */
  SeriesPublisher(Worker worker, IncarnationWriter writer, int maxSeries, Opener opener) {
    this.worker = worker;
    this.writer = writer;
    this.maxSeries = maxSeries;
    this.opener = opener;
  }

  LaterLog log() {
    return log;
  }

  /** Publishes the worker's own families now, so that they exist when the disk is full. */
  synchronized void publishSelfMetrics() {
    storeErrors = selfMetric("multiprom_store_errors", "Failures of the store.", "reason");
    storeErrors.labels(NO_SPACE);
    overflowed =
        selfMetric(
            "multiprom_series_overflowed", "Lookups beyond the limit of a family.", "family");
  }

  private Counter selfMetric(String name, String help, String label) {
    Counter.Builder builder = Counter.build(name, help).labelNames(label);
    Counter counter = builder.make(worker, builder.descriptor());
    add(counter);
    return counter;
  }

  void noteError(String reason) {
    storeErrors.labels(reason).inc();
  }

  IncarnationWriter writer() {
    return writer;
  }

  /** The family of a name; null if there is none. */
  synchronized MetricFamily family(String name) {
    return families.get(name);
  }

  /** How many families the application made. */
  synchronized int familyCount() {
    Collection<MetricFamily> all = families.values();
    return (int) all.stream().filter(family -> !isSelfMetric(family)).count();
  }

  synchronized void add(MetricFamily family) {
    families.put(family.descriptor.name(), family);
    if (!closed) {
      tryPublish(family);
    }
    startWithoutLabels(family);
  }

  private void tryPublish(MetricFamily family) {
    try {
      family.index = writer.addFamily(family.descriptor);
    } catch (IOException e) {
      noteNoSpace(e);
    }
  }

  private void startWithoutLabels(MetricFamily family) {
    if (family.descriptor.labelNames().isEmpty() && family.children.size() == 0) {
      family.noLabels = addChild(family, new String[0]);
    }
  }

  /** The child of a family with a label set, new or, beyond the limit, the one for all those. */
  Series child(MetricFamily family, String[] labelValues) {
    // Without the monitor: this may be every request, and must not be a place where all meet.
    Series found = family.full ? family.overflow : null;
    if (found == null) {
      found = findOrAdd(family, labelValues);
      log.write();
    }
    if (found == family.overflow) {
      overflowed.labels(family.descriptor.name()).inc();
    }
    return found;
  }

  private synchronized Series findOrAdd(MetricFamily family, String[] labelValues) {
    Series found = family.children.find(labelValues);
    if (found != null) {
      return found;
    }
    family.full = isFull(family);
    if (!family.full) {
      return addChild(family, labelValues);
    }
    if (family.overflow == null) {
      String[] values = new String[labelValues.length];
      Arrays.fill(values, OVERFLOW_LABEL_VALUE);
      Series other = family.children.find(values);
      family.overflow = other != null ? other : addChild(family, values);
      log.add(
          "overflow " + family.descriptor.name() + " " + worker,
          "Family "
              + family.descriptor.name()
              + " has reached its limit of "
              + maxSeries
              + " series; new label sets count in one series with the label values "
              + OVERFLOW_LABEL_VALUE);
    }
    return family.overflow;
  }

  private boolean isFull(MetricFamily family) {
    int live = family.children.size() - (family.overflow == null ? 0 : 1);
    return !isSelfMetric(family)
        && (live >= maxSeries || family.publishedCount >= (long) PUBLISHED_PER_LIVE * maxSeries);
  }

  /** The limits do not hold for them: there are as few series as reasons and families. */
  private boolean isSelfMetric(MetricFamily family) {
    return family == storeErrors || family == overflowed;
  }

  private Series addChild(MetricFamily family, String[] labelValues) {
    Series child = family.newChild(labelValues, nextNanos());
    IOException failure = null;
    if (closed) {
      child.startInMemory();
    } else {
      try {
        publish(family, child);
        child.attach(writer, child.index);
      } catch (IOException e) {
        child.startInMemory();
        if (opener != null) {
          waiting.add(new Waiting(family, child));
        }
        failure = e;
      }
    }
    family.children.add(child);
    if (failure != null) {
      // Last: this counts, in a series that may be the very one that was added.
      noteNoSpace(failure);
    }
    return child;
  }

  /** The time; later than any before, as it orders the removal of a series and its return. */
  private long nextNanos() {
    lastNanos = Math.max(lastNanos + 1, EpochClock.nowNanos());
    return lastNanos;
  }

  private void publish(MetricFamily family, Series child) throws IOException {
    if (family.index == MetricFamily.UNPUBLISHED) {
      family.index = writer.addFamily(family.descriptor);
    }
    child.index = writer.addSeries(family.index, child.labelValues(), child.createdNanos);
    family.publishedCount++;
  }

  private void noteNoSpace(IOException e) {
    log.addError(
        "no space " + worker,
        "No space for more series in the worker file of "
            + worker
            + ": they count in memory, missing from the merged output, until there is space ("
            + e.getMessage()
            + ")");
    if (storeErrors != null) {
      noteError(NO_SPACE);
    }
  }

  void remove(MetricFamily family, Predicate<Series> condition) {
    removeWhere(family, condition);
    log.write();
  }

  private synchronized void removeWhere(MetricFamily family, Predicate<Series> condition) {
    boolean mayReturn = family.publishedCount < (long) PUBLISHED_PER_LIVE * maxSeries;
    Predicate<Series> removed =
        // These two come back at once, which must not make the file grow for ever.
        child ->
            condition.test(child)
                && (mayReturn || (child != family.overflow && child != family.noLabels));
    List<Series> gone = new ArrayList<>();
    for (Series child : family.children.all()) {
      if (removed.test(child)) {
        gone.add(child);
      }
    }
    if (gone.isEmpty()) {
      return;
    }
    long now = nextNanos();
    for (Series child : gone) {
      child.removed = true;
      if (child == family.overflow) {
        family.overflow = null;
      }
      if (child.index != Series.UNPUBLISHED) {
        unmarked.add(new Removal(child.index, now));
      }
    }
    // Last: removing again completes a removal that a stack overflow cut short.
    family.children.removeIf(removed);
    family.full = isFull(family);
    markRemoved();
    startWithoutLabels(family);
  }

  private void markRemoved() {
    try {
      while (!unmarked.isEmpty() && !closed) {
        writer.remove(unmarked.peek().series, unmarked.peek().nanos);
        unmarked.remove();
      }
    } catch (IOException e) {
      noteNoSpace(e);
    }
  }

  /**
   * Notes that the worker lives, opens a new file if it was deleted, and moves series that wait
   * into the file. Called by one thread, with a pause between two calls that is longer than any
   * increment takes.
   */
  void tick() {
    IncarnationWriter current = writer;
    current.beat(EpochClock.nowNanos());
    if (!current.isReachable()) {
      replace(current);
    }
    boolean more = true;
    for (int left = startTick(); more && left > 0; left--) {
      more = moveNext();
    }
    log.write();
  }

  private synchronized int startTick() {
    ticks++;
    markRemoved();
    // Else a full disk and a coming and going of series would let it grow for ever.
    waiting.removeIf(waits -> waits.child.removed);
    return waiting.size();
  }

  private void replace(IncarnationWriter lost) {
    IncarnationWriter next;
    try {
      // First: once their values are elsewhere, these must be nowhere else.
      lost.deleteFiles();
      next = opener.open(List.of(lost.info().incarnation()));
    } catch (IOException | RuntimeException e) {
      StoreLog.errorOnce(
          "lost " + worker,
          "The worker file of " + worker + " was deleted and no new one can be made: " + e);
      return;
    }
    StoreLog.warnOnce(
        "replaced " + lost.info().incarnation(),
        "The worker file of " + worker + " was deleted; all series move into a new one");
    if (!moveOut(next)) {
      next.close();
      return;
    }
    lost.close();
    noteError(FILE_LOST);
  }

  /*
   * Two steps, a tick apart: now each series gets cells that lock, and still writes those of the
   * lost file. When the next tick has come, no thread is inside an increment without the lock any
   * more, and the value can be carried over exactly.
   */
  private synchronized boolean moveOut(IncarnationWriter next) {
    if (closed) {
      return false;
    }
    waiting.clear();
    unmarked.clear();
    writer = next;
    for (MetricFamily family : families.values()) {
      family.index = MetricFamily.UNPUBLISHED;
      family.publishedCount = 0;
    }
    for (MetricFamily family : families.values()) {
      tryPublish(family);
      for (Series child : family.children.all()) {
        if (child.index != Series.UNPUBLISHED) {
          child.leave();
          child.index = Series.UNPUBLISHED;
          child.leftAtTick = ticks + 1;
        }
        waiting.add(new Waiting(family, child));
      }
    }
    return true;
  }

  /** Moves the first series that waits; false if there is no space for it. */
  private synchronized boolean moveNext() {
    Waiting next = waiting.poll();
    if (next == null || closed) {
      return false;
    }
    Series child = next.child;
    if (child.removed) {
      return true;
    }
    boolean moved = false;
    try {
      if (child.leftAtTick < ticks) {
        publish(next.family, child);
        child.moveTo(writer, child.index);
        moved = true;
      }
      return true;
    } catch (IOException e) {
      // Known already. To the end: a label set too long for any file must not hold up the others.
      return false;
    } finally {
      if (!moved) {
        waiting.add(next);
      }
    }
  }

  /** Marks the exit; only a store into memory. */
  void markExit() {
    writer.markExit(EpochClock.nowNanos());
  }

  synchronized void close() {
    if (!closed) {
      closed = true;
      writer.close();
    }
  }
}
