package io.github.multiprom.metrics;

import io.github.multiprom.store.IncarnationWriter;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * What every child is besides its type: a label set, and where its cells are. The label set is
 * immutable; the rest is guarded by the {@link SeriesPublisher}, which alone moves a series.
 */
abstract class Series {
  /** {@link #index} while the series is not in the current worker file. */
  static final int UNPUBLISHED = -1;

  // The first two label values stand beside the array: most lookups need no more.
  final String first;
  final String second;
  final int hash;
  final long createdNanos;
  private final String[] labelValues;

  /** Index in the current worker file. */
  int index = UNPUBLISHED;

  /** The tick in which the series lost its worker file; it moves on in a later one. */
  long leftAtTick = -1;

  boolean removed;

  Series(String[] labelValues, long createdNanos) {
    this.labelValues = labelValues;
    this.createdNanos = createdNanos;
    first = labelValues.length > 0 ? labelValues[0] : null;
    second = labelValues.length > 1 ? labelValues[1] : null;
    hash = Children.hash(labelValues);
  }

  final List<String> labelValues() {
    return List.of(labelValues);
  }

  final long createdMs() {
    return TimeUnit.NANOSECONDS.toMillis(createdNanos);
  }

  final boolean hasLabelValues(String[] values) {
    return Arrays.equals(labelValues, values);
  }

  /** Starts to count in the series of a worker file. */
  abstract void attach(IncarnationWriter writer, int series);

  /** Starts to count in memory. */
  abstract void startInMemory();

  /** Prepares the move of a series whose worker file is lost; it goes on counting there. */
  abstract void leave();

  /** Goes on in the series of a worker file, to which the value is added. */
  abstract void moveTo(IncarnationWriter writer, int series);
}
