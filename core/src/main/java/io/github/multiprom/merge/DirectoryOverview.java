package io.github.multiprom.merge;

import io.github.multiprom.model.DirectorySnapshot;
import io.github.multiprom.model.MetricType;
import io.github.multiprom.model.SkippedFile;
import io.github.multiprom.model.Snapshot;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What there is in a metrics directory, by one read and merge, for people. Immutable.
 *
 * @param directory which one; null if it is none
 * @param workers those that have a file, in the order of their names
 * @param families those of workers, in the order of their names, {@code multiprom_…} as well
 * @param skipped how many files were left out, or read in part, by reason
 * @param skippedFiles some of these files
 * @param bytes the length of all files
 * @param totals of retired workers
 * @param sums by the name of a family of workers about themselves the sum of its series
 * @param mergeSeconds how long the merge took
 */
public record DirectoryOverview(
    Path directory,
    List<WorkerStatus> workers,
    List<FamilyStatus> families,
    Map<String, Integer> skipped,
    List<SkippedFile> skippedFiles,
    long bytes,
    Totals totals,
    Map<String, Double> sums,
    double mergeSeconds) {

  /**
   * The totals of retired workers.
   *
   * @param workers how many were retired
   * @param seriesCount how many series are kept
   * @param bytes the length of their files
   */
  public record Totals(double workers, int seriesCount, long bytes) {}

  static DirectoryOverview of(
      Path path,
      DirectorySnapshot directory,
      MergePlan plan,
      List<MergedFamily> aboutWorkers,
      double mergeSeconds) {
    Map<String, Double> sums = new HashMap<>();
    for (MergedFamily family : aboutWorkers) {
      if (family.descriptor().type() == MetricType.COUNTER) {
        sums.put(family.descriptor().name(), Arrays.stream(family.values()).sum());
      }
    }
    int seriesCount = 0;
    long bytes = 0;
    for (Snapshot retained : directory.retained()) {
      seriesCount += retained.catalog().series().size();
      bytes += retained.bytes();
    }
    double retiredWorkers = sums.getOrDefault(Folding.RETIRED_WORKERS.name(), 0.0);
    return new DirectoryOverview(
        path,
        WorkerStatus.all(directory),
        plan.families(),
        directory.skipped(),
        directory.skippedFiles(),
        directory.bytes(),
        new Totals(retiredWorkers, seriesCount, bytes),
        sums,
        mergeSeconds);
  }

  /** The number of series of all families; what {@code multiprom_series} says. */
  public int seriesCount() {
    return families.stream().mapToInt(FamilyStatus::seriesCount).sum();
  }

  /** How many workers are live, or dead. */
  public long workerCount(boolean live) {
    return workers.stream().filter(worker -> worker.live() == live).count();
  }

  /** The sum of a family of workers about themselves; 0 if no worker has it. */
  public double sum(String family) {
    return sums.getOrDefault(family, 0.0);
  }
}
