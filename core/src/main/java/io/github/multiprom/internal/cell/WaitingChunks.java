package io.github.multiprom.internal.cell;

import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The native histograms of one worker file with counts in memory, for want of space. Thread-safe.
 */
public final class WaitingChunks {
  private final Set<LaneNative> waiting = ConcurrentHashMap.newKeySet();

  void add(LaneNative cells) {
    waiting.add(cells);
  }

  /** Whether some have counts in memory. */
  public boolean hasSome() {
    return !waiting.isEmpty();
  }

  /** Moves what finds space by now into the file. */
  public void move() {
    for (LaneNative cells : List.copyOf(waiting)) {
      // First: what comes in meanwhile is noted again.
      waiting.remove(cells);
      if (!cells.moveWaiting()) {
        waiting.add(cells);
        return;
      }
    }
  }
}
