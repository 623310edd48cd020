package io.github.multiprom.merge;

import io.github.multiprom.model.Catalog;
import io.github.multiprom.model.DirectorySnapshot;
import io.github.multiprom.model.FamilyDescriptor;
import io.github.multiprom.model.MetricType;
import io.github.multiprom.model.Snapshot;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;

/**
 * How a directory is merged, worked out once for a set of catalogs and followed until a worker
 * comes, dies or publishes something. One merge at a time.
 *
 * <p>Everything that is looked up by name happens while a plan is made; following it is adding
 * along arrays of indexes. Of two families that would expose the same sample name the one defined
 * by the newest incarnation is kept.
 */
final class MergePlan {
  private final List<Catalog> catalogs = new ArrayList<>();
  private final List<Boolean> live = new ArrayList<>();
  private final List<FamilyPlan> families = new ArrayList<>();
  private final Map<ConflictKind, Integer> conflicts = new EnumMap<>(ConflictKind.class);

  /**
   * Plans the merge of a directory.
   *
   * @param workerLabel the label of per-worker gauges; null for a single worker
   * @param reserved sample names that no family may expose
   * @param previous the plan until now, whose lists of label values are kept where they are equal;
   *     null if there was none
   */
  MergePlan(
      DirectorySnapshot directory, String workerLabel, Set<String> reserved, MergePlan previous) {
    for (Snapshot source : sources(directory)) {
      catalogs.add(source.catalog());
      live.add(source.live());
    }
    Map<String, List<List<String>>> oldLabelValues = new HashMap<>();
    if (previous != null) {
      previous.families.forEach(
          old -> oldLabelValues.put(old.descriptor().name(), old.labelValues()));
    }
    WorkerNames all = workerLabel == null ? null : new WorkerNames(directory, false);
    WorkerNames liveOnly = workerLabel == null ? null : new WorkerNames(directory, true);
    for (FamilyDefinition definition : definitions(directory, reserved)) {
      FamilyDescriptor family = definition.descriptor();
      List<List<String>> old = oldLabelValues.get(family.name());
      if (family.type() != MetricType.GAUGE) {
        families.add(new AdditivePlan(definition, old));
      } else if (!family.liveOnly()
          || definition.parts().stream().anyMatch(part -> part.snapshot().live())) {
        families.add(
            new GaugePlan(definition, family.liveOnly() ? liveOnly : all, workerLabel, old));
      }
    }
  }

  /** The workers in the directory's order, then the retained totals. */
  private static List<Snapshot> sources(DirectorySnapshot directory) {
    List<Snapshot> sources = new ArrayList<>(directory.workers());
    sources.addAll(directory.retained());
    return sources;
  }

  /** Whether the plan still fits: the same incarnations, as live and with as much published. */
  boolean fits(DirectorySnapshot directory) {
    List<Snapshot> sources = sources(directory);
    if (sources.size() != catalogs.size()) {
      return false;
    }
    for (int i = 0; i < sources.size(); i++) {
      // The same object, not an equal one: that is how a reader says that nothing was published.
      @SuppressWarnings("ReferenceEquality")
      boolean same = sources.get(i).catalog() == catalogs.get(i);
      if (!same || sources.get(i).live() != live.get(i)) {
        return false;
      }
    }
    return true;
  }

  private List<FamilyDefinition> definitions(DirectorySnapshot directory, Set<String> reserved) {
    Map<String, List<Part>> byName = new TreeMap<>();
    for (Part part : Part.oldestFirst(directory)) {
      byName.computeIfAbsent(part.family().name(), k -> new ArrayList<>()).add(part);
    }
    List<FamilyDefinition> definitions = new ArrayList<>();
    byName.values().forEach(parts -> definitions.add(FamilyDefinition.of(parts)));
    dropClashes(definitions, reserved);
    for (FamilyDefinition definition : definitions) {
      definition.conflicts().forEach(kind -> conflicts.merge(kind, 1, Integer::sum));
    }
    return definitions;
  }

  private void dropClashes(List<FamilyDefinition> definitions, Set<String> reserved) {
    Set<String> claimed = new HashSet<>(reserved);
    List<FamilyDefinition> newestFirst = new ArrayList<>(definitions);
    newestFirst.sort(
        Comparator.comparing(FamilyDefinition::newest, Part.BY_AGE)
            .reversed()
            .thenComparing(definition -> definition.descriptor().name()));
    for (FamilyDefinition definition : newestFirst) {
      List<String> names = FamilyDefinition.sampleNames(definition.descriptor());
      if (names.stream().anyMatch(claimed::contains)) {
        definitions.remove(definition);
        conflicts.merge(ConflictKind.TYPE, 1, Integer::sum);
      } else {
        claimed.addAll(names);
      }
    }
  }

  /** How many families workers disagree about, by kind. */
  Map<ConflictKind, Integer> conflicts() {
    return conflicts;
  }

  /** The number of series of all families. */
  int seriesCount() {
    return families.stream().mapToInt(family -> family.labelValues().size()).sum();
  }

  /** Merges the families that pass a filter, sorted by name. */
  List<MergedFamily> merge(DirectorySnapshot directory, Predicate<FamilyDescriptor> filter) {
    List<Snapshot> sources = sources(directory);
    List<MergedFamily> merged = new ArrayList<>(families.size());
    for (FamilyPlan family : families) {
      if (filter.test(family.descriptor())) {
        merged.add(family.merge(sources));
      }
    }
    return merged;
  }
}
