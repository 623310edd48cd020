package io.github.multiprom.metrics;

import io.github.multiprom.internal.worker.IncarnationWriter;

/**
 * A worker file of this worker: the current one, or one that its series are leaving. Guarded by the
 * {@link SeriesPublisher}.
 */
final class SeriesHome {
  /** A file that is outgrown has so many times more dead series than live ones. */
  private static final long OUTGROWN = 4;

  /**
   * A file that is outgrown has so many bytes: label sets that come and go by some ten thousand a
   * second stay below it until the next file is there.
   */
  private static final long LEAST_OUTGROWN_BYTES = 16 << 20;

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
    return isWorthRenewing(maxSeries)
        && deadCount >= OUTGROWN * liveCount
        && writer.length() >= LEAST_OUTGROWN_BYTES;
  }
}
