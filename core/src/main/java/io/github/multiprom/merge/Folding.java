package io.github.multiprom.merge;

import io.github.multiprom.model.DirectorySnapshot;
import io.github.multiprom.model.EpochClock;
import io.github.multiprom.model.FamilyDescriptor;
import io.github.multiprom.model.GaugeFold;
import io.github.multiprom.model.MetricType;
import io.github.multiprom.model.Snapshot;
import io.github.multiprom.model.WorkerInfo;
import io.github.multiprom.store.RetiringPass;
import io.github.multiprom.store.StoreLog;
import java.io.IOException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What of retired workers goes into the totals, by the rules by which it is shown. */
final class Folding {
  /** Of how many retired workers per-worker gauges are kept. */
  static final String MAX_GAUGE_WORKERS_PROPERTY = "multiprom.maxRetiredGaugeWorkers";

  private static final int DEFAULT_MAX_GAUGE_WORKERS = 100;

  /** After so many workers of a backlog, the gauges of too old ones are dropped. */
  private static final int DROP_PERIOD = 100;

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

  private Folding() {}

  /**
   * Empty totals that a pass fills.
   *
   * @param before the totals so far; null if there are none
   * @param retired the workers that are retired
   */
  static RetainedTotals totals(Snapshot before, List<WorkerInfo> retired) {
    RetainedTotals totals = new RetainedTotals(maxSeries(before, retired), maxGaugeWorkers());
    retired.forEach(totals::note);
    return totals;
  }

  /** As many as any of the workers kept apart, whatever this process would keep of its own. */
  private static int maxSeries(Snapshot before, List<WorkerInfo> retired) {
    int most = before == null ? 1 : Math.max(1, before.worker().maxSeries());
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
  static void addUpOneByOne(RetiringPass pass, List<WorkerInfo> workers, RetainedTotals totals)
      throws IOException {
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

  /** Counts retired workers. */
  static void count(int retired, RetainedTotals totals) {
    totals.addCounter(RETIRED_WORKERS, retired, EpochClock.nowNanos());
  }
}
