package io.github.multiprom.metrics;

import io.github.multiprom.internal.worker.IncarnationWriter;

/**
 * A worker file of this worker: the current one, or one that its series are leaving. Guarded by the
 * {@link SeriesPublisher}.
 */
final class SeriesHome {
  final IncarnationWriter writer;

  /** Series that were published in the file. */
  int publishedCount;

  /** Those of them that were not removed and have not moved on. */
  int liveCount;

  /** Removed series whose tombstone found no space. */
  int unmarkedCount;

  SeriesHome(IncarnationWriter writer) {
    this.writer = writer;
  }

  /** Whether a new file would be at most half as long: all records stay, those of the dead too. */
  boolean isWorthRenewing(int maxSeries) {
    int deadCount = publishedCount - liveCount;
    return deadCount > liveCount && deadCount >= maxSeries;
  }
}
