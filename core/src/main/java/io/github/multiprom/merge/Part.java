package io.github.multiprom.merge;

import io.github.multiprom.model.Catalog;
import io.github.multiprom.model.DirectorySnapshot;
import io.github.multiprom.model.FamilyDescriptor;
import io.github.multiprom.model.SeriesDescriptor;
import io.github.multiprom.model.Snapshot;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * One family as one incarnation publishes it: what a merged family is made of. Lives while a plan
 * is made.
 *
 * @param source the index of the incarnation's arrays in a merge
 * @param snapshot the incarnation
 * @param retained whether this is a part of the retained totals
 * @param family the family's definition there
 * @param series indexes of its series in the catalog, in the order of publication
 */
record Part(
    int source, Snapshot snapshot, boolean retained, FamilyDescriptor family, int[] series) {
  /** By the age of the incarnations, the retained totals being older than any worker. */
  static final Comparator<Part> BY_AGE =
      Comparator.comparing(Part::retained)
          .reversed()
          .thenComparing(part -> part.snapshot().worker(), WorkerNames.BY_AGE);

  int seriesCount() {
    return series.length;
  }

  SeriesDescriptor descriptor(int i) {
    return snapshot.catalog().series().get(series[i]);
  }

  /** When a series was removed or, in the retained totals, when its last contributor ended. */
  long removedNanos(int i) {
    return snapshot.catalog().removedNanos()[series[i]];
  }

  /** Whether the worker itself removed a series. */
  boolean isRemoved(int i) {
    return !retained && removedNanos(i) != 0;
  }

  /** The parts of all incarnations, the retained totals first and the newest last. */
  static List<Part> oldestFirst(DirectorySnapshot directory) {
    List<Snapshot> workers = directory.workers();
    List<Integer> indexes = new ArrayList<>();
    for (int i = 0; i < workers.size(); i++) {
      indexes.add(i);
    }
    indexes.sort(Comparator.comparing(i -> workers.get(i).worker(), WorkerNames.BY_AGE));
    List<Part> parts = new ArrayList<>();
    for (int i = 0; i < directory.retained().size(); i++) {
      parts.addAll(List.of(of(workers.size() + i, directory.retained().get(i), true)));
    }
    for (int i : indexes) {
      parts.addAll(List.of(of(i, workers.get(i), false)));
    }
    return parts;
  }

  /** The parts of one incarnation: one for each family in its catalog. */
  static Part[] of(int source, Snapshot snapshot, boolean retained) {
    Catalog catalog = snapshot.catalog();
    int[] counts = new int[catalog.families().size()];
    for (SeriesDescriptor series : catalog.series()) {
      counts[series.family()]++;
    }
    Part[] parts = new Part[counts.length];
    for (int i = 0; i < parts.length; i++) {
      parts[i] =
          new Part(source, snapshot, retained, catalog.families().get(i), new int[counts[i]]);
    }
    int index = 0;
    for (SeriesDescriptor series : catalog.series()) {
      Part part = parts[series.family()];
      part.series[part.series.length - counts[series.family()]--] = index++;
    }
    return parts;
  }
}
