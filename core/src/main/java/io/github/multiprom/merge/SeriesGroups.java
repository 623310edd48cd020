package io.github.multiprom.merge;

import io.github.multiprom.model.FamilyDescriptor;
import java.util.Arrays;
import java.util.List;

/**
 * Finds the equal series of a family's parts: those with the same labels, whatever their order.
 * Lives while a plan is made.
 */
final class SeriesGroups {
  private final List<Part> parts;
  private final SeriesTable table = new SeriesTable();
  private final int[][] groups;
  private final boolean[][] counting;

  SeriesGroups(FamilyDescriptor family, List<Part> parts) {
    this.parts = parts;
    groups = new int[parts.size()][];
    for (int p = 0; p < groups.length; p++) {
      Part part = parts.get(p);
      int[] permutation = permutation(part.family().labelNames(), family.labelNames());
      int[] groupOf = new int[part.seriesCount()];
      table.restart();
      for (int i = 0; i < groupOf.length; i++) {
        List<String> values = part.descriptor(i).labelValues();
        groupOf[i] = table.indexOf(permutation == null ? values : permute(values, permutation));
      }
      groups[p] = groupOf;
    }
    counting = SeriesLives.counting(parts, groups, table.size());
  }

  /** For each label name of {@code to} its place in {@code from}; null if they are equal. */
  private static int[] permutation(List<String> from, List<String> to) {
    return from.equals(to) ? null : to.stream().mapToInt(from::indexOf).toArray();
  }

  private static List<String> permute(List<String> values, int[] permutation) {
    String[] permuted = new String[permutation.length];
    Arrays.setAll(permuted, i -> values.get(permutation[i]));
    return List.of(permuted);
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

  List<String> labelValues(int group) {
    return table.labelValues(group);
  }
}
