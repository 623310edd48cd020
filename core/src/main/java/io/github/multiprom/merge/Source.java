package io.github.multiprom.merge;

import io.github.multiprom.model.Catalog;
import io.github.multiprom.model.DirectorySnapshot;
import io.github.multiprom.model.FamilyDescriptor;
import io.github.multiprom.model.Snapshot;
import io.github.multiprom.model.WorkerInfo;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;

/**
 * One incarnation, or the retained totals, as a plan knows it. One thread.
 *
 * <p>What an incarnation publishes is only ever added to, so the same source goes on from merge to
 * merge while its incarnation adds families and series and removes series. Its {@linkplain #parts
 * parts} stay the same objects as long as nothing was added to them or removed from them. When
 * anything else changes (the worker dies, goes on in another file, or has series that moved there),
 * another source takes its place.
 */
final class Source {
  /** How long after its last beat a dead worker may have lived. */
  private static final long BEAT_NANOS = 2_000_000_000L;

  private final boolean retained;
  private final WorkerInfo worker;
  private final int ordinal;
  private final boolean live;
  // Which series, by index in the catalog, count in a later file; null for none.
  private final BitSet moved;
  private final long endNanos;
  private int index;
  private long nowNanos;
  private Snapshot snapshot;
  private Catalog catalog;
  private List<Part> parts = List.of();
  private long latestNanos;
  private boolean hasRemovedSeries;

  /**
   * A source as it is in a directory.
   *
   * @param index its place in the directory: the workers, then the retained totals
   */
  Source(DirectorySnapshot directory, int index, Succession succession, long nowNanos) {
    this.index = index;
    this.nowNanos = nowNanos;
    retained = index >= directory.workers().size();
    snapshot = snapshot(directory, index);
    worker = succession.infoOf(index);
    ordinal = succession.ordinal(index);
    live = succession.isLive(index);
    moved = succession.moved(index);
    endNanos = live ? Part.NEVER : lastSeenNanos(snapshot);
    latestNanos = Math.max(worker.createdNanos(), live ? Long.MIN_VALUE : endNanos);
    catalog = new Catalog(List.of(), List.of(), new long[0]);
    add(snapshot.catalog());
  }

  /** The sources of a directory: the retained totals first, and the newest worker last. */
  static List<Source> oldestFirst(DirectorySnapshot directory, long nowNanos) {
    Succession succession = new Succession(directory);
    List<Source> sources = new ArrayList<>();
    for (int i = 0; i < directory.workers().size() + directory.retained().size(); i++) {
      sources.add(new Source(directory, i, succession, nowNanos));
    }
    return oldestFirst(sources);
  }

  /**
   * Sources in the order in which what they say is looked at.
   *
   * @param sources in the order of the directory
   */
  static List<Source> oldestFirst(List<Source> sources) {
    List<Source> sorted = new ArrayList<>(sources);
    sorted.sort(
        Comparator.<Source, Boolean>comparing(source -> !source.retained)
            .thenComparing((a, b) -> a.retained ? 0 : byAge(a, b)));
    return sorted;
  }

  private static int byAge(Source a, Source b) {
    return WorkerNames.BY_AGE.compare(a.snapshot.worker(), b.snapshot.worker());
  }

  static Snapshot snapshot(DirectorySnapshot directory, int index) {
    int workers = directory.workers().size();
    return index < workers
        ? directory.workers().get(index)
        : directory.retained().get(index - workers);
  }

  /** The end of a dead worker's life, which a clock that was ahead may have put after now. */
  private static long lastSeenNanos(Snapshot snapshot) {
    long beatNanos = Math.max(snapshot.beatNanos(), snapshot.worker().createdNanos());
    return snapshot.exitNanos() == 0
        ? beatNanos + BEAT_NANOS
        : Math.max(beatNanos, snapshot.exitNanos());
  }

  /**
   * Goes on with a later snapshot of the incarnation, if nothing but families, series and removals
   * was added since.
   *
   * @return false if another source must take this one's place
   */
  boolean goOn(DirectorySnapshot directory, int nowIndex, Succession succession, long laterNanos) {
    Snapshot now = snapshot(directory, nowIndex);
    boolean same =
        retained == nowIndex >= directory.workers().size()
            && live == succession.isLive(nowIndex)
            && (live || endNanos == lastSeenNanos(now))
            && ordinal == succession.ordinal(nowIndex)
            && worker.equals(succession.infoOf(nowIndex))
            && Objects.equals(moved, succession.moved(nowIndex))
            // What was later than now counted as now.
            && latestNanos <= nowNanos
            && isBeginningOf(now.catalog());
    if (same) {
      index = nowIndex;
      nowNanos = laterNanos;
      snapshot = now;
      add(now.catalog());
    }
    return same;
  }

