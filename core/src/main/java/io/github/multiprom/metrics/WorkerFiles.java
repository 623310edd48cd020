package io.github.multiprom.metrics;

import io.github.multiprom.internal.worker.IncarnationWriter;
import io.github.multiprom.model.EpochClock;
import io.github.multiprom.model.FamilyDescriptor;
import io.github.multiprom.model.Incarnation;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.LinkedList;
import java.util.List;
import java.util.Queue;

/**
 * The files of one worker: the current one, into which it writes records of families and series,
 * and those that its series are leaving, which get tombstones only. Guarded by the {@link
 * SeriesPublisher}, except for {@link #current}, {@link #isClosed}, {@link #noteSample}, {@link
 * #notePort} and {@link #markExit}, which need no lock.
 */
@SuppressWarnings("JdkObsolete") // LinkedList on purpose, as in WaitingSeries.
final class WorkerFiles {
  private record Removal(SeriesHome home, int series, long nanos) {}

  /**
   * After a failure to renew the file, so many ticks pass before the next try. So many pass between
   * two renewals where files are not retired.
   */
  private static final int TICKS_BETWEEN_RENEWALS = 10;

  final WaitingSeries waiting = new WaitingSeries();

  private final SeriesLimits limits;
  private final SelfMetrics selfMetrics;
  // Null while no worker file could be made.
  private volatile SeriesHome current;
  // Files that series are leaving, or that may come back. The oldest first.
  private final Deque<SeriesHome> left = new ArrayDeque<>();
  // Removed series whose tombstone found no space.
  private final Queue<Removal> unmarked = new LinkedList<>();
  private volatile boolean closed;
  private long lastNanos;
  // No renewal is tried before this tick.
  private long renewalTick;
  private boolean renewalFailed;
  // In this tick the current one was opened.
  private long replacedTick;
  // 0: nothing is sampled.
  private volatile long sampledNanos;
  // Where the worker serves its own metrics; 0: nowhere.
  private volatile int port;

  /**
   * The files of a worker.
   *
   * @param writer null if none could be opened
   */
  WorkerFiles(IncarnationWriter writer, SeriesLimits limits, SelfMetrics selfMetrics) {
    current = writer == null ? null : new SeriesHome(writer);
    this.limits = limits;
    this.selfMetrics = selfMetrics;
  }

  /** The current one; null while no worker file could be made. */
  SeriesHome current() {
    return current;
  }

  boolean isClosed() {
    return closed;
  }

  /** Whether there is one that takes records. */
  boolean isOpen() {
    return !closed && current != null;
  }

  /** Goes on in another one, in which nothing is published yet. */
  void replace(IncarnationWriter next) {
    if (current != null) {
      left.add(current);
    }
    current = new SeriesHome(next);
    renewalFailed = false;
    replacedTick = waiting.tick();
    if (sampledNanos != 0) {
      next.noteSample(sampledNanos);
    }
    next.notePort(port);
  }

  /** Those that series are leaving, and the current one. */
  List<SeriesHome> all() {
    List<SeriesHome> all = new ArrayList<>(left);
    all.add(current);
    return all;
  }

  /** Those that all series have left, the newest first. */
  List<SeriesHome> empty() {
    List<SeriesHome> empty = new ArrayList<>();
    for (SeriesHome other : left) {
      if (other.liveCount == 0 && other.unmarkedCount == 0) {
        empty.add(0, other);
      }
    }
    return empty;
  }

  /** Whether the worker should renew the current file now: no series is in any other. */
  boolean areToBeRenewed() {
    if (closed
        || current == null
        || !current.isWorthRenewing(limits.maxSeries())
        || waiting.tick() < renewalTick) {
      return false;
    }
    for (SeriesHome other : left) {
      if (other.liveCount > 0) {
        return false;
      }
    }
    return true;
  }

  /** Whether new series are to wait for a renewal, which has not failed. */
  boolean areOutgrown() {
    return current != null && !renewalFailed && current.isOutgrown(limits.maxSeries());
  }

  /** Notes that a new file could not be opened. */
  void noteFailedRenewal() {
    renewalFailed = true;
    renewalTick = waiting.tick() + TICKS_BETWEEN_RENEWALS;
  }

  /** Puts the renewal off until the next tick; false if it was put off long enough. */
  boolean putRenewalOff() {
    if (waiting.tick() - replacedTick >= TICKS_BETWEEN_RENEWALS) {
      return false;
    }
    renewalTick = waiting.tick() + 1;
    return true;
  }

  boolean isLeft(Incarnation earlier) {
    return left.stream().anyMatch(other -> other.writer.info().incarnation().equals(earlier));
  }

  void forget(SeriesHome other) {
    left.remove(other);
  }

