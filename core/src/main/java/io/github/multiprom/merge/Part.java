package io.github.multiprom.merge;

import static io.github.multiprom.model.SeriesLayout.SET_TIME_CELL;

import io.github.multiprom.model.DirectorySnapshot;
import io.github.multiprom.model.FamilyDescriptor;
import io.github.multiprom.model.SeriesDescriptor;
import io.github.multiprom.model.WorkerInfo;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;

/**
 * One family as one incarnation publishes it: what a merged family is made of. Immutable, but for
 * what its source counts.
 *
 * <p>Times later than now, which a clock that was ahead has left, count as now.
 *
 * @param source the incarnation
 * @param familyIndex index of the family in the catalog
 * @param series indexes of its series in the catalog, in the order of publication, without those
 *     that count in a later incarnation
 */
record Part(Source source, int familyIndex, int[] series) {
  /** The end of what has not ended. */
  static final long NEVER = Long.MAX_VALUE;

  /** The family's definition there. */
  FamilyDescriptor family() {
    return source.family(familyIndex);
  }

  int seriesCount() {
    return series.length;
  }

  SeriesDescriptor descriptor(int i) {
    return source.snapshot().catalog().series().get(series[i]);
  }

  /** Whether this is a part of the retained totals. */
  boolean retained() {
    return source.isRetained();
  }

  /** Whether the worker lives. */
  boolean live() {
    return source.isLive();
  }

  /** The newest incarnation of the worker, which stands for all of them. */
  WorkerInfo worker() {
    return source.worker();
  }

  /** When a series was made, but not later than now. */
  long createdNanos(int i) {
    return Math.min(source.nowNanos(), descriptor(i).createdNanos());
  }

  /** Whether the worker itself removed a series. */
  boolean isRemoved(int i) {
    return !retained() && removedNanos(i) != 0;
  }

  /** Whether the worker withdrew a gauge, which takes no part until it is set again. */
  boolean isWithdrawn(int i) {
    return source.snapshot().high()[descriptor(i).firstCell() + SET_TIME_CELL] < 0;
  }

  /** Whether the worker removed some of the series. */
  boolean hasRemoved() {
    return IntStream.range(0, series.length).anyMatch(this::isRemoved);
  }

  /** The same part with some of its series only. */
  Part only(IntPredicate indexes) {
    int[] some = IntStream.range(0, series.length).filter(indexes).map(i -> series[i]).toArray();
    return new Part(source, familyIndex, some);
  }

  /** Whether a live worker has a series. */
  boolean isLive(int i) {
    return live() && !isRemoved(i);
  }

  /** When a series was removed or, in the retained totals, when its last contributor ended. */
  private long removedNanos(int i) {
    return source.snapshot().catalog().removedNanos()[series[i]];
  }

  /** When the life of a series ended; {@link #NEVER} if it has not. */
  long endNanos(int i) {
    if (isLive(i)) {
      return NEVER;
    }
    long removedNanos = removedNanos(i);
    long endNanos = removedNanos == 0 ? source.endNanos() : removedNanos;
    return Math.min(source.nowNanos(), Math.max(createdNanos(i), endNanos));
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
  static List<Part> oldestFirst(DirectorySnapshot directory, long nowNanos) {
    List<Part> parts = new ArrayList<>();
    Source.oldestFirst(directory, nowNanos).forEach(source -> parts.addAll(source.parts()));
    return parts;
  }
}