  /** A reader adds to what it has read, so the last object tells of those before it. */
  private boolean isBeginningOf(Catalog other) {
    return isBeginning(catalog.families(), other.families())
        && isBeginning(catalog.series(), other.series())
        && !tellsOtherwise(other);
  }

  @SuppressWarnings("ReferenceEquality") // Equal ones may be those of another file.
  private static boolean isBeginning(List<?> before, List<?> now) {
    int last = before.size() - 1;
    return last < 0 || (last < now.size() && before.get(last) == now.get(last));
  }

  /** Follows what was published and removed since. */
  @SuppressWarnings("ReferenceEquality") // That is how a reader says that nothing was.
  private void add(Catalog now) {
    if (now == catalog) {
      return;
    }
    int before = catalog.series().size();
    int[] added = new int[now.families().size()];
    for (int i = before; i < now.series().size(); i++) {
      latestNanos = Math.max(latestNanos, now.series().get(i).createdNanos());
      if (!hasMoved(i)) {
        added[now.series().get(i).family()]++;
      }
    }
    boolean[] removed = noteRemovals(now);
    Part[] all = new Part[added.length];
    for (int family = 0; family < all.length; family++) {
      Part known = family < parts.size() ? parts.get(family) : null;
      int length = known == null ? 0 : known.seriesCount();
      all[family] =
          known == null || added[family] > 0 || removed[family]
              ? new Part(
                  this,
                  family,
                  known == null
                      ? new int[added[family]]
                      : Arrays.copyOf(known.series(), length + added[family]))
              : known;
    }
    for (int i = before; i < now.series().size(); i++) {
      if (!hasMoved(i)) {
        int family = now.series().get(i).family();
        int[] series = all[family].series();
        series[series.length - added[family]--] = i;
      }
    }
    catalog = now;
    parts = List.of(all);
  }

  /** Which families have series that were removed since. */
  private boolean[] noteRemovals(Catalog now) {
    boolean[] removed = new boolean[now.families().size()];
    long[] before = catalog.removedNanos();
    long[] nanos = now.removedNanos();
    for (int i = 0; i < nanos.length; i++) {
      if (nanos[i] != 0 && (i >= before.length || before[i] == 0)) {
        removed[now.series().get(i).family()] = true;
        hasRemovedSeries = true;
        latestNanos = Math.max(latestNanos, nanos[i]);
      }
    }
    return removed;
  }

  /** Whether another time is told now of a removal. */
  private boolean tellsOtherwise(Catalog now) {
    long[] before = catalog.removedNanos();
    for (int i = 0; i < before.length; i++) {
      if (before[i] != 0 && before[i] != now.removedNanos()[i]) {
        return true;
      }
    }
    return false;
  }

  private boolean hasMoved(int series) {
    return moved != null && moved.get(series);
  }

  /** Takes the cells of a merge. */
  void read(Snapshot now) {
    snapshot = now;
  }

  /** Whether a snapshot, at this source's place, is one that it has followed. */
  @SuppressWarnings("ReferenceEquality") // The same object says that nothing was published.
  boolean isAsIn(Snapshot now, boolean liveByFile) {
    return now.catalog() == catalog
        && now.live() == liveByFile
        && (live || endNanos == lastSeenNanos(now));
  }

  /** The families, in the order of the catalog. */
  List<Part> parts() {
    return parts;
  }

  /** Its place in the directory: the workers, then the retained totals. */
  int index() {
    return index;
  }

  /** The incarnation, at the last merge. */
  Snapshot snapshot() {
    return snapshot;
  }

  FamilyDescriptor family(int family) {
    return catalog.families().get(family);
  }

  boolean isRetained() {
    return retained;
  }

  /** Whether series were removed; of the retained totals, whether there are any. */
  boolean hasRemovedSeries() {
    return hasRemovedSeries;
  }

  /** The newest incarnation of the worker, which stands for all of them. */
  WorkerInfo worker() {
    return worker;
  }

  /** How many incarnations the worker had before. */
  int ordinal() {
    return ordinal;
  }

  /** Whether the worker lives. */
  boolean isLive() {
    return live;
  }

  /** Now, when the plan was made or last followed; nanoseconds since the epoch. */
  long nowNanos() {
    return nowNanos;
  }

  /** When the worker ended or, at the latest, will have; {@link Part#NEVER} if it lives. */
  long endNanos() {
    return live ? Part.NEVER : Math.min(nowNanos, endNanos);
  }

  /** The same of an incarnation that is dead. */
  static long endNanos(Snapshot dead, long nowNanos) {
    return Math.min(nowNanos, lastSeenNanos(dead));
  }
}
