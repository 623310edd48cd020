package io.github.multiprom.merge;

import io.github.multiprom.model.Snapshot;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Decides what of a series is still shown after workers removed it. Removing hides, it does not
 * subtract: a sum that falls by the share of one worker would be taken for a reset.
 *
 * <p>A <em>life</em> of a series begins when a worker makes it and ends when the worker removes it
 * or dies; a worker that adds a removed series again begins a new life of it. A retained share is a
 * life from its earliest contributor's beginning to its last one's end. A dead worker's end is its
 * announced exit, or else two seconds after its last beat.
 *
 * <p>The series <em>restarts</em> at the end of a life if at that moment no other worker has it and
 * some worker that removed it is alive. Lives that began before a restart do not count any more;
 * among the lives of the worker whose life ended, those up to that one. Everything else counts in
 * full, also removed lives. It follows that
 *
 * <ul>
 *   <li>as long as one live worker has the series, it is shown with everything that contributes;
 *   <li>once every live worker that had it has removed it, it is hidden, with the shares of dead
 *       workers and the retained ones, and stays hidden when these workers die;
 *   <li>added again, it starts from 0 and from the new created time;
 *   <li>what only dead workers have, and none removed, is shown.
 * </ul>
 *
 * <p>Times are those of the workers' clocks. A worker that hung for longer than that before it died
 * counts as dead from its last beat on.
 */
final class SeriesLives {
  /** How long after its last beat a dead worker may have lived. */
  private static final long BEAT_NANOS = 2_000_000_000L;

  private static final long FOR_EVER = Long.MAX_VALUE;

  /** One life; {@code removerEndNanos} tells how long a worker that removed it lived on. */
  private record Life(
      int part, int index, long worker, long createdNanos, long endNanos, long removerEndNanos) {
    boolean isRemoved() {
      return removerEndNanos != Long.MIN_VALUE;
    }
  }

  private SeriesLives() {}

  /**
   * For each series of each part whether its life counts; null if all do.
   *
   * @param groups for each series of each part the number of its label set
   * @param groupCount how many label sets there are
   */
  static boolean[][] counting(List<Part> parts, int[][] groups, int groupCount) {
    boolean[] removed = removedGroups(parts, groups, groupCount);
    if (removed == null) {
      return null;
    }
    List<List<Life>> lives = new ArrayList<>();
    for (int group = 0; group < groupCount; group++) {
      lives.add(removed[group] ? new ArrayList<>() : List.of());
    }
    boolean[][] counting = new boolean[parts.size()][];
    for (int p = 0; p < counting.length; p++) {
      counting[p] = new boolean[groups[p].length];
      Arrays.fill(counting[p], true);
      long endNanos = endNanos(parts.get(p).snapshot());
      for (int i = 0; i < groups[p].length; i++) {
        if (removed[groups[p][i]]) {
          lives.get(groups[p][i]).add(life(parts.get(p), p, i, endNanos));
        }
      }
    }
    for (List<Life> group : lives) {
      dropBeforeRestart(group, counting);
    }
    return counting;
  }

  /** The label sets that a worker removed; null if there is none. */
  private static boolean[] removedGroups(List<Part> parts, int[][] groups, int groupCount) {
    boolean[] removed = null;
    for (int p = 0; p < groups.length; p++) {
      for (int i = 0; i < groups[p].length; i++) {
        if (parts.get(p).isRemoved(i)) {
          removed = removed == null ? new boolean[groupCount] : removed;
          removed[groups[p][i]] = true;
        }
      }
    }
    return removed;
  }

  private static long endNanos(Snapshot worker) {
    if (worker.live()) {
      return FOR_EVER;
    }
    long beatNanos = Math.max(worker.beatNanos(), worker.worker().createdNanos());
    return worker.exitNanos() == 0
        ? beatNanos + BEAT_NANOS
        : Math.max(beatNanos, worker.exitNanos());
  }

  /** When the life of a series ended or, at the latest, will. */
  static long endNanos(Part part, int i) {
    return endNanos(part, i, endNanos(part.snapshot()));
  }

  private static long endNanos(Part part, int i, long workerEndNanos) {
    long removedNanos = part.removedNanos(i);
    return Math.max(
        part.descriptor(i).createdNanos(), removedNanos == 0 ? workerEndNanos : removedNanos);
  }

  private static Life life(Part part, int p, int i, long workerEndNanos) {
    long createdNanos = part.descriptor(i).createdNanos();
    long endNanos = endNanos(part, i, workerEndNanos);
    // Each retained share is from workers of its own.
    long worker =
        part.retained() ? -1L - part.series()[i] - ((long) part.source() << 32) : part.source();
    long removerEndNanos = part.isRemoved(i) ? Math.max(endNanos, workerEndNanos) : Long.MIN_VALUE;
    return new Life(p, i, worker, createdNanos, endNanos, removerEndNanos);
  }

  /** Only the latest restart matters: it drops all that an earlier one would. */
  private static void dropBeforeRestart(List<Life> lives, boolean[][] counting) {
    Life last = null;
    for (Life life : lives) {
      if (life.endNanos != FOR_EVER
          && (last == null || life.endNanos >= last.endNanos)
          && isRestart(life, lives)) {
        last = life;
      }
    }
    if (last == null) {
      return;
    }
    for (Life life : lives) {
      if (life.worker == last.worker ? !isAfter(life, last) : life.createdNanos <= last.endNanos) {
        counting[life.part][life.index] = false;
      }
    }
  }

  private static boolean isRestart(Life ended, List<Life> lives) {
    boolean removerLives = ended.isRemoved();
    for (Life life : lives) {
      if (life.worker != ended.worker
          && life.createdNanos <= ended.endNanos
          && ended.endNanos < life.endNanos) {
        return false;
      }
      removerLives |=
          life.isRemoved()
              && life.endNanos <= ended.endNanos
              && ended.endNanos < life.removerEndNanos;
    }
    return removerLives;
  }

  /** Whether a life of the same worker follows another: the order in which it published them. */
  private static boolean isAfter(Life life, Life other) {
    return life.part > other.part || (life.part == other.part && life.index > other.index);
  }
}
