package io.github.multiprom.prometheus;

import io.github.multiprom.internal.directory.DirectoryReader;
import io.github.multiprom.internal.os.StoreLog;
import io.github.multiprom.merge.MergedFamily;
import io.github.multiprom.merge.MultiprocessCollector;
import io.github.multiprom.merge.SampleNames;
import io.github.multiprom.metrics.Worker;
import io.github.multiprom.model.FamilyDescriptor;
import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.registry.PrometheusScrapeRequest;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;

/**
 * The merged metrics of every worker of a directory, for a registry of prometheus-metrics that
 * shows nothing else of it. Thread-safe.
 *
 * <pre>{@code
 * PrometheusRegistry registry = new PrometheusRegistry();
 * registry.register(new MergedCollector(Path.of("/run/app-metrics")));
 * HTTPServer.builder().port(9400).registry(registry).buildAndStart();
 * }</pre>
 *
 * <p>A worker of the directory takes {@link MergedPrometheusRegistry} instead, where its own
 * collectors can be registered as well.
 *
 * <p>A family whose name or labels prometheus-metrics refuses is left out, counted in {@code
 * multiprom_families_left_out} and named on the log; all others are shown.
 */
public final class MergedCollector implements MultiCollector, AutoCloseable {
  static final String LEFT_OUT = "multiprom_families_left_out";

  private final MultiprocessCollector merged;
  // Of the thread that uses a merge; there is one at a time.
  private final Snapshots snapshots = new Snapshots();

  /**
   * A collector of a directory, which need not exist yet.
   *
   * @throws IllegalArgumentException if the system property {@code multiprom.workerLabel} is not a
   *     label name
   */
  public MergedCollector(Path directory) {
    this(new MultiprocessCollector(directory));
  }

  /**
   * A collector of a worker's directory.
   *
   * @throws IllegalArgumentException if it has none
   */
  public static MergedCollector of(Worker worker) {
    Path directory =
        worker
            .directory()
            .orElseThrow(
                () -> new IllegalArgumentException("A worker without a directory: " + worker));
    return new MergedCollector(
        new MultiprocessCollector(new DirectoryReader(directory), worker.workerLabel()));
  }

  private MergedCollector(MultiprocessCollector merged) {
    this.merged = merged;
  }

  /**
   * The snapshots of all families.
   *
   * @throws io.github.multiprom.internal.os.ExhaustedException if this process lacks the memory to
   *     show what is there, and nothing was shown before
   */
  @Override
  public MetricSnapshots collect() {
    return collect((Predicate<String>) null);
  }

  @Override
  public MetricSnapshots collect(PrometheusScrapeRequest request) {
    return collect();
  }

  /**
   * The snapshots of the families of which a sample, or the family itself, has a name that passes.
   *
   * @param includedNames null for all
   */
  @Override
  public MetricSnapshots collect(Predicate<String> includedNames) {
    return merged.merge(
        family -> includedNames == null || passes(family, includedNames), this::snapshots);
  }

  @Override
  public MetricSnapshots collect(Predicate<String> includedNames, PrometheusScrapeRequest request) {
    return collect(includedNames);
  }

  /** The snapshot of one family; null if there is none. */
  MetricSnapshot collect(String familyName) {
    return merged.merge(
        family -> family.name().equals(familyName),
        families -> {
          MetricSnapshots found = snapshots(families);
          return found.size() == 0 ? null : found.get(0);
        });
  }

  private static boolean passes(FamilyDescriptor family, Predicate<String> includedNames) {
    return includedNames.test(family.name())
        || SampleNames.all(family).stream().anyMatch(includedNames);
  }

  private MetricSnapshots snapshots(List<MergedFamily> families) {
    List<MetricSnapshot> all = new ArrayList<>(families.size());
    Set<String> names = new HashSet<>();
    int leftOut = 0;
    for (MergedFamily family : families) {
      String name = family.descriptor().name();
      try {
        MetricSnapshot snapshot = snapshots.of(family);
        // Two names may be one to prometheus-metrics.
        if (!names.add(snapshot.getMetadata().getPrometheusName())) {
          throw new IllegalArgumentException("another family has this name");
        }
        all.add(snapshot);
      } catch (IllegalArgumentException e) {
        leftOut++;
        StoreLog.warnOnce(
            "left-out " + name, "prometheus-metrics cannot show " + name + ": " + e.getMessage());
      }
    }
    if (leftOut > 0) {
      all.add(leftOut(leftOut));
    }
    return new MetricSnapshots(all);
  }

  private static MetricSnapshot leftOut(int count) {
    return GaugeSnapshot.builder()
        .name(LEFT_OUT)
        .help("Families that prometheus-metrics refuses to show.")
        .dataPoint(GaugeSnapshot.GaugeDataPointSnapshot.builder().value(count).build())
        .build();
  }

  /** Closes what reads the directory; later collects are empty. */
  @Override
  public void close() {
    merged.close();
  }
}
