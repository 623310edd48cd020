package io.github.multiprom.merge;

import io.github.multiprom.model.FamilyDescriptor;
import io.github.multiprom.model.MetricType;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Settles what a family is when the workers of a rolling deploy disagree. Immutable.
 *
 * <p>The newest incarnation defines help, unit, type, label names, gauge mode and bucket bounds.
 * Parts of another type or with other label names are left out: their numbers mean something else.
 * Every other difference is bridged, and the same label names in another order are no difference.
 *
 * @param descriptor the newest definition
 * @param parts those that take part, the oldest first
 * @param conflicts in what workers disagree. The retained totals never count as a conflict: they
 *     would remember for good what a deploy changed.
 */
record FamilyDefinition(
    FamilyDescriptor descriptor, List<Part> parts, Set<ConflictKind> conflicts) {

  /**
   * Settles one family.
   *
   * @param oldestFirst every part of this name, at least one
   */
  static FamilyDefinition of(List<Part> oldestFirst) {
    FamilyDescriptor newest = oldestFirst.get(oldestFirst.size() - 1).family();
    List<Part> parts = new ArrayList<>();
    Set<ConflictKind> conflicts = EnumSet.noneOf(ConflictKind.class);
    for (Part part : oldestFirst) {
      Set<ConflictKind> differences = differences(part.family(), newest);
      if (!part.retained()) {
        conflicts.addAll(differences);
      }
      if (!differences.contains(ConflictKind.TYPE) && !differences.contains(ConflictKind.LABELS)) {
        parts.add(part);
      }
    }
    return new FamilyDefinition(newest, parts, conflicts);
  }

  private static Set<ConflictKind> differences(FamilyDescriptor old, FamilyDescriptor newest) {
    if (old.equals(newest)) {
      return Set.of();
    }
    if (old.type() != newest.type()) {
      return EnumSet.of(ConflictKind.TYPE);
    }
    if (old.labelNames().size() != newest.labelNames().size()
        || !new HashSet<>(old.labelNames()).containsAll(newest.labelNames())) {
      return EnumSet.of(ConflictKind.LABELS);
    }
    Set<ConflictKind> differences = EnumSet.noneOf(ConflictKind.class);
    if (!old.help().equals(newest.help())) {
      differences.add(ConflictKind.HELP);
    }
    if (!old.unit().equals(newest.unit())) {
      differences.add(ConflictKind.UNIT);
    }
    if (old.fold() != newest.fold() || old.liveOnly() != newest.liveOnly()) {
      differences.add(ConflictKind.MODE);
    }
    if (!old.upperBounds().equals(newest.upperBounds())) {
      differences.add(ConflictKind.BUCKETS);
    }
    return differences;
  }

  /** The part that defines the family. */
  Part newest() {
    return parts.get(parts.size() - 1);
  }

  /** The names under which a family's samples may be exposed; simpleclient claims the same. */
  static List<String> sampleNames(FamilyDescriptor family) {
    String name = family.name();
    MetricType type = family.type();
    return switch (type) {
      case COUNTER -> List.of(name + "_total", name + "_created", name);
      case GAUGE -> List.of(name);
      case SUMMARY -> List.of(name + "_count", name + "_sum", name + "_created", name);
      case HISTOGRAM ->
          List.of(name + "_count", name + "_sum", name + "_bucket", name + "_created", name);
    };
  }
}
