package io.github.multiprom.merge;

import io.github.multiprom.model.SeriesExemplar;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/**
 * The newest exemplar of each bucket of one series; a counter has one bucket. One thread.
 *
 * <p>An exemplar is of the bucket that its value falls into, whatever buckets its worker had. A
 * native histogram without classic buckets has some for {@linkplain SeriesExemplar#nativeSlot parts
 * of the range} in their place.
 */
final class NewestExemplars {
  private final List<Double> upperBounds;
  private final boolean isNativeOnly;
  // Null while there is none, as mostly.
  private SeriesExemplar[] newest;

  /**
   * None yet, of a series with these bounds without +Inf.
   *
   * @param isNative whether the series has a native view
   */
  NewestExemplars(List<Double> upperBounds, boolean isNative) {
    this.upperBounds = upperBounds;
    isNativeOnly = isNative && upperBounds.isEmpty();
  }

  void add(SeriesExemplar exemplar) {
    if (newest == null) {
      newest =
          new SeriesExemplar[isNativeOnly ? SeriesExemplar.NATIVE_SLOTS : upperBounds.size() + 1];
    }
    int bucket = isNativeOnly ? SeriesExemplar.nativeSlot(exemplar.value()) : 0;
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