  /** Publishes a family in the current file, if there is space. */
  void publish(MetricFamily family) {
    try {
      publish(family, family.descriptor.labelNames());
    } catch (IOException e) {
      selfMetrics.noteNoSpace(e);
    }
  }

  /** The index of a family, which is published if need be, in the current file. */
  private int publish(MetricFamily family, List<String> labelNames) throws IOException {
    int index = family.indexOf(labelNames);
    if (index == MetricFamily.UNPUBLISHED) {
      FamilyDescriptor shape = family.descriptor.withOwnRegistries(family.ownRegistries);
      index = current.writer.addFamily(shape.withLists(labelNames, shape.upperBounds()));
      family.noteIndex(labelNames, index);
    }
    return index;
  }

  private int publish(Series child, double[] value) throws IOException {
    SeriesHome to = current;
    if (child.home == to) {
      // The last time no heap was left for its cell.
      return child.index;
    }
    Series.Labels labels = child.published();
    int family = publish(child.family, labels.names());
    child.index =
        to.writer.addSeries(family, withinLimits(labels.values()), child.createdNanos, value);
    if (child.home != null) {
      child.home.liveCount--;
    }
    child.home = to;
    to.publishedCount++;
    to.liveCount++;
    return child.index;
  }

  /** Only an info has values here that are too long: any other series counts in overflow then. */
  private List<String> withinLimits(List<String> labelValues) {
    if (limits.whyTooLong(labelValues.toArray(new String[0])) == null) {
      return labelValues;
    }
    List<String> all = new ArrayList<>(labelValues);
    all.replaceAll(
        value ->
            limits.whyTooLong(new String[] {value}) == null
                ? value
                : SeriesLimits.OVERFLOW_LABEL_VALUE);
    return all;
  }

  /** Starts a series in the current file, with its initial value. */
  void start(Series child) throws IOException {
    publish(child, child.initialValue());
    child.attach(current.writer, child.index);
  }

  /** Moves a series into the current file, with its value and its exemplars. */
  void move(Series child) throws IOException {
    child.moveTo(current.writer, value -> publish(child, finite(child, value)));
    attachExemplars(child);
  }

  /** A sum from the time without a directory may be infinite or NaN, one in a file must not. */
  private static double[] finite(Series child, double[] value) {
    if (child.family instanceof Gauge || Double.isFinite(value[0])) {
      return value;
    }
    double[] finite = value.clone();
    finite[0] = 0;
    return finite;
  }

  /** Publishes the exemplars of a child, if it has any, and is in a file. */
  void attachExemplars(Series child) {
    Exemplars exemplars = child.exemplars();
    if (exemplars != null && child.home != null && !child.removed) {
      exemplars.attach(child.home.writer, child.index);
    }
  }

  /** The time; later than any before, as it orders the removal of a series and its return. */
  long nextNanos() {
    lastNanos = Math.max(lastNanos + 1, EpochClock.nowNanos());
    return lastNanos;
  }

  /** Takes children out of the files. A thread that holds one counts on, without being seen. */
  void detach(List<Series> gone) {
    long now = nextNanos();
    for (Series child : gone) {
      child.removed = true;
      waiting.noteRemoved();
      unpublish(child, now);
      child.detach();
      if (child.exemplars() != null) {
        child.exemplars().detach();
      }
    }
  }

  /** Takes a series out; if it is in a file, a later pass marks it there as removed. */
  void unpublish(Series child, long now) {
    SeriesHome before = child.home;
    if (before != null) {
      unmarked.add(new Removal(before, child.index, now));
      child.home = null;
      before.liveCount--;
      before.unmarkedCount++;
    }
  }

  /** Writes the tombstones that are due, as far as there is space. */
  void markRemoved() {
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
          selfMetrics.noteNoSpace(e);
          continue;
        }
        // It cannot grow any more. It counts, should the file come back.
      }
      all.remove();
      removal.home.unmarkedCount--;
    }
  }

  private boolean isAway(SeriesHome other) {
    return other != current && !other.writer.isReachable();
  }

  /** Notes in the file that all that is sampled was sampled just before. */
  void noteSample(long nowNanos) {
    sampledNanos = nowNanos;
    SeriesHome to = current;
    if (to != null) {
      to.writer.noteSample(nowNanos);
    }
  }

  /** Tells in the file at which port the worker serves its own metrics; 0 for none. */
  void notePort(int nowPort) {
    port = nowPort;
    SeriesHome to = current;
    if (to != null) {
      to.writer.notePort(nowPort);
    }
  }

  /** Marks the exit; only a store into memory. */
  void markExit() {
    SeriesHome to = current;
    if (to != null) {
      to.writer.markExit(EpochClock.nowNanos());
    }
  }

  void close() {
    if (closed) {
      return;
    }
    closed = true;
    if (current != null) {
      current.writer.close();
    }
    for (SeriesHome other : left) {
      other.writer.close();
    }
    left.clear();
  }
}
