package io.github.multiprom.merge;

import io.github.multiprom.model.FamilyDescriptor;
import io.github.multiprom.model.GaugeFold;
import io.github.multiprom.model.MetricType;
import io.github.multiprom.model.NativeShape;
import io.github.multiprom.model.QuantileWindow;
import io.github.multiprom.model.WorkerInfo;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * Settles what a family is when workers disagree, as in a rolling deploy. Immutable.
 *
 * <p>Type and gauge mode are those of the best {@link Claim}, help and unit those of the newest
 * live worker. A histogram has a native view if that is what the best claim says, with the shape of
 * the best claim among the native ones; a native one of fewer workers counts in the classic view
 * alone. A summary has the quantiles of the newest live worker that has some. Without live workers,
 * all are those of the worker that lived last and left something to show. Parts of another type are
 * left out: their numbers mean something else. Label names and bucket bounds are no matter of the
 * family but of its series.
 *
 * @param descriptor the definition that is shown; its label names come first in that of the series
 * @param parts those of that type, the oldest first
 * @param claim how good the family's claim to its sample names is
 * @param conflicts in what workers disagree. Retained totals are not counted as conflicts: one
 *     deploy would keep the metric above 0 forever.
 */
record FamilyDefinition(
    FamilyDescriptor descriptor, List<Part> parts, Claim claim, Set<ConflictKind> conflicts) {

  /** Which of the definitions counts that ended at the same time, so that their order does not. */
  static final Comparator<FamilyDescriptor> BY_WORDS =
      Comparator.comparing(FamilyDescriptor::help)
          .thenComparing(FamilyDescriptor::unit)
          .thenComparing(family -> family.labelNames().toString());

  private record Mode(GaugeFold fold, boolean liveOnly) implements Comparable<Mode> {
    static Mode of(Part part) {
      return new Mode(part.family().fold(), part.family().liveOnly());
    }

    @Override
    public int compareTo(Mode other) {
      return Comparator.comparing(Mode::fold).thenComparing(Mode::liveOnly).compare(this, other);
    }
  }

  /**
   * Settles one family.
   *
   * @param oldestFirst every part of this name, at least one
   * @param names for whom per-worker gauges are shown
   * @return null if no live worker has it, and dead ones left nothing to show
   */
  static FamilyDefinition of(List<Part> oldestFirst, WorkerNames names) {
    List<Part> definers = definers(oldestFirst, names);
    if (definers.isEmpty()) {
      return null;
    }
    MetricType type = best(definers, part -> part.family().type());
    definers.removeIf(part -> part.family().type() != type);
    Mode mode = best(definers, Mode::of);
    FamilyDescriptor descriptor =
        newest(definers)
            .family()
            .withMode(mode.fold, mode.liveOnly)
            .withNativeShape(type == MetricType.SUMMARY ? null : nativeShape(definers))
            .withWindow(newestWindow(definers))
            .withOwnRegistries(hasOwnRegistriesOnly(oldestFirst, newest(definers)));
    Claim claim = new Claim();
    definers.forEach(claim::add);
    List<Part> parts = new ArrayList<>(oldestFirst);
    parts.removeIf(part -> part.family().type() != type);
    return new FamilyDefinition(
        descriptor, parts, claim, conflicts(oldestFirst, descriptor, newest(definers)));
  }

  /** What the best claim of native ones says; null unless most are native. */
  private static NativeShape nativeShape(List<Part> definers) {
    if (!best(definers, part -> part.family().nativeShape() != null)) {
      return null;
    }
    List<Part> natives = new ArrayList<>(definers);
    natives.removeIf(part -> part.family().nativeShape() == null);
    return best(natives, part -> part.family().nativeShape());
  }

  /** The quantiles of the newest worker that has some; null if there is none. */
  private static QuantileWindow newestWindow(List<Part> definers) {
    List<Part> some = new ArrayList<>(definers);
    some.removeIf(part -> part.family().window() == null);
    return some.isEmpty() ? null : newest(some).family().window();
  }

  /** Whether each live worker says so; without one, the worker that lived last. */
  private static boolean hasOwnRegistriesOnly(List<Part> parts, Part newest) {
    return newest.live()
        ? parts.stream().allMatch(part -> !part.live() || part.family().ownRegistries())
        : newest.family().ownRegistries();
  }

  /**
   * Those that have a say: the latest definition of each live worker; if there is none, what dead
   * ones left to show.
   */
  private static List<Part> definers(List<Part> oldestFirst, WorkerNames names) {
    Map<WorkerInfo, Part> live = new LinkedHashMap<>();
    Map<MetricType, List<Part>> dead = new EnumMap<>(MetricType.class);
    for (Part part : oldestFirst) {
      if (part.live()) {
        live.put(part.worker(), part);
      } else {
        dead.computeIfAbsent(part.family().type(), k -> new ArrayList<>()).add(part);
      }
    }
    if (!live.isEmpty()) {
      return new ArrayList<>(live.values());
    }
    List<Part> shown = new ArrayList<>();
    dead.values().forEach(parts -> addShown(parts, names, shown));
    return shown;
  }

  /** Adds what is shown of the parts of one type, so that the rest hides nothing. */
  private static void addShown(List<Part> dead, WorkerNames names, List<Part> shown) {
    SeriesGroups groups =
        dead.stream().anyMatch(Part::hasRemoved)
            ? new SeriesGroups(new SeriesLabels(dead.get(0).family(), dead), dead)
            : null;
    for (int p = 0; p < dead.size(); p++) {
      Part part = dead.get(p);
      int at = p;
      Part left =
          part.only(i -> (groups == null || groups.isCounting(at, i)) && mayShow(part, i, names));
      if (left.seriesCount() > 0) {
        shown.add(left);
      }
    }
  }

  /** Whether a series of a dead worker is shown at all if it counts. */
  private static boolean mayShow(Part part, int i, WorkerNames names) {
    FamilyDescriptor family = part.family();
    return !family.type().isSet()
        || (!family.liveOnly()
            && !part.isRemoved(i)
            && (family.fold() != GaugeFold.ALL || names.nameOf(part, i) != null));
  }

  /** What the best claim says; of equal ones, without a live worker, the greatest. */
  private static <T extends Comparable<T>> T best(List<Part> definers, Function<Part, T> what) {
    Map<T, Claim> claims = new TreeMap<>();
    definers.forEach(part -> claims.computeIfAbsent(what.apply(part), k -> new Claim()).add(part));
    T best = null;
    for (Map.Entry<T, Claim> entry : claims.entrySet()) {
      if (best == null || entry.getValue().compareTo(claims.get(best)) >= 0) {
        best = entry.getKey();
      }
    }
    return best;
  }

  /** The newest of live workers; of dead ones, the one that lived last. */
  private static Part newest(List<Part> definers) {
    Comparator<Part> order =
        definers.get(0).live()
            ? Comparator.comparing(part -> part.source().snapshot().worker(), WorkerNames.BY_AGE)
            : Comparator.comparingLong(Part::lastEndNanos).thenComparing(Part::family, BY_WORDS);
    return definers.stream().max(order).orElseThrow();
  }

  private static Set<ConflictKind> conflicts(
      List<Part> parts, FamilyDescriptor shown, Part newest) {
    Set<Set<String>> labelNames = new HashSet<>();
    Set<List<Double>> bounds = new HashSet<>();
    for (Part part : parts) {
      if (part.worker().equals(newest.worker())) {
        labelNames.add(Set.copyOf(part.family().labelNames()));
        bounds.add(part.family().upperBounds());
      }
    }
    Set<ConflictKind> conflicts = EnumSet.noneOf(ConflictKind.class);
    for (Part part : parts) {
      FamilyDescriptor family = part.family();
      if (part.retained() || family.equals(shown)) {
        continue;
      }
      if (family.type() != shown.type()) {
        conflicts.add(ConflictKind.TYPE);
        continue;
      }
      if (family.type() != MetricType.INFO
          && !labelNames.contains(Set.copyOf(family.labelNames()))) {
        conflicts.add(ConflictKind.LABELS);
      }
      if (!bounds.contains(family.upperBounds())) {
        conflicts.add(ConflictKind.BUCKETS);
      }
      if (!family.help().equals(shown.help())) {
        conflicts.add(ConflictKind.HELP);
      }
      if (!family.unit().equals(shown.unit())) {
        conflicts.add(ConflictKind.UNIT);
      }
      if (family.fold() != shown.fold() || family.liveOnly() != shown.liveOnly()) {
        conflicts.add(ConflictKind.MODE);
      }
    }
    return conflicts;
  }
}
