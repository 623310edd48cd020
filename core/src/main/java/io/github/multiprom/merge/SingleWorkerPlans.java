package io.github.multiprom.merge;

import io.github.multiprom.internal.os.ExhaustedException;
import io.github.multiprom.model.DirectorySnapshot;
import io.github.multiprom.model.EpochClock;
import io.github.multiprom.model.FamilyDescriptor;
import io.github.multiprom.model.Incarnation;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/**
 * How each of the workers of a directory is merged that were asked for last, as if it were alone.
 * One merge at a time.
 *
 * <p>Plans of all workers would need many times the heap of the one plan that merges them, so only
 * so many are kept as have {@link #MAX_KEPT_SERIES} together.
 */
final class SingleWorkerPlans {
  /** A series takes about 200 bytes of a plan. */
  private static final int MAX_KEPT_SERIES = 100_000;

  private final Map<Incarnation, MergePlan> plans = new LinkedHashMap<>(16, 0.75f, true);

  /**
   * Merges one worker.
   *
   * @param worker one of its incarnations, or its name
   * @param filter which families are wanted
   * @return sorted by name; null if there is no such worker
   * @throws ExhaustedException if there is not enough heap
   */
  List<MergedFamily> merge(
      DirectorySnapshot directory, String worker, Predicate<FamilyDescriptor> filter) {
    try {
      WorkersOfDirectory workers = new WorkersOfDirectory(directory);
      int found = workers.find(worker);
      if (found < 0) {
        return null;
      }
      Incarnation incarnation = directory.workers().get(found).worker().incarnation();
      return plan(incarnation, workers.only(found)).merge(workers.only(found), filter);
    } catch (OutOfMemoryError e) {
      clear();
      throw new ExhaustedException("Not enough heap to merge a worker", e);
    }
  }

  private MergePlan plan(Incarnation incarnation, DirectorySnapshot alone) {
    MergePlan plan = plans.remove(incarnation);
    if (plan == null || !plan.fits(alone)) {
      plan = plan == null ? new MergePlan(null, SelfMetrics.NAMES) : plan;
      plan.follow(alone, EpochClock.nowNanos());
    }
    plans.put(incarnation, plan);
    int count = plans.values().stream().mapToInt(MergePlan::knownCount).sum();
    for (Iterator<MergePlan> oldest = plans.values().iterator();
        count > MAX_KEPT_SERIES && plans.size() > 1; ) {
      count -= oldest.next().knownCount();
      oldest.remove();
    }
    return plan;
  }

  /** How many workers' plans are kept. */
  int count() {
    return plans.size();
  }

  void clear() {
    plans.clear();
  }
}
