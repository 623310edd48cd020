package io.github.multiprom.merge;

import io.github.multiprom.model.FamilyDescriptor;
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
   * @param highs high words by incarnation
   * @param lows low words by incarnation
   */
  MergedFamily merge(double[][] highs, double[][] lows);

  /** The old list if it is equal: what was rendered from it can then be kept. */
  static List<List<String>> keepIfEqual(List<List<String>> old, List<List<String>> now) {
    return now.equals(old) ? old : now;
  }
}
