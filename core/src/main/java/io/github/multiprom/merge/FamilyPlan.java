package io.github.multiprom.merge;

import io.github.multiprom.model.FamilyDescriptor;
import java.util.List;

/**
 * How one family is merged, worked out once and used at every merge: which cell of which
 * incarnation adds to which series. One merge at a time.
 */
interface FamilyPlan {
  /** The definition that the merged family has. */
  FamilyDescriptor descriptor();

  /** Every series that the family may show. */
  List<MergedSeries> series();

  /** How many series the plan keeps, with those that are gone or not shown. */
  int knownCount();

  /**
   * Goes on with the family as it is now.
   *
   * @param withCreated whether it is exposed when the series were made
   * @param names the names of the workers
   * @return false if another plan must take this one's place, which then cannot be used any more
   */
  boolean follow(FamilyDefinition definition, boolean withCreated, WorkerNames names);

  /**
   * Merges the cells of all incarnations, as their sources were read last.
   *
   * @param nowMicros now, microseconds since the epoch
   */
  MergedFamily merge(double nowMicros);
}
