package io.github.multiprom.merge;

import io.github.multiprom.model.SeriesExemplar;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/**
 * The newest exemplar of each bucket of one series; a counter has one bucket. One thread.
 *
 * <p>An exemplar is of the bucket that its value falls into, whatever buckets its worker had.
 */
final class NewestExemplars {
  private final List<Double> upperBounds;
  // Null while there is none, as mostly.
  private SeriesExemplar[] newest;

  /** None yet, of a series with these bounds without +Inf. */
  NewestExemplars(List<Double> upperBounds) {
    this.upperBounds = upperBounds;
  }

  void add(SeriesExemplar exemplar) {
    if (newest == null) {
      newest = new SeriesExemplar[upperBounds.size() + 1];
    }
    int bucket = 0;
    while (bucket < upperBounds.size() && !(exemplar.value() <= upperBounds.get(bucket))) {
      bucket++;
    }
    if (newest[bucket] == null
        || SeriesExemplar.NEWEST_LAST.compare(newest[bucket], exemplar) < 0) {
      newest[bucket] = exemplar;
    }
  }

  /** For each bucket the newest, null where there is none; null if there are none at all. */
  SeriesExemplar[] byBucket() {
    return newest;
  }

  /** All of them. */
  List<SeriesExemplar> all() {
    return newest == null ? List.of() : Arrays.stream(newest).filter(Objects::nonNull).toList();
  }
}
