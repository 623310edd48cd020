package io.github.multiprom.metrics;

import io.github.multiprom.internal.directory.DirectoryReader;
import io.github.multiprom.internal.worker.StoreUnderTest;
import io.github.multiprom.model.DirectorySnapshot;
import io.github.multiprom.model.SeriesDescriptor;
import io.github.multiprom.model.Snapshot;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Workers of this process, and what their files hold. */
final class Workers {
  private Workers() {}

  /** Settings that the process' properties and environment do not change. */
  static WorkerSettings settings(Map<String, String> properties, Map<String, String> environment) {
    return new WorkerSettings(properties, environment);
  }

  static Worker.Builder builder() {
    return Worker.builder()
        .settings(settings(Map.of(), Map.of()))
        .store(StoreUnderTest.KIND.settingName());
  }

  static Worker inMemory() {
    return builder().open();
  }

  /** A worker whose chores a test does. */
  static Worker in(Path directory) {
    return builder().directory(directory).withoutHousekeeping().open();
  }

  /**
   * The first cells (of a distribution the third: the first bucket) of all series in the files of a
   * directory, added up by family and label values; removed series are left out.
   */
  static Map<String, Double> sums(Path directory) throws IOException {
    Map<String, Double> sums = new TreeMap<>();
    try (DirectoryReader reader = new DirectoryReader(directory)) {
      DirectorySnapshot snapshot = reader.read();
      for (Snapshot worker : snapshot.workers()) {
        List<SeriesDescriptor> all = worker.catalog().series();
        for (int i = 0; i < all.size(); i++) {
          if (worker.catalog().removedNanos()[i] == 0) {
            SeriesDescriptor series = all.get(i);
            var family = worker.catalog().familyOf(series);
            int cell = series.firstCell() + (family.type().isDistribution() ? 2 : 0);
            sums.merge(
                family.name() + series.labelValues(),
                worker.high()[cell] + worker.low()[cell],
                Double::sum);
          }
        }
      }
    }
    return sums;
  }
}
