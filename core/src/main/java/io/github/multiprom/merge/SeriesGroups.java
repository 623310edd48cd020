package io.github.multiprom.merge;

import java.util.List;

/**
 * Finds the equal series of a family's parts: those with the same label set. Lives while a plan is
 * made.
 */
final class SeriesGroups {
  private final List<Part> parts;
  private final SeriesTable table = new SeriesTable();
  private final int[][] groups;
  private final boolean[][] counting;

  SeriesGroups(SeriesLabels labels, List<Part> parts) {
    this.parts = parts;
    groups = new int[parts.size()][];
    for (int p = 0; p < groups.length; p++) {
      Part part = parts.get(p);
      int[] places = labels.placesIn(part);
      int[] groupOf = new int[part.seriesCount()];
      table.restart();
      for (int i = 0; i < groupOf.length; i++) {
        List<String> values = part.descriptor(i).labelValues();
        groupOf[i] = table.indexOf(places == null ? values : SeriesLabels.padded(values, places));
      }
      groups[p] = groupOf;
    }
    counting = SeriesLives.counting(parts, groups, table.size());
  }

  List<Part> parts() {
    return parts;
  }

  /** The number of label sets. */
  int size() {
    return table.size();
  }

  /** The label set of a series: part and index in it. */
  int groupOf(int part, int i) {
    return groups[part][i];
  }

  /** Whether what a series counted is still to be shown; see {@link SeriesLives}. */
  boolean isCounting(int part, int i) {
    return counting == null || counting[part][i];
  }

  /** All label sets, in the order of their values. */
  int[] sorted() {
    return table.sorted();
  }

  /** The values of a label set, one for each name. */
  List<String> labelValues(int group) {
    return table.labelValues(group);
  }
}
