package io.github.multiprom.metrics;

import io.github.multiprom.internal.worker.IncarnationWriter;

/**
 * A worker file of this worker: the current one, or one that its series are leaving. Guarded by the
 * {@link SeriesPublisher}.
 */
final class SeriesHome {
  /** So many times as much as is worth a new file is dead in a file that is outgrown. */
  private static final long OUTGROWN = 4;

  /** However few series a family may have, so many may come and go at once. */
  private static final int LEAST_OUTGROWN = 2048;

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

  /** Whether it has grown so much meanwhile that new series should wait for the new file. */
  boolean isOutgrown(int maxSeries) {
    int deadCount = publishedCount - liveCount;
    return deadCount >= LEAST_OUTGROWN && deadCount >= OUTGROWN * Math.max(liveCount, maxSeries);
  }
}
