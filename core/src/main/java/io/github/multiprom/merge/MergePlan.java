package io.github.multiprom.merge;

import io.github.multiprom.model.Catalog;
import io.github.multiprom.model.DirectorySnapshot;
import io.github.multiprom.model.EpochClock;
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
 * along arrays of indexes. Of two families that would expose the same sample name the one with the
 * better {@link Claim} is kept; samples {@code _created} give way to a family of that name.
 */
final class MergePlan {
  private static final long NANOS_PER_MICRO = 1000;

  private final List<Catalog> catalogs = new ArrayList<>();
  private final List<Boolean> live = new ArrayList<>();
  private final List<FamilyPlan> families = new ArrayList<>();
  private final Map<ConflictKind, Integer> conflicts = new EnumMap<>(ConflictKind.class);
  private final boolean isAllOwn;

  /**
   * Plans the merge of a directory.
   *
   * @param workerLabel the label of per-worker gauges
   * @param reserved sample names that no family may expose
   * @param previous the plan until now, whose lists of series are kept where they are equal; null
   *     if there was none
   */
  MergePlan(
      DirectorySnapshot directory, String workerLabel, Set<String> reserved, MergePlan previous) {
    for (Snapshot source : sources(directory)) {
      catalogs.add(source.catalog());
      live.add(source.live());
    }
    Map<String, List<MergedSeries>> old = new HashMap<>();
    if (previous != null) {
      previous.families.forEach(plan -> old.put(plan.descriptor().name(), plan.series()));
    }
    long nowNanos = EpochClock.nowNanos();
    Succession succession = new Succession(directory);
    WorkerNames names = new WorkerNames(directory, succession, nowNanos);
    List<FamilyDefinition> definitions =
        definitions(Part.oldestFirst(directory, succession, nowNanos), names, reserved);
    isAllOwn = definitions.stream().noneMatch(MergePlan::isForAllRegistries);
    Set<String> ownNames = new HashSet<>(reserved);
    definitions.forEach(
        definition -> ownNames.addAll(FamilyDefinition.ownNames(definition.descriptor())));
    for (FamilyDefinition definition : definitions) {
      FamilyDescriptor family = definition.descriptor();
      if (family.type() != MetricType.GAUGE) {
        boolean withCreated = !ownNames.contains(FamilyDefinition.createdName(family));
        families.add(new AdditivePlan(definition, withCreated, old.get(family.name())));
      } else if (!family.liveOnly() || definition.parts().stream().anyMatch(Part::live)) {
        families.add(new GaugePlan(definition, names, workerLabel, old.get(family.name())));
      }
    }
  }

  private static boolean isForAllRegistries(FamilyDefinition definition) {
    FamilyDescriptor family = definition.descriptor();
    return !family.ownRegistries()
        && !SelfMetrics.isOne(family)
        && definition.parts().stream().anyMatch(Part::live);
  }

  /**
   * Whether every family of a live worker was registered with registries of the applications' own
   * only.
   */
  boolean isAllOwn() {
    return isAllOwn;
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

  private List<FamilyDefinition> definitions(
      List<Part> oldestFirst, WorkerNames names, Set<String> reserved) {
    Map<String, List<Part>> byName = new TreeMap<>();
    for (Part part : oldestFirst) {
      byName.computeIfAbsent(part.family().name(), k -> new ArrayList<>()).add(part);
    }
    List<FamilyDefinition> definitions = new ArrayList<>();
    for (List<Part> parts : byName.values()) {
      FamilyDefinition definition = FamilyDefinition.of(parts, names);
      if (definition != null) {
        definitions.add(definition);
      }
    }
    dropClashes(definitions, reserved);
    for (FamilyDefinition definition : definitions) {
      definition.conflicts().forEach(kind -> conflicts.merge(kind, 1, Integer::sum));
    }
    return definitions;
  }

  private void dropClashes(List<FamilyDefinition> definitions, Set<String> reserved) {
    Set<String> claimed = new HashSet<>(reserved);
    List<FamilyDefinition> bestFirst = new ArrayList<>(definitions);
    bestFirst.sort(
        Comparator.comparing(FamilyDefinition::claim)
            .reversed()
            .thenComparing(definition -> definition.descriptor().name()));
    for (FamilyDefinition definition : bestFirst) {
      List<String> names = FamilyDefinition.ownNames(definition.descriptor());
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
    return families.stream().mapToInt(family -> family.series().size()).sum();
  }

  /** Merges the families that pass a filter, sorted by name. */
  List<MergedFamily> merge(DirectorySnapshot directory, Predicate<FamilyDescriptor> filter) {
    List<Snapshot> sources = sources(directory);
    // After the cells were read, so that nothing that was set with a right clock is later.
    long nowMicros = EpochClock.nowNanos() / NANOS_PER_MICRO;
    List<MergedFamily> merged = new ArrayList<>(families.size());
    for (FamilyPlan family : families) {
      if (filter.test(family.descriptor())) {
        merged.add(family.merge(sources, (double) nowMicros));
      }
    }
    return merged;
  }
}
