package io.github.multiprom.metrics;

import io.github.multiprom.model.FamilyDescriptor;
import io.github.multiprom.model.LabelSet;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The families of one name in a worker. There is one for each list of label names and of bucket
 * bounds; most names have one alone. A label set is one series, whichever of the families is asked.
 * Guarded by the {@link SeriesPublisher}.
 */
final class NamedFamilies {
  private final List<MetricFamily> families = new ArrayList<>(1);

  /** Null while there is one family: its own children tell. */
  private Map<LabelSet, Series> byLabels;

  private final Set<Series> overflows = new HashSet<>();
  private long labelBytes;

  List<MetricFamily> all() {
    return families;
  }

  /** The family with these label names and bounds; null if there is none. */
  MetricFamily find(FamilyDescriptor shape) {
    for (MetricFamily family : families) {
      if (family.hasLists(shape)) {
        return family;
      }
    }
    return null;
  }

  void add(MetricFamily family) {
    families.add(family);
    if (families.size() == 2) {
      byLabels = new HashMap<>();
      for (Series child : families.get(0).children.all()) {
        byLabels.put(labelSet(child.family, child.labelValues()), child);
      }
    }
  }

  /** The series of a label set, which a family of another list may have; null if there is none. */
  Series find(MetricFamily family, String[] labelValues) {
    return byLabels == null
        ? family.children.find(labelValues)
        : byLabels.get(labelSet(family, List.of(labelValues)));
  }

  private static LabelSet labelSet(MetricFamily family, List<String> labelValues) {
    return LabelSet.of(family.descriptor.labelNames(), labelValues);
  }

  void added(Series child) {
    if (byLabels != null) {
      byLabels.put(labelSet(child.family, child.labelValues()), child);
    }
    child.labelBytes = child.countLabelBytes();
    labelBytes += child.labelBytes;
  }

  void removed(Series child) {
    if (byLabels != null) {
      byLabels.remove(labelSet(child.family, child.labelValues()), child);
    }
    labelBytes -= child.labelBytes;
    child.labelBytes = 0;
    if (!overflows.isEmpty()) {
      overflows.remove(child);
    }
  }

  /** Notes that a series takes label sets beyond the limits; it is not counted among them. */
  void overflowInto(Series child) {
    overflows.add(child);
  }

  int seriesCount() {
    int size = -overflows.size();
    for (MetricFamily family : families) {
      size += family.children.size();
    }
    return size;
  }

  long labelBytes() {
    return labelBytes;
  }
}
