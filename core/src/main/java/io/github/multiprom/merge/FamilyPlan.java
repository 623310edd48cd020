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

  /** The label values of every series that the family may show. */
  List<List<String>> labelValues();

  /**
   * Merges the cells of all incarnations.
   *
   * @param sources the incarnations that the plan was made for, as they are now
   */
  MergedFamily merge(List<Snapshot> sources);

  /** The old list if it is equal: what was rendered from it can then be kept. */
  static List<List<String>> keepIfEqual(List<List<String>> old, List<List<String>> now) {
    return now.equals(old) ? old : now;
  }
}
