package io.github.multiprom.merge;

import io.github.multiprom.model.DirectorySnapshot;
import io.github.multiprom.model.EpochClock;
import io.github.multiprom.model.FamilyDescriptor;
import io.github.multiprom.model.GaugeFold;
import io.github.multiprom.model.MetricType;
import io.github.multiprom.model.Snapshot;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What a collector says about its own merge. Gauges of the present state only: which collector
 * answers a scrape must not matter, so it keeps no count of its own. One merge at a time.
 */
final class SelfMetrics {
  private static final FamilyDescriptor WORKERS =
      gauge("multiprom_workers", "Workers with a file in the metrics directory.", "", "state");
  private static final FamilyDescriptor FILES_SKIPPED =
      gauge(
          "multiprom_files_skipped",
          "Files in the metrics directory that were not read, or only in part.",
          "",
          "reason");
  private static final FamilyDescriptor CONFLICTS =
      gauge("multiprom_conflicts", "Metric families that workers define differently.", "", "kind");
  private static final FamilyDescriptor SERIES =
      gauge("multiprom_series", "Series of all workers, after the merge.", "");
  private static final FamilyDescriptor STORE_BYTES =
      gauge("multiprom_store_bytes", "Length of all worker files.", "bytes");
  private static final FamilyDescriptor SAMPLE_AGE =
      gauge(
          "multiprom_sample_age_seconds",
          "How long ago the live worker sampled that did so least recently.",
          "seconds");
  private static final FamilyDescriptor MERGE_DURATION =
      gauge("multiprom_merge_duration_seconds", "How long this merge took.", "seconds");

  private static final FamilyDescriptor DIRECTORY =
      new FamilyDescriptor(
          "multiprom_directory",
          MetricType.INFO,
          "The metrics directory: an id that is equal for all that collect it.",
          "",
          List.of("id"),
          GaugeFold.MAX,
          true,
          List.of());

  /** Names that no worker can take. */
  static final Set<String> NAMES =
      Stream.of(
              WORKERS,
              FILES_SKIPPED,
              CONFLICTS,
              SERIES,
              STORE_BYTES,
              MERGE_DURATION,
              SAMPLE_AGE,
              DIRECTORY)
          .flatMap(family -> SampleNames.claimed(family).stream())
          .collect(Collectors.toUnmodifiableSet());

  private static final double NANOS_PER_SECOND = 1e9;
  private static final String PREFIX = "multiprom_";

  private final Map<FamilyDescriptor, MergedFamily> last = new HashMap<>();

  /** Whether a family, a collector's or a worker's, is about Multiprom itself. */
  static boolean isOne(FamilyDescriptor family) {
    return family.name().startsWith(PREFIX);
  }

  private static FamilyDescriptor gauge(
      String name, String help, String unit, String... labelNames) {
    return new FamilyDescriptor(
        name,
        MetricType.GAUGE,
        help,
        unit,
        List.of(labelNames),
        GaugeFold.MOSTRECENT,
        false,
        List.of());
  }

  /**
   * The families, in no order.
   *
   * @param id of the directory, if it is known
   */
  List<MergedFamily> of(
      DirectorySnapshot directory, MergePlan plan, double mergeSeconds, Optional<String> id) {
    List<List<String>> kinds = new ArrayList<>();
    double[] conflicts = new double[ConflictKind.values().length];
    for (ConflictKind kind : ConflictKind.values()) {
      conflicts[kinds.size()] = plan.conflicts().getOrDefault(kind, 0);
      kinds.add(List.of(kind.label()));
    }
    List<List<String>> reasons = directory.skipped().keySet().stream().map(List::of).toList();
    double[] skipped =
        directory.skipped().values().stream().mapToDouble(Integer::doubleValue).toArray();
    double live = directory.workers().stream().filter(Snapshot::live).count();
    double dead = directory.workers().size() - live;
    List<MergedFamily> families = new ArrayList<>();
    families.addAll(
        List.of(
            family(CONFLICTS, kinds, conflicts),
            family(FILES_SKIPPED, reasons, skipped),
            family(MERGE_DURATION, List.of(List.of()), mergeSeconds),
            family(SERIES, List.of(List.of()), plan.seriesCount()),
            family(STORE_BYTES, List.of(List.of()), (double) directory.bytes()),
            family(WORKERS, List.of(List.of("dead"), List.of("live")), dead, live)));
    id.ifPresent(known -> families.add(family(DIRECTORY, List.of(List.of(known)), 1)));
    OptionalLong sampled =
        directory.workers().stream()
            .filter(worker -> worker.live() && worker.sampleNanos() != 0)
            .mapToLong(Snapshot::sampleNanos)
            .min();
    if (sampled.isPresent()) {
      double nanos = Math.max(0, EpochClock.nowNanos() - sampled.getAsLong());
      families.add(family(SAMPLE_AGE, List.of(List.of()), nanos / NANOS_PER_SECOND));
    }
    return families;
  }

  private MergedFamily family(
      FamilyDescriptor descriptor, List<List<String>> labelValues, double... values) {
    MergedFamily before = last.get(descriptor);
    List<MergedSeries> series =
        labelValues.stream()
            .map(labels -> new MergedSeries(descriptor.labelNames(), labels, List.of()))
            .toList();
    MergedFamily now =
        new MergedFamily(
            descriptor,
            before != null && before.series().equals(series) ? before.series() : series,
            values,
            false,
            new double[values.length]);
    last.put(descriptor, now);
    return now;
  }
}
