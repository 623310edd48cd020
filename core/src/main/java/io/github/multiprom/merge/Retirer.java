package io.github.multiprom.merge;

import io.github.multiprom.model.DirectorySnapshot;
import io.github.multiprom.model.EpochClock;
import io.github.multiprom.model.FamilyDescriptor;
import io.github.multiprom.model.GaugeFold;
import io.github.multiprom.model.MetricType;
import io.github.multiprom.model.Snapshot;
import io.github.multiprom.model.WorkerInfo;
import io.github.multiprom.store.DirectoryReader;
import io.github.multiprom.store.RetiringPass;
import io.github.multiprom.store.StoreLog;
import java.io.IOException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collections;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;

/**
 * Folds dead workers into the retained totals of a directory, so that their files can go.
 * Thread-safe; of several retirers, in whatever processes, one works at a time.
 *
 * <p>What a scrape shows does not change by it: the same rules say what of a dead worker counts. A
 * pass also drops from the totals what {@link SeriesLives} says is gone for good.
 */
public final class Retirer implements AutoCloseable {
  /** Of how many retired workers per-worker gauges are kept. */
  static final String MAX_GAUGE_WORKERS_PROPERTY = "multiprom.maxRetiredGaugeWorkers";

  /** After a pass that had nothing to do, the next one waits so long. */
  private static final long IDLE_NANOS = 1_000_000_000L;

  private static final long CLOSE_MS = 2_000;

  private static final int BACKLOG_TRIES = 50;
  private static final long BACKLOG_PAUSE_NANOS = 100_000_000L;

  /** After so many workers of a backlog, the gauges of too old ones are dropped. */
  private static final int DROP_PERIOD = 100;

  private static final int DEFAULT_MAX_GAUGE_WORKERS = 100;

  private static final FamilyDescriptor RETIRED_WORKERS =
      new FamilyDescriptor(
          "multiprom_retired_workers",
          MetricType.COUNTER,
          "Workers whose counts moved into the retained totals.",
          "",
          List.of(),
          GaugeFold.SUM,
          false,
          List.of());

  /** That nothing was done because somebody else is retiring. */
  public static final int BUSY = -1;

  private final DirectoryReader reader;
  private final AtomicBoolean awake = new AtomicBoolean();
  private volatile long idleUntilNanos = System.nanoTime();
  private volatile boolean closed;
  private volatile Thread running;

  /** A retirer of the directory that a reader reads; the reader stays open. */
  public Retirer(DirectoryReader reader) {
    this.reader = reader;
  }

  /** Runs a pass soon, on a thread of its own, unless one runs already. Never throws. */
  void wake() {
    if (!closed && System.nanoTime() - idleUntilNanos >= 0 && awake.compareAndSet(false, true)) {
      try {
        Thread thread = new Thread(this::retireQuietly, "multiprom-retirer");
        thread.setDaemon(true);
        running = thread;
        thread.start();
      } catch (OutOfMemoryError e) {
        // No thread to be had: another scrape will try again.
        awake.set(false);
      }
    }
  }

  private void retireQuietly() {
    int retired = 0;
    try {
      retired = retire();
    } catch (IOException | RuntimeException | OutOfMemoryError e) {
      StoreLog.warnOnce(
          "retire " + e, "Dead workers cannot be retired now and are served as they are: " + e);
    } finally {
      // Dead workers that cannot be retired must not cost every scrape a pass.
      idleUntilNanos = System.nanoTime() + (retired > 0 ? 0 : IDLE_NANOS);
      awake.set(false);
    }
  }

  /**
   * Runs a pass.
   *
   * @return how many workers were retired; {@link #BUSY} if somebody else is retiring
   * @throws IOException if the directory cannot be written; nothing is lost then
   */
  public int retire() throws IOException {
    if (!RetiringPass.isPossible(reader)) {
      return 0;
    }
    try (RetiringPass pass = RetiringPass.begin(reader)) {
      return pass == null ? BUSY : retire(pass);
    }
  }

  /**
   * Reads the directory for a scrape. A backlog that might not find room in the heap is retired
   * first, here and now: the one case in which a scrape waits for that. What cannot be retired is
   * read as it is.
   */
  DirectorySnapshot readRetiringBacklog() throws IOException {
    for (int tries = 0; tries < BACKLOG_TRIES; tries++) {
      DirectorySnapshot directory = reader.readUnlessBacklog();
      if (directory != null) {
        return directory;
      }
      try {
        int retired = retire();
        if (retired == 0) {
          break;
        }
        if (retired == BUSY) {
          LockSupport.parkNanos(BACKLOG_PAUSE_NANOS);
        }
      } catch (IOException | RuntimeException e) {
        StoreLog.warnOnce("backlog " + e, "A backlog of dead workers cannot be retired: " + e);
        break;
      }
    }
    return reader.read();
  }

