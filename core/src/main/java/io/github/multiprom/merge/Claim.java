package io.github.multiprom.merge;

import io.github.multiprom.model.WorkerInfo;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;

/**
 * How good a claim is that what some workers say of a family is shown. One thread; compare no claim
 * that will change.
 *
 * <p>The claim of most live workers is the best; of as many, the one whose oldest live worker is
 * oldest, so that a restart in the middle of a deploy turns nothing over. A worker is as old as its
 * process: its file may be younger. Without live workers it is the claim of the one that lived
 * last.
 */
final class Claim implements Comparable<Claim> {
  /** Live workers are of one boot; that it comes first makes this an order of whatever is read. */
  private static final Comparator<WorkerInfo> BY_START =
      Comparator.comparing(WorkerInfo::bootId)
          .thenComparingLong(WorkerInfo::startTicks)
          .thenComparing(WorkerNames.BY_AGE);

  private final Map<WorkerInfo, WorkerInfo> live = new HashMap<>();
  private long endNanos = Long.MIN_VALUE;

  /** Adds a part of a worker that says so. */
  void add(Part part) {
    if (part.live()) {
      live.put(part.worker(), part.source().snapshot().worker());
    } else {
      endNanos = Math.max(endNanos, part.lastEndNanos());
    }
  }

  /** The better claim is the greater one. */
  @Override
  public int compareTo(Claim other) {
    int byLive = Integer.compare(live.size(), other.live.size());
    if (byLive != 0) {
      return byLive;
    }
    if (live.isEmpty()) {
      return Long.compare(endNanos, other.endNanos);
    }
    return BY_START.compare(other.oldest(), oldest());
  }

  private WorkerInfo oldest() {
    return live.values().stream().min(BY_START).orElseThrow();
  }
}
