package io.github.multiprom.merge;

import io.github.multiprom.model.FamilyDescriptor;
import io.github.multiprom.model.Snapshot;
import java.util.List;

/**
 * How one family is merged, worked out once and followed at every merge: which cell of which
 * incarnation adds to which series. One merge at a time.
 */
interface FamilyPlan {
  /** The definition that the merged family has. */
  FamilyDescriptor descriptor();

  /** Every series that the family may show. */
  List<MergedSeries> series();

  /**
   * Merges the cells of all incarnations.
   *
   * @param sources the incarnations that the plan was made for, as they are now
   * @param nowMicros now, microseconds since the epoch
   */
  MergedFamily merge(List<Snapshot> sources, double nowMicros);

  /** The old list if it is equal: what was rendered from it can then be kept. */
  static List<MergedSeries> keepIfEqual(List<MergedSeries> old, List<MergedSeries> now) {
    return now.equals(old) ? old : now;
  }
}
