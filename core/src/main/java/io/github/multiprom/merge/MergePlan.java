package io.github.multiprom.merge;

import io.github.multiprom.model.DirectorySnapshot;
import io.github.multiprom.model.EpochClock;
import io.github.multiprom.model.FamilyDescriptor;
import io.github.multiprom.model.GaugeFold;
import io.github.multiprom.model.Incarnation;
import io.github.multiprom.model.Snapshot;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * How a directory is merged. One merge at a time.
 *
 * <p>Everything that is looked up by name is looked up once, when it appears: merging is adding
 * along arrays of indexes. When something was published, or workers came or went, the plan
 * {@linkplain #follow follows}: only families that are touched are looked at, and of these only the
 * parts that changed. What is shown is always what a new plan would show; a family is planned anew
 * where following is not simple, as when its definition changes, or more than half of what its plan
 * knows is gone.
 *
 * <p>Of two families that would expose the same sample name the one with the better {@link Claim}
 * is kept; samples {@code _created} give way to a family of that name.
 */
final class MergePlan {
  private static final long NANOS_PER_MICRO = 1000;

  private final String workerLabel;
  private final Set<String> reserved;
  private final Map<String, Family> families = new TreeMap<>();
  // By the name of the family.
  private final Map<String, Set<ConflictKind>> conflicts = new TreeMap<>();
  // The workers in the directory's order, then the retained totals.
  private List<Source> sources = List.of();
  // Whether each of them is live by its own file.
  private List<Boolean> live = List.of();
  private boolean isAllOwn = true;

  /** The families of one name, as the sources have them. */
  private static final class Family {
    List<Part> parts = new ArrayList<>();
    // Null if there is nothing to show.
    FamilyDefinition definition;
    // Null if it is not shown, or there is none yet.
    FamilyPlan plan;
    boolean withCreated;
    boolean touched;

    boolean isPerWorker() {
      return parts.stream().anyMatch(part -> part.family().fold() == GaugeFold.ALL);
    }
  }

  /**
   * A plan of an empty directory.
   *
   * @param workerLabel the label of per-worker gauges; null if there is only one worker
   * @param reserved sample names that no family may expose
   */
  MergePlan(String workerLabel, Set<String> reserved) {
    this.workerLabel = workerLabel;
    this.reserved = reserved;
  }

  /** Whether the plan still fits: the same incarnations, as live and with as much published. */
  boolean fits(DirectorySnapshot directory) {
    if (sources.size() != directory.workers().size() + directory.retained().size()) {
      return false;
    }
    for (int i = 0; i < sources.size(); i++) {
      if (!sources.get(i).isAsIn(Source.snapshot(directory, i), live.get(i))) {
        return false;
      }
    }
    return true;
  }

  /**
   * Follows what changed in the directory. If this fails, the plan cannot be used any more.
   *
   * @param nowNanos now, nanoseconds since the epoch
   */
  void follow(DirectorySnapshot directory, long nowNanos) {
    Succession succession = new Succession(directory);
    Set<String> touched = followSources(directory, succession, nowNanos);
    touched.forEach(name -> families.computeIfAbsent(name, k -> new Family()).touched = true);
    WorkerNames names = new WorkerNames(directory, succession, nowNanos);
    define(names);
    Map<String, FamilyDefinition> shown = withoutClashes();
    isAllOwn = shown.values().stream().noneMatch(MergePlan::isForAllRegistries);
    Set<String> ownNames = new HashSet<>(reserved);
    shown
        .values()
        .forEach(definition -> ownNames.addAll(SampleNames.claimed(definition.descriptor())));
    families.forEach(
        (name, family) -> {
          if (!shown.containsKey(name)) {
            family.plan = null;
          } else {
            plan(
                family,
                !ownNames.contains(SampleNames.created(family.definition.descriptor())),
                names);
          }
          family.touched = false;
        });
  }

  /** Follows the sources, and returns the names of the families that are touched. */
  private Set<String> followSources(
      DirectorySnapshot directory, Succession succession, long nowNanos) {
    Map<Incarnation, Source> before = new HashMap<>();
    sources.forEach(source -> before.put(source.snapshot().worker().incarnation(), source));
    Set<String> touched = new HashSet<>();
    List<Source> now = new ArrayList<>();
    List<Boolean> nowLive = new ArrayList<>();
    boolean others = false;
    for (int i = 0; i < directory.workers().size() + directory.retained().size(); i++) {
      Snapshot snapshot = Source.snapshot(directory, i);
      Source source = before.get(snapshot.worker().incarnation());
      List<Part> parts = source == null ? List.of() : source.parts();
      if (source == null || !source.goOn(directory, i, succession, nowNanos)) {
        source = new Source(directory, i, succession, nowNanos);
        parts = List.of();
        others = true;
      } else {
        before.remove(snapshot.worker().incarnation());
      }
      touchChanged(parts, source.parts(), touched);
      now.add(source);
      nowLive.add(snapshot.live());
    }
    for (Source gone : before.values()) {
      others = true;
      gone.parts().forEach(part -> touched.add(part.family().name()));
    }
    if (others) {
      // The names that workers are shown with may be others.
      families.forEach(
          (name, family) -> {
            if (family.isPerWorker()) {
              touched.add(name);
            }
          });
    }
    sources = now;
    live = nowLive;
    return touched;
  }

  @SuppressWarnings("ReferenceEquality") // The same part says that nothing was added or removed.
  private static void touchChanged(List<Part> before, List<Part> now, Set<String> touched) {
    for (int i = 0; i < now.size(); i++) {
      if (i >= before.size() || before.get(i) != now.get(i)) {
        touched.add(now.get(i).family().name());
      }
    }
  }

  /** Settles what the touched families are. */
  private void define(WorkerNames names) {
    for (Family family : families.values()) {
      if (family.touched) {
        family.parts = new ArrayList<>();
      }
    }
    for (Source source : Source.oldestFirst(sources)) {
      for (Part part : source.parts()) {
        Family family = families.get(part.family().name());
        if (family.touched) {
          family.parts.add(part);
        }
      }
    }
    families.values().removeIf(family -> family.parts.isEmpty());
    for (Family family : families.values()) {
      if (family.touched) {
        family.definition = FamilyDefinition.of(family.parts, names);
      }
    }
  }

  /** The definitions of the families that are shown, by name, and what workers disagree about. */
  private Map<String, FamilyDefinition> withoutClashes() {
    List<FamilyDefinition> bestFirst = new ArrayList<>();
    for (Family family : families.values()) {
      if (family.definition != null) {
        bestFirst.add(family.definition);
      }
    }
    bestFirst.sort(
        Comparator.comparing(FamilyDefinition::claim)
            .reversed()
            .thenComparing(definition -> definition.descriptor().name()));
    conflicts.clear();
    Set<String> claimed = new HashSet<>(reserved);
    Map<String, FamilyDefinition> shown = new HashMap<>();
    for (FamilyDefinition definition : bestFirst) {
      List<String> names = SampleNames.claimed(definition.descriptor());
      if (names.stream().anyMatch(claimed::contains)) {
        conflicts.put(definition.descriptor().name(), Set.of(ConflictKind.TYPE));
      } else {
        claimed.addAll(names);
        shown.put(definition.descriptor().name(), definition);
        if (!definition.conflicts().isEmpty()) {
          conflicts.put(definition.descriptor().name(), definition.conflicts());
        }
      }
    }
    return shown;
  }

  private void plan(Family family, boolean withCreated, WorkerNames names) {
    FamilyDefinition definition = family.definition;
    FamilyPlan old = family.plan;
    if (definition.descriptor().liveOnly() && definition.parts().stream().noneMatch(Part::live)) {
      family.plan = null;
    } else if (old == null
        || ((family.touched || family.withCreated != withCreated)
            && !old.follow(definition, withCreated, names))) {
      family.plan = newPlan(definition, withCreated, names, old == null ? List.of() : old.series());
    }
    family.withCreated = withCreated;
  }

  private FamilyPlan newPlan(
      FamilyDefinition definition, boolean withCreated, WorkerNames names, List<MergedSeries> old) {
    return switch (definition.descriptor().type()) {
      case GAUGE, INFO -> new GaugePlan(definition, names, workerLabel, old);
      case STATESET -> new StatesPlan(definition, names, workerLabel);
      case COUNTER, HISTOGRAM, SUMMARY -> new AdditivePlan(definition, withCreated, old);
    };
  }

  /**
   * Whether every family of a live worker was registered with registries of the applications' own
   * only.
   */
  boolean isAllOwn() {
    return isAllOwn;
  }

  private static boolean isForAllRegistries(FamilyDefinition definition) {
    FamilyDescriptor family = definition.descriptor();
    return !family.ownRegistries()
        && !SelfMetrics.isOne(family)
        && definition.parts().stream().anyMatch(Part::live);
  }

  /** How many families workers disagree about, by kind. */
  Map<ConflictKind, Integer> conflicts() {
    Map<ConflictKind, Integer> counts = new EnumMap<>(ConflictKind.class);
    for (Set<ConflictKind> kinds : conflicts.values()) {
      kinds.forEach(kind -> counts.merge(kind, 1, Integer::sum));
    }
    return counts;
  }

  /** All families that a worker or the totals define, sorted by name. */
  List<FamilyStatus> families() {
    List<FamilyStatus> all = new ArrayList<>();
    families.forEach(
        (name, family) -> {
          if (family.definition != null) {
            all.add(
                new FamilyStatus(
                    family.definition.descriptor(),
                    family.plan == null ? 0 : family.plan.series().size(),
                    (int) liveWorkers(family),
                    conflicts.getOrDefault(name, Set.of()).stream()
                        .map(ConflictKind::label)
                        .toList()));
          }
        });
    return all;
  }

  private static long liveWorkers(Family family) {
    return family.parts.stream().filter(Part::live).map(Part::worker).distinct().count();
  }

  /** The number of series of all families. */
  int seriesCount() {
    return plans().mapToInt(family -> family.series().size()).sum();
  }

  /** The number of series that the plan keeps, with those that are gone or not shown. */
  int knownCount() {
    return plans().mapToInt(FamilyPlan::knownCount).sum();
  }

  private Stream<FamilyPlan> plans() {
    return families.values().stream().map(family -> family.plan).filter(Objects::nonNull);
  }

  /** Whether a worker that has a file removed a series. */
  boolean hasRemovedSeries() {
    return sources.stream().anyMatch(source -> !source.isRetained() && source.hasRemovedSeries());
  }

  /** Merges the families that pass a filter, sorted by name. */
  List<MergedFamily> merge(DirectorySnapshot directory, Predicate<FamilyDescriptor> filter) {
    return merge(directory, filter, EpochClock::nowNanos);
  }

  /** As above, by another clock: nanoseconds since the epoch. */
  List<MergedFamily> merge(
      DirectorySnapshot directory, Predicate<FamilyDescriptor> filter, LongSupplier clock) {
    for (int i = 0; i < sources.size(); i++) {
      sources.get(i).read(Source.snapshot(directory, i));
    }
    // After the cells were read, so that nothing that was set with a right clock is later.
    long nowMicros = clock.getAsLong() / NANOS_PER_MICRO;
    List<MergedFamily> merged = new ArrayList<>();
    plans()
        .filter(family -> filter.test(family.descriptor()))
        .forEach(family -> merged.add(family.merge((double) nowMicros)));
    return merged;
  }
}
