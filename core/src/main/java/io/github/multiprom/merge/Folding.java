package io.github.multiprom.merge;

import io.github.multiprom.internal.directory.RetiringPass;
import io.github.multiprom.internal.os.StoreLog;
import io.github.multiprom.model.DirectorySnapshot;
import io.github.multiprom.model.FamilyDescriptor;
import io.github.multiprom.model.GaugeFold;
import io.github.multiprom.model.MetricType;
import io.github.multiprom.model.Settings;
import io.github.multiprom.model.Snapshot;
import io.github.multiprom.model.WorkerInfo;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What of retired workers goes into the totals, by the rules by which it is shown. */
final class Folding {
  /** Of how many retired workers per-worker gauges are kept. */
  private static final int DEFAULT_MAX_GAUGE_WORKERS = 100;

  /** How many workers were retired. */
  static final FamilyDescriptor RETIRED_WORKERS =
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
   * @param nowNanos now, nanoseconds since the epoch
   */
  static RetainedTotals totals(Snapshot before, List<WorkerInfo> retired, long nowNanos) {
    RetainedTotals totals =
        new RetainedTotals(maxSeries(before, retired), maxGaugeWorkers(), nowNanos);
    if (before != null) {
      totals.note(before);
    }
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

  /** The setting; says once if its value cannot be used. */
  static int maxGaugeWorkers() {
    String text = System.getProperty(Settings.MAX_RETIRED_GAUGE_WORKERS, "");
    if (text.isBlank()) {
      return DEFAULT_MAX_GAUGE_WORKERS;
    }
    try {
      int workers = Integer.parseInt(text.strip());
      if (workers >= 0) {
        return workers;
      }
    } catch (NumberFormatException e) {
      // As if it was negative.
    }
    StoreLog.warnOnce(
        Settings.MAX_RETIRED_GAUGE_WORKERS + "=" + text,
        "System property "
            + Settings.MAX_RETIRED_GAUGE_WORKERS
            + " cannot be \""
            + text
            + "\"; "
            + DEFAULT_MAX_GAUGE_WORKERS
            + " is used");
    return DEFAULT_MAX_GAUGE_WORKERS;
  }

  /**
   * Adds up a backlog. Nobody in it, and no other worker, removed a series or went on in another
   * file, so all that was counted counts.
   */
  static void addUpOneByOne(RetiringPass pass, List<WorkerInfo> workers, RetainedTotals totals)
      throws IOException {
    Holders holders = new Holders(pass.backlog().others());
    if (pass.retained() != null) {
      addWhole(new DirectorySnapshot(List.of(), List.of(pass.retained()), Map.of(), 0), totals);
    }
    int trimAt = trimAt(totals);
    for (WorkerInfo worker : workers) {
      List<Snapshot> one = List.of(pass.backlog().read(worker));
      addWhole(new DirectorySnapshot(one, List.of(), Map.of(), 0), totals);
      if (totals.seriesCount() > trimAt) {
        totals.trim(holders);
        trimAt = trimAt(totals);
      }
    }
    totals.trim(holders);
  }

  /**
   * At how many series it is worth while to trim, so that the heap holds few more than are kept.
   */
  private static int trimAt(RetainedTotals totals) {
    return totals.maxSeries() + 2 * totals.seriesCount();
  }

  private static void addWhole(DirectorySnapshot one, RetainedTotals totals) {
    for (Part part : Part.oldestFirst(one, totals.nowNanos())) {
      for (int i = 0; i < part.seriesCount(); i++) {
        totals.add(part, i);
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
    for (List<Part> parts : comparable(Part.oldestFirst(directory, totals.nowNanos()))) {
      SeriesGroups groups = new SeriesGroups(new SeriesLabels(parts.get(0).family(), parts), parts);
      for (int p = 0; p < parts.size(); p++) {
        Part part = parts.get(p);
        boolean isFolded = folded.contains(part.source().snapshot());
        for (int i = 0; isFolded && i < part.seriesCount(); i++) {
          if (groups.isCounting(p, i)) {
            totals.add(part, i);
          } else {
            dropped |= part.retained();
          }
        }
      }
    }
    List<Snapshot> others = new ArrayList<>(directory.workers());
    others.removeIf(folded::contains);
    totals.trim(new Holders(others));
    return dropped;
  }

  /** All parts, those together whose series can be equal. */
  private static Collection<List<Part>> comparable(List<Part> oldestFirst) {
    record Kind(String name, MetricType type) {}

    Map<Kind, List<Part>> kinds = new LinkedHashMap<>();
    for (Part part : oldestFirst) {
      Kind kind = new Kind(part.family().name(), part.family().type());
      kinds.computeIfAbsent(kind, k -> new ArrayList<>()).add(part);
    }
    return kinds.values();
  }

  /** Counts retired workers. */
  static void count(int retired, RetainedTotals totals) {
    totals.addCounter(RETIRED_WORKERS, retired);
  }
}
