package io.github.multiprom.merge;

import static io.github.multiprom.model.SeriesLayout.EARLIER_COUNT_CELL;
import static io.github.multiprom.model.SeriesLayout.FIRST_STAMP_CELL;

import io.github.multiprom.model.BucketChunk;
import io.github.multiprom.model.ChunkKey;
import io.github.multiprom.model.EpochClock;
import io.github.multiprom.model.NativeSum;
import io.github.multiprom.model.QuantileWindow;
import io.github.multiprom.model.RefinedCells;
import io.github.multiprom.model.RefinedCounts;
import io.github.multiprom.model.SeriesDescriptor;
import io.github.multiprom.model.Snapshot;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;

/**
 * The quantiles of a family of summaries over all workers that have some. One merge at a time.
 *
 * <p>The cells of such a summary count since its beginning, and a worker notes at each step of its
 * window what they had counted by then. Taken from what they have counted by now, this leaves what
 * was counted since: what each worker counted in the window, which adds up.
 *
 * <ul>
 *   <li>A series that was made in the window counts whole.
 *   <li>Else what it had counted at the first step that is not before the window is taken away.
 *   <li>A dead worker that did not live to see such a step is out of the window. A live one whose
 *       steps are late has its last one taken away.
 *   <li>A worker none of whose steps can be read is left out.
 * </ul>
 *
 * <p>Which window that is, and which quantiles, the family's definition says, also where a worker
 * defines others.
 */
final class WindowAdder {
  private static final long NANOS_PER_MS = EpochClock.NANOS_PER_MILLISECOND;

  /** What one part adds to a group. */
  private record Share(
      Source source, QuantileWindow window, RefinedCells refined, int series, int firstCell) {}

  // Null if no quantiles are shown.
  private final QuantileWindow window;
  // By group.
  private final List<List<Share>> shares = new ArrayList<>();
  private final NativeSum sum = new NativeSum();

  private WindowAdder(QuantileWindow window, SeriesGroups groups) {
    this.window = window;
    for (int group = 0; group < groups.size(); group++) {
      shares.add(new ArrayList<>(1));
    }
    for (int p = 0; p < groups.parts().size(); p++) {
      Part part = groups.parts().get(p);
      RefinedCells refined = RefinedCells.of(part.family());
      for (int i = 0; refined != null && i < part.seriesCount(); i++) {
        if (groups.isCounting(p, i)) {
          shares
              .get(groups.groupOf(p, i))
              .add(
                  new Share(
                      part.source(),
                      part.family().window(),
                      refined,
                      part.series()[i],
                      part.descriptor(i).firstCell()));
        }
      }
    }
  }

  /**
   * What adds up the summaries of a family.
   *
   * @return null if none has quantiles
   */
  static WindowAdder of(QuantileWindow window, SeriesGroups groups) {
    return groups.parts().stream().allMatch(part -> part.family().window() == null)
        ? null
        : new WindowAdder(window, groups);
  }

  /** How much the parts with quantiles counted in a group. */
  double count(int group) {
    double count = 0;
    for (Share share : shares.get(group)) {
      Snapshot snapshot = share.source.snapshot();
      count += snapshot.high()[share.firstCell + EARLIER_COUNT_CELL];
      for (BucketChunk chunk : snapshot.chunks().getOrDefault(share.series, List.of())) {
        for (int i = 0; i < RefinedCells.CHUNK_CELLS; i++) {
          count += snapshot.high()[chunk.firstCell() + i];
        }
      }
    }
    return count;
  }

  /**
   * The quantiles of a group, in the order of the definition.
   *
   * @param nowMs now, milliseconds since the epoch
   */
  double[] quantiles(int group, long nowMs) {
    sum.clear();
    shares.get(group).forEach(share -> add(share, nowMs));
    return sum.quantiles(window.quantiles());
  }

  private void add(Share share, long nowMs) {
    Snapshot snapshot = share.source.snapshot();
    SeriesDescriptor series = snapshot.catalog().series().get(share.series);
    long beginMs = window.beginMs(nowMs);
    long createdMs = series.createdNanos() / NANOS_PER_MS;
    if (createdMs >= beginMs && createdMs <= nowMs) {
      add(share, Map.of());
      return;
    }
    BitSet torn = new BitSet();
    while (true) {
      int place = placeBefore(share, beginMs, nowMs, torn);
      if (place < 0) {
        if (snapshot.live() && torn.isEmpty()) {
          add(share, Map.of());
        }
        return;
      }
      double stampMs = stampMs(share, place);
      if (stampMs < beginMs && !snapshot.live()) {
        return;
      }
      RefinedCounts before = snapshot.history().at(share.series, place, stampMs);
      if (before != null) {
        add(share, before.chunks());
        return;
      }
      torn.set(place);
    }
  }

  private void add(Share share, Map<ChunkKey, double[]> before) {
    Snapshot snapshot = share.source.snapshot();
    for (BucketChunk chunk : snapshot.chunks().getOrDefault(share.series, List.of())) {
      sum.addSince(
          share.refined, chunk.key(), snapshot.high(), chunk.firstCell(), before.get(chunk.key()));
    }
  }

  private static double stampMs(Share share, int place) {
    return share.source.snapshot().high()[share.firstCell + FIRST_STAMP_CELL + place];
  }

  /** The place of the first snapshot in the window; if there is none, of the last one; or -1. */
  private static int placeBefore(Share share, long beginMs, long nowMs, BitSet torn) {
    int found = -1;
    double best = 0;
    for (int place = 0; place < share.window.places(); place++) {
      double stampMs = stampMs(share, place);
      // Not what a clock that was ahead has left.
      if (stampMs > 0
          && stampMs <= nowMs
          && !torn.get(place)
          && (found < 0
              || (best < beginMs ? stampMs > best : stampMs >= beginMs && stampMs < best))) {
        found = place;
        best = stampMs;
      }
    }
    return found;
  }
}
