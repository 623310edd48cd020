package io.github.multiprom.merge;

import io.github.multiprom.model.FamilyDescriptor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * The label names of a family's parts, and how its series show them. Lives while a plan is made.
 *
 * <p>With a value for each label name that any part has, empty where a part has no such label,
 * label sets are equal exactly where Prometheus takes them for equal. Where all parts have the same
 * label names, in whatever order, each series shows all labels; otherwise those that it has.
 */
final class SeriesLabels {
  private final List<String> names;
  private final boolean oneList;
  // As they are shown.
  private final List<String> shownNames;
  private final Map<List<String>, List<String>> kept = new HashMap<>();

  /** The label names of parts: those of the definition first, in its order. */
  SeriesLabels(FamilyDescriptor definition, List<Part> parts) {
    this(definition, parts, List.of());
  }

  /**
   * The label names of parts, each series being shown with more labels, such as its worker. A label
   * that has the name of one of these keeps its value under another name, in all series.
   *
   * @param added the names of those labels
   */
  SeriesLabels(FamilyDescriptor definition, List<Part> parts, List<String> added) {
    Set<String> all = new TreeSet<>();
    Set<Set<String>> lists = new HashSet<>();
    for (Part part : parts) {
      if (part.seriesCount() > 0) {
        all.addAll(part.family().labelNames());
        lists.add(Set.copyOf(part.family().labelNames()));
      }
    }
    oneList = lists.size() < 2;
    List<String> ordered = new ArrayList<>(definition.labelNames());
    if (!all.isEmpty() || !lists.isEmpty()) {
      ordered.retainAll(all);
    }
    all.removeAll(ordered);
    ordered.addAll(all);
    names =
        ordered.equals(definition.labelNames()) ? definition.labelNames() : List.copyOf(ordered);
    shownNames = added.isEmpty() ? names : with(added);
  }

  private List<String> with(List<String> added) {
    List<String> shown = new ArrayList<>(names);
    for (String label : added) {
      int clash = shown.indexOf(label);
      if (clash >= 0) {
        String exported = "exported_" + label;
        while (shown.contains(exported) || added.contains(exported)) {
          exported = "exported_" + exported;
        }
        shown.set(clash, exported);
      }
      shown.add(label);
    }
    return List.copyOf(shown);
  }

  /** Whether other labels show the same series in the same way. */
  boolean isLike(SeriesLabels other) {
    return names.equals(other.names)
        && shownNames.equals(other.shownNames)
        && oneList == other.oneList;
  }

  /** For each name its place in a part's label names, -1 where it has none; null if all agree. */
  int[] placesIn(Part part) {
    List<String> own = part.family().labelNames();
    return own.equals(names) ? null : names.stream().mapToInt(own::indexOf).toArray();
  }

  /** A value for each name. */
  static List<String> padded(List<String> labelValues, int[] places) {
    String[] padded = new String[places.length];
    Arrays.setAll(padded, i -> places[i] < 0 ? "" : labelValues.get(places[i]));
    return List.of(padded);
  }

  /**
   * A series as it is shown.
   *
   * @param values a value for each name and for each label that is added
   */
  MergedSeries series(List<String> values, List<Double> upperBounds) {
    if (oneList) {
      return new MergedSeries(shownNames, values, upperBounds);
    }
    List<String> itsNames = new ArrayList<>();
    List<String> itsValues = new ArrayList<>();
    for (int i = 0; i < values.size(); i++) {
      if (!values.get(i).isEmpty() || i >= names.size()) {
        itsNames.add(shownNames.get(i));
        itsValues.add(values.get(i));
      }
    }
    return new MergedSeries(
        kept.computeIfAbsent(List.copyOf(itsNames), same -> same),
        List.copyOf(itsValues),
        upperBounds);
  }
}
