package io.github.multiprom.merge;

import io.github.multiprom.model.Catalog;
import io.github.multiprom.model.DirectorySnapshot;
import io.github.multiprom.model.FamilyDescriptor;
import io.github.multiprom.model.SeriesDescriptor;
import io.github.multiprom.model.Snapshot;
import io.github.multiprom.model.WorkerInfo;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;

/**
 * One family as one incarnation publishes it: what a merged family is made of. Lives while a plan
 * is made.
 *
 * <p>Times later than now, which a clock that was ahead has left, count as now.
 *
 * @param source the index of the incarnation's arrays in a merge
 * @param worker the newest incarnation of the worker, which stands for all of them
 * @param ordinal how many incarnations the worker had before
 * @param snapshot the incarnation
 * @param retained whether this is a part of the retained totals
 * @param live whether the worker lives
 * @param nowNanos now, nanoseconds since the epoch
 * @param family the family's definition there
 * @param series indexes of its series in the catalog, in the order of publication, without those
 *     that count in a later incarnation
 */
record Part(
    int source,
    WorkerInfo worker,
    int ordinal,
    Snapshot snapshot,
    boolean retained,
    boolean live,
    long nowNanos,
    FamilyDescriptor family,
    int[] series) {
  /** The end of what has not ended. */
  static final long NEVER = Long.MAX_VALUE;

  /** How long after its last beat a dead worker may have lived. */
  private static final long BEAT_NANOS = 2_000_000_000L;

  int seriesCount() {
    return series.length;
  }

  SeriesDescriptor descriptor(int i) {
    return snapshot.catalog().series().get(series[i]);
  }

  /** When a series was made, but not later than now. */
  long createdNanos(int i) {
    return Math.min(nowNanos, descriptor(i).createdNanos());
  }

  /** Whether the worker itself removed a series. */
  boolean isRemoved(int i) {
    return !retained && removedNanos(i) != 0;
  }

  /** Whether the worker withdrew a gauge, which takes no part until it is set again. */
  boolean isWithdrawn(int i) {
    return snapshot.high()[descriptor(i).firstCell() + GaugePlan.SET_TIME_CELL] < 0;
  }

  /** Whether the worker removed some of the series. */
  boolean hasRemoved() {
    return IntStream.range(0, series.length).anyMatch(this::isRemoved);
  }

  /** The same part with some of its series only. */
  Part only(IntPredicate indexes) {
    int[] some = IntStream.range(0, series.length).filter(indexes).map(i -> series[i]).toArray();
    return new Part(source, worker, ordinal, snapshot, retained, live, nowNanos, family, some);
  }

  /** Whether a live worker has a series. */
  boolean isLive(int i) {
    return live && !isRemoved(i);
  }

  /** When a series was removed or, in the retained totals, when its last contributor ended. */
  private long removedNanos(int i) {
    return snapshot.catalog().removedNanos()[series[i]];
  }

  /** When the worker ended or, at the latest, will have. */
  long endNanos() {
    return live ? NEVER : endNanos(snapshot, nowNanos);
  }

  /** The same of an incarnation that is dead. */
  static long endNanos(Snapshot dead, long nowNanos) {
    long beatNanos = Math.max(dead.beatNanos(), dead.worker().createdNanos());
    return Math.min(
        nowNanos,
        dead.exitNanos() == 0 ? beatNanos + BEAT_NANOS : Math.max(beatNanos, dead.exitNanos()));
  }

  /** When the life of a series ended; {@link #NEVER} if it has not. */
  long endNanos(int i) {
    if (isLive(i)) {
      return NEVER;
    }
    long removedNanos = removedNanos(i);
    long endNanos = removedNanos == 0 ? endNanos() : removedNanos;
    return Math.min(nowNanos, Math.max(createdNanos(i), endNanos));
  }

  /** When the last of its series ended; {@link Long#MIN_VALUE} if there is none. */
  long lastEndNanos() {
    long last = Long.MIN_VALUE;
    for (int i = 0; i < series.length; i++) {
      last = Math.max(last, endNanos(i));
    }
    return last;
  }

  /** The parts of all incarnations, the retained totals first and the newest last. */
  static List<Part> oldestFirst(DirectorySnapshot directory, Succession succession, long nowNanos) {
    List<Snapshot> workers = directory.workers();
    List<Integer> indexes = new ArrayList<>();
    for (int i = 0; i < workers.size(); i++) {
      indexes.add(i);
    }
    indexes.sort(Comparator.comparing(i -> workers.get(i).worker(), WorkerNames.BY_AGE));
    List<Part> parts = new ArrayList<>();
    for (int i = 0; i < directory.retained().size(); i++) {
      add(parts, workers.size() + i, directory.retained().get(i), true, succession, nowNanos);
    }
    for (int i : indexes) {
      add(parts, i, workers.get(i), false, succession, nowNanos);
    }
    return parts;
  }

  /** Adds the parts of one incarnation: one for each family in its catalog. */
  private static void add(
      List<Part> parts,
      int source,
      Snapshot snapshot,
      boolean retained,
      Succession succession,
      long nowNanos) {
    Catalog catalog = snapshot.catalog();
    int[] counts = new int[catalog.families().size()];
    for (int i = 0; i < catalog.series().size(); i++) {
      if (!succession.hasMoved(source, i)) {
        counts[catalog.series().get(i).family()]++;
      }
    }
    Part[] added = new Part[counts.length];
    for (int i = 0; i < added.length; i++) {
      added[i] =
          new Part(
              source,
              succession.infoOf(source),
              succession.ordinal(source),
              snapshot,
              retained,
              succession.isLive(source),
              nowNanos,
              catalog.families().get(i),
              new int[counts[i]]);
    }
    for (int i = 0; i < catalog.series().size(); i++) {
      if (!succession.hasMoved(source, i)) {
        int family = catalog.series().get(i).family();
        int[] series = added[family].series;
        series[series.length - counts[family]--] = i;
      }
    }
    parts.addAll(List.of(added));
  }
}
