package io.github.multiprom.model;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * The labels of a series, by the rule of Prometheus: a label with an empty value is as if it were
 * not there, and the order of labels means nothing. A series is its family's name and its label
 * set. Immutable.
 *
 * @param namesAndValues name and value of each label that is not empty, by ascending names
 */
public record LabelSet(List<String> namesAndValues) {
  /**
   * The label set of a series.
   *
   * @param labelValues one value per label name
   */
  public static LabelSet of(List<String> labelNames, List<String> labelValues) {
    Integer[] order = new Integer[labelNames.size()];
    Arrays.setAll(order, i -> i);
    Arrays.sort(order, Comparator.comparing(labelNames::get));
    List<String> namesAndValues = new ArrayList<>(2 * order.length);
    for (int i : order) {
      if (!labelValues.get(i).isEmpty()) {
        namesAndValues.add(labelNames.get(i));
        namesAndValues.add(labelValues.get(i));
      }
    }
    return new LabelSet(List.copyOf(namesAndValues));
  }
}
