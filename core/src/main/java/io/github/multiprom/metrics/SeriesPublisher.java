package io.github.multiprom.metrics;

import io.github.multiprom.model.EpochClock;
import io.github.multiprom.model.Incarnation;
import io.github.multiprom.store.FormatLimitException;
import io.github.multiprom.store.IncarnationWriter;
import io.github.multiprom.store.StoreLog;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Deque;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.function.Predicate;

/**
 * Puts the families and series of one worker into its worker file, and moves them into the next
 * one. Thread-safe: what is not counting takes the monitor.
 *
 * <p>Nothing here fails because of the file. A series that finds no space, or no file yet, counts
 * in memory, out of the merged output, and moves into the file with its value when there is space.
 */
/* Mechanism: how series move to another worker file.
 *
 * A worker goes on in another file when its own has lost its name (deleted, or moved away with its
 * directory), or when most records in its file are dead: removed series keep theirs, and cells are
 * never used again. The new file names all earlier ones, its predecessors. A series moves in two
 * steps, a tick apart. First it gets a cell that locks, and that still counts in the old file. When
 * the next tick has come, no thread is inside an increment without the lock any more. Then, with
 * the lock held, the series is published in the new file with its value and counts there.
 *
 * Readers take an unremoved series of an old file as long as no successor has published it. So each
 * increment counts once, wherever the worker is killed and whichever of the files are there. While
 * one series is left in an old file, its lease stays held: nobody retires it.
 *
 * An old file whose name is gone may come back. Its lease stays held until then, as only the file
 * that the worker is in by that time says which of its series count.
 */
@SuppressWarnings("JdkObsolete") // LinkedList, for what it does not call.
final class SeriesPublisher {
  static final String OVERFLOW_LABEL_VALUE = "overflow";

  /** After a failure to renew the file, so many ticks pass before the next try. */
  private static final int TICKS_BETWEEN_RENEWALS = 10;

  /** So many files whose names are gone are expected to come back. */
  private static final int MAX_AWAY = 8;

  private static final String NO_SPACE = "no_space";
  private static final String FILE_LOST = "file_lost";

  /** Opens the next incarnation of this worker. */
  @FunctionalInterface
  interface Opener {
    IncarnationWriter open(Collection<Incarnation> predecessors) throws IOException;
  }

  private record Removal(SeriesHome home, int series, long nanos) {}

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
  // Null while no worker file could be made.
  private volatile SeriesHome home;
  // Files that series are leaving, or that may come back. The oldest first.
  private final Deque<SeriesHome> left = new ArrayDeque<>();
  private final List<Incarnation> predecessors = new ArrayList<>();
  private volatile boolean closed;
  private long ticks;
  private long renewalTick;
  private long lastNanos;
  private Counter storeErrors;
  private Counter overflowed;
  private Counter dropped;

  /**
   * The publisher of a worker.
   *
   * @param writer null if none could be opened
   * @param opener null for a worker in memory, whose series have nowhere to wait for
   */
  SeriesPublisher(Worker worker, IncarnationWriter writer, int maxSeries, Opener opener) {
    this.worker = worker;
    this.home = writer == null ? null : new SeriesHome(writer);
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
    dropped = selfMetric("multiprom_dropped", "Numbers that were left out of sums.", "reason");
  }

  private Counter selfMetric(String name, String help, String label) {
    Counter.Builder builder = Counter.build(name, help).labelNames(label);
    Counter counter = builder.make(worker.families(), builder.descriptor());
    add(counter);
    return counter;
  }

  void noteError(String reason) {
    storeErrors.labels(reason).inc();
  }

  /** Notes that a NaN or an infinite number was left out. */
  void noteLeftOut(MetricFamily family, double number) {
    boolean isNan = Double.isNaN(number);
    dropped.labels(isNan ? "nan" : "infinite").inc();
    log.add(
        "left-out " + isNan,
        "Family "
            + family.descriptor.name()
            + " was given "
            + number
            + ", which is left out of sums; multiprom_dropped_total counts such numbers of all"
            + " families");
    log.write();
  }

  /** The family of a name; null if there is none. */
  synchronized MetricFamily family(String name) {
    return families.get(name);
  }