  static int retire(RetiringPass pass) throws IOException {
    List<WorkerInfo> retired = new ArrayList<>();
    Set<Snapshot> folded = Collections.newSetFromMap(new IdentityHashMap<>());
    if (pass.backlog() != null) {
      retired.addAll(pass.backlog().workers());
      retired.sort(WorkerNames.BY_AGE);
    } else {
      folded.addAll(pass.retirable());
      folded.forEach(worker -> retired.add(worker.worker()));
    }
    RetainedTotals totals = new RetainedTotals(maxSeries(pass, retired), maxGaugeWorkers());
    retired.forEach(totals::note);
    boolean dropped = false;
    if (pass.backlog() != null) {
      addUpOneByOne(pass, retired, totals);
    } else {
      folded.addAll(pass.snapshot().retained());
      dropped = addUp(pass.snapshot(), folded, totals);
    }
    if (retired.isEmpty() && !dropped) {
      return 0;
    }
    totals.addCounter(RETIRED_WORKERS, retired.size(), EpochClock.nowNanos());
    pass.commit(totals.families(), retired, totals.maxSeries());
    return retired.size();
  }

  /** As many as any of the workers kept apart, whatever this process would keep of its own. */
  private static int maxSeries(RetiringPass pass, List<WorkerInfo> retired) {
    int most = pass.retained() == null ? 1 : Math.max(1, pass.retained().worker().maxSeries());
    for (WorkerInfo worker : retired) {
      most = Math.max(most, worker.maxSeries());
    }
    return most;
  }

  private static int maxGaugeWorkers() {
    int workers = Integer.getInteger(MAX_GAUGE_WORKERS_PROPERTY, DEFAULT_MAX_GAUGE_WORKERS);
    if (workers < 0) {
      StoreLog.warnOnce(
          MAX_GAUGE_WORKERS_PROPERTY + "=" + workers,
          "System property "
              + MAX_GAUGE_WORKERS_PROPERTY
              + " cannot be \""
              + workers
              + "\"; "
              + DEFAULT_MAX_GAUGE_WORKERS
              + " is used");
      return DEFAULT_MAX_GAUGE_WORKERS;
    }
    return workers;
  }

  /**
   * In a backlog nobody removed a series, so all that was counted counts. What live workers have,
   * or define otherwise, is not looked at: they are not read.
   */
  private static void addUpOneByOne(
      RetiringPass pass, List<WorkerInfo> workers, RetainedTotals totals) throws IOException {
    if (pass.retained() != null) {
      addWhole(Part.of(0, pass.retained(), true), totals);
    }
    int added = 0;
    for (WorkerInfo worker : workers) {
      addWhole(Part.of(0, pass.backlog().read(worker), false), totals);
      if (++added % DROP_PERIOD == 0) {
        totals.dropOldOwners();
      }
    }
  }

  private static void addWhole(Part[] parts, RetainedTotals totals) {
    for (Part part : parts) {
      for (int i = 0; i < part.seriesCount(); i++) {
        totals.add(part, i, part.family(), SeriesLives.endNanos(part, i), false);
      }
    }
  }

  /**
   * Adds up what was retained before and what some workers counted.
   *
   * @param folded the totals that are rewritten, and the workers that are retired
   * @return whether a part of the totals so far was dropped
   */
  static boolean addUp(DirectorySnapshot directory, Set<Snapshot> folded, RetainedTotals totals) {
    boolean dropped = false;
    for (List<Part> parts : comparable(directory)) {
      FamilyDescriptor newest = parts.get(parts.size() - 1).family();
      SeriesGroups groups = new SeriesGroups(newest, parts);
      BitSet live = liveGroups(groups);
      for (int p = 0; p < parts.size(); p++) {
        Part part = parts.get(p);
        if (!folded.contains(part.snapshot())) {
          continue;
        }
        for (int i = 0; i < part.seriesCount(); i++) {
          if (groups.isCounting(p, i)) {
            boolean isLive = live.get(groups.groupOf(p, i));
            totals.add(part, i, newest, SeriesLives.endNanos(part, i), isLive);
          } else {
            dropped |= part.retained();
          }
        }
      }
    }
    return dropped;
  }

  /** The label sets that a live worker has. */
  private static BitSet liveGroups(SeriesGroups groups) {
    BitSet live = new BitSet();
    for (int p = 0; p < groups.parts().size(); p++) {
      Part part = groups.parts().get(p);
      for (int i = 0; part.snapshot().live() && i < part.seriesCount(); i++) {
        live.set(groups.groupOf(p, i), live.get(groups.groupOf(p, i)) || !part.isRemoved(i));
      }
    }
    return live;
  }

  /** All parts, those together whose series can be equal; the newest definition of a name last. */
  private static List<List<Part>> comparable(DirectorySnapshot directory) {
    record Kind(String name, MetricType type, Set<String> labelNames) {}

    Map<Kind, List<Part>> kinds = new LinkedHashMap<>();
    for (Part part : Part.oldestFirst(directory)) {
      FamilyDescriptor family = part.family();
      Kind kind = new Kind(family.name(), family.type(), new HashSet<>(family.labelNames()));
      List<Part> parts = kinds.remove(kind);
      if (parts == null) {
        parts = new ArrayList<>();
      }
      parts.add(part);
      kinds.put(kind, parts);
    }
    return List.copyOf(kinds.values());
  }

  /** Begins no further passes, and waits a little for one that runs. */
  @Override
  public void close() {
    closed = true;
    Thread last = running;
    if (last != null) {
      try {
        last.join(CLOSE_MS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
