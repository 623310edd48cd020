package io.github.multiprom.internal.cell;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * The summaries with quantiles of one worker file, removed ones too: what these counted leaves the
 * window as all else does. Thread-safe.
 */
public final class SummaryWindows {
  private final Queue<LaneNative> all = new ConcurrentLinkedQueue<>();

  /** Notes a summary. */
  public void add(LaneNative cells) {
    all.add(cells);
  }

  /**
   * Keeps what those have counted of which a step is over. For one thread, about once a second.
   * Without heap some snapshots are missing.
   *
   * @param nowMs now, milliseconds since the epoch
   */
  public void keepSnapshots(long nowMs) {
    for (LaneNative cells : all) {
      try {
        cells.keepSnapshot(nowMs);
      } catch (OutOfMemoryError e) {
        // It has no stamp, and so is passed over.
      }
    }
  }
}