  /** Adds a family unless there is one of its name; false if there is. */
  synchronized boolean addIfNew(MetricFamily family) {
    if (families.containsKey(family.descriptor.name())) {
      return false;
    }
    add(family);
    return true;
  }

  private void add(MetricFamily family) {
    families.put(family.descriptor.name(), family);
    if (!closed && home != null) {
      tryPublish(family);
    }
    startWithoutLabels(family);
  }

  private void tryPublish(MetricFamily family) {
    try {
      family.index = home.writer.addFamily(family.descriptor);
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
    return !isSelfMetric(family) && live >= maxSeries;
  }

  /** The limits do not hold for them: there are as few series as reasons and families. */
  private boolean isSelfMetric(MetricFamily family) {
    return family == storeErrors || family == overflowed || family == dropped;
  }

  private Series addChild(MetricFamily family, String[] labelValues) {
    Series child = family.newChild(labelValues, nextNanos());
    IOException failure = null;
    if (closed) {
      child.startInMemory();
    } else if (home == null) {
      child.startInMemory();
      waitForSpace(family, child);
    } else {
      try {
        publish(family, child, IncarnationWriter.ZERO);
        child.attach(home.writer, child.index);
      } catch (IOException e) {
        child.startInMemory();
        waitForSpace(family, child);
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

  private void waitForSpace(MetricFamily family, Series child) {
    if (opener != null) {
      waiting.add(new Waiting(family, child));
    }
  }

  /** The time; later than any before, as it orders the removal of a series and its return. */
  private long nextNanos() {
    lastNanos = Math.max(lastNanos + 1, EpochClock.nowNanos());
    return lastNanos;
  }

  private int publish(MetricFamily family, Series child, double[] value) throws IOException {
    SeriesHome to = home;
    if (family.index == MetricFamily.UNPUBLISHED) {
      family.index = to.writer.addFamily(family.descriptor);
    }
    child.index = to.writer.addSeries(family.index, child.labelValues(), child.createdNanos, value);
    if (child.home != null) {
      child.home.liveCount--;
    }
    child.home = to;
    to.publishedCount++;
    to.liveCount++;
    return child.index;
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
    List<Series> gone = new ArrayList<>();
    for (Series child : family.children.all()) {
      if (condition.test(child)) {
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
      SeriesHome left = child.home;
      if (left != null) {
        unmarked.add(new Removal(left, child.index, now));
        child.home = null;
        left.liveCount--;
        left.unmarkedCount++;
      }
      // A thread that holds the child counts on, without being seen.
      child.detach();
    }
    // Last: removing again completes a removal that a stack overflow cut short.
    family.children.removeIf(condition);
    family.full = isFull(family);
    markRemoved();
    startWithoutLabels(family);
  }

  private void markRemoved() {
    SeriesHome full = null;
    for (Iterator<Removal> all = unmarked.iterator(); all.hasNext() && !closed; ) {
      Removal removal = all.next();
      if (removal.home == full) {
        continue;
      }
      try {
        removal.home.writer.remove(removal.series, removal.nanos);
      } catch (IOException e) {
        if (!isAway(removal.home)) {
          full = removal.home;
          noteNoSpace(e);
          continue;
        }
        // It cannot grow any more. It counts, should the file come back.
      }
      all.remove();
      removal.home.unmarkedCount--;
    }
  }

  private boolean isAway(SeriesHome other) {
    return other != home && !other.writer.isReachable();
  }

  /**
   * Does what is due: notes that the worker lives, opens a file if there is none, if it has lost
   * its name or if most of it is dead, and moves series into the file. Called by one thread, with a
   * pause between two calls that is longer than any increment takes.
   */
  void tick() {
    SeriesHome current = home;
    if (current == null) {
      openLate();
    } else {
      beat();
      if (!current.writer.isReachable()) {
        leave(current, true);
      } else if (isWorthRenewing(current)) {
        leave(current, false);
      }
    }
    boolean more = true;
    for (int left = startTick(); more && left > 0; left--) {
      more = moveNext();
    }
    giveUpWhatWasLeft();
    log.write();
  }

  /** Whether the last tick left something in memory that has its place in the directory. */
  synchronized boolean lacksSpace() {
    return opener != null && (home == null || !waiting.isEmpty());
  }

  private synchronized void beat() {
    long now = EpochClock.nowNanos();
    home.writer.beat(now);
    for (SeriesHome other : left) {
      other.writer.beat(now);
    }
  }

  private synchronized int startTick() {
    ticks++;
    markRemoved();
    // Else a full disk and a coming and going of series would let it grow for ever.
    waiting.removeIf(waits -> waits.child.removed);
    return home == null ? 0 : waiting.size();
  }

  private void openLate() {
    IncarnationWriter opened;
    try {
      opened = opener.open(List.of());
    } catch (IOException | RuntimeException e) {
      // The worker has said so when it was opened.
      return;
    }
    if (moveOut(opened)) {
      StoreLog.warnOnce(
          "opened late " + worker,
          "The metrics directory of worker "
              + worker
              + " can be used now; what was counted in memory moves into it");
    } else {
      opened.close();
    }
  }

  private synchronized boolean isWorthRenewing(SeriesHome current) {
    return current.isWorthRenewing(maxSeries)
        && ticks >= renewalTick
        && left.stream().allMatch(other -> other.liveCount == 0);
  }

  /** Opens the next file and begins to move all series there. */
  private void leave(SeriesHome current, boolean isLost) {
    List<Incarnation> earlier = new ArrayList<>(predecessors);
    earlier.add(current.writer.info().incarnation());
    IncarnationWriter next;
    try {
      next = opener.open(earlier);
    } catch (IOException | RuntimeException e) {
      if (isLost) {
        StoreLog.errorOnce(
            "lost " + worker,
            "The worker file of " + worker + " was deleted and no new one can be made: " + e);
      }
      renewalTick = ticks + TICKS_BETWEEN_RENEWALS;
      return;
    }
    predecessors.clear();
    predecessors.addAll(earlier);
    if (!moveOut(next)) {
      next.close();
      return;
    }
    if (isLost) {
      StoreLog.warnOnce(
          "replaced " + current.writer.info().incarnation(),
          "The worker file of " + worker + " was deleted; all series move into a new one");
      noteError(FILE_LOST);
    }
  }

  private synchronized boolean moveOut(IncarnationWriter next) {
    if (closed) {
      return false;
    }
    waiting.clear();
    if (home != null) {
      left.add(home);
    }
    home = new SeriesHome(next);
    for (MetricFamily family : families.values()) {
      family.index = MetricFamily.UNPUBLISHED;
    }
    for (MetricFamily family : families.values()) {
      tryPublish(family);
      for (Series child : family.children.all()) {
        if (child.home != null) {
          child.leave();
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
        child.moveTo(home.writer, value -> publish(next.family, child, value));
        moved = true;
      }
      return true;
    } catch (FormatLimitException e) {
      // Others may fit.
      return true;
    } catch (IOException e) {
      // Known already.
      return false;
    } finally {
      if (!moved) {
        waiting.add(next);
      }
    }
  }

  /** Gives up the leases of files that no series is in any more. */
  private synchronized void giveUpWhatWasLeft() {
    int awayCount = 0;
    for (Iterator<SeriesHome> newestFirst = left.descendingIterator(); newestFirst.hasNext(); ) {
      SeriesHome other = newestFirst.next();
      if (other.liveCount > 0 || other.unmarkedCount > 0) {
        continue;
      }
      boolean isBack = other.writer.isReachable();
      if (!isBack) {
        awayCount++;
        deleteIfUnreadable(other);
      }
      if (isBack || awayCount > MAX_AWAY) {
        other.writer.close();
        newestFirst.remove();
      }
    }
  }

  private static void deleteIfUnreadable(SeriesHome other) {
    try {
      other.writer.deleteIfUnreadable();
    } catch (IOException e) {
      // The next tick may do better. Collectors say that they cannot read it.
    }
  }

  /** Marks the exit; only a store into memory. */
  void markExit() {
    SeriesHome current = home;
    if (current != null) {
      current.writer.markExit(EpochClock.nowNanos());
    }
  }

  synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    if (home != null) {
      home.writer.close();
    }
    for (SeriesHome other : left) {
      other.writer.close();
    }
    left.clear();
  }
}
