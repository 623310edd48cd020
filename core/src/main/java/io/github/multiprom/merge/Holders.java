package io.github.multiprom.merge;

import io.github.multiprom.model.Catalog;
import io.github.multiprom.model.FamilyDescriptor;
import io.github.multiprom.model.LabelSet;
import io.github.multiprom.model.SeriesDescriptor;
import io.github.multiprom.model.Snapshot;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Which label sets the workers have that keep their files. What is retained of them must stay
 * apart: the series that is shown would fall without it. One thread.
 */
final class Holders {
  private final List<Catalog> catalogs;
  // Looked up by name when a family has too many series, which few have.
  private final Map<String, Set<LabelSet>> labelSets = new HashMap<>();

  Holders(List<Snapshot> workers) {
    catalogs = workers.stream().map(Snapshot::catalog).toList();
  }

  /** Whether some worker has a label set in a family of a name. */
  boolean have(String family, LabelSet labels) {
    return labelSets.computeIfAbsent(family, this::labelSets).contains(labels);
  }

  private Set<LabelSet> labelSets(String name) {
    Set<LabelSet> found = new HashSet<>();
    for (Catalog catalog : catalogs) {
      for (int i = 0; i < catalog.series().size(); i++) {
        SeriesDescriptor series = catalog.series().get(i);
        FamilyDescriptor family = catalog.familyOf(series);
        if (family.name().equals(name) && catalog.removedNanos()[i] == 0) {
          found.add(LabelSet.of(family.labelNames(), series.labelValues()));
        }
      }
    }
    return found;
  }

  /** Whether some worker has a family of a name with these label names, in whatever order. */
  boolean haveLabelNames(String family, Set<String> labelNames) {
    for (Catalog catalog : catalogs) {
      for (FamilyDescriptor other : catalog.families()) {
        if (other.name().equals(family) && Set.copyOf(other.labelNames()).equals(labelNames)) {
          return true;
        }
      }
    }
    return false;
  }
}
