package io.github.multiprom.merge;

import io.github.multiprom.model.FamilyDescriptor;
import io.github.multiprom.model.WorkerInfo;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Decides what of a series is still shown after workers removed it. Removing hides, it does not
 * subtract: a sum that falls by the share of one worker would be taken for a reset.
 *
 * <p>A <em>life</em> of a series begins when a worker makes it and ends when the worker removes it
 * or dies; a worker that adds a removed series again begins a new life of it. A retained share is a
 * life from its earliest contributor's beginning to its last one's end. A dead worker's end is its
 * announced exit, or else two seconds after its last beat. Incarnations of one worker are one.
 *
 * <p>The series <em>restarts</em> at the end of a life if at that moment no other worker has it and
 * some worker that removed it is alive. A life does not count any more if
 *
 * <ol>
 *   <li>it is of the worker whose life ended, and is that life or an earlier one, or
 *   <li>it is of another worker and began before the restart.
 * </ol>
 *
 * <p>Everything else counts in full, also removed lives. Two workers, each line a life:
 *
 * <pre>
 *  worker a   made ===== removed                 made ==========
 *  worker b        made ======== removed
 *                              ^ restart: no worker has it, and a and b live
 * </pre>
 *
 * <p>Until b removes it, the series shows the sum of both lives. Then it is hidden; from a's second
 * life on it shows that life alone. It follows that
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
  /**
   * One life.
   *
   * @param sequence the same number for the lives of one worker in one family of a label list,
   *     which follow one another: a worker may have the series in several at a time
   * @param order in which a worker published its lives
   * @param removerEndNanos how long a worker that removed the series lived on
   */
  private record Life(
      int part,
      int index,
      int sequence,
      long order,
      long createdNanos,
      long endNanos,
      long removerEndNanos) {
    boolean isRemoved() {
      return removerEndNanos != Long.MIN_VALUE;
    }
  }

  private static final int NONE = -1;

  private record Sequence(WorkerInfo worker, List<String> labelNames, List<Double> upperBounds) {}

  /** Takes what is decided. */
  interface Verdicts {
    /** Tells of a part's series whether its life counts. */
    void tell(int part, int series, boolean counts);
  }

  private final List<Part> parts;
  private final int[] sequences;
  private final Map<Integer, List<Life>> lives = new HashMap<>();

  /** The lives of series of some parts; none yet. */
  SeriesLives(List<Part> parts) {
    this.parts = parts;
    Map<Sequence, Integer> known = new HashMap<>();
    sequences = new int[parts.size()];
    for (int p = 0; p < sequences.length; p++) {
      Part part = parts.get(p);
      FamilyDescriptor family = part.family();
      sequences[p] =
          known.computeIfAbsent(
              new Sequence(part.worker(), family.labelNames(), family.upperBounds()),
              k -> known.size());
    }
  }

  /** Adds the life that a part's series is, in the order of the parts. */
  void add(int part, int series, int group) {
    lives
        .computeIfAbsent(group, k -> new ArrayList<>())
        .add(life(parts.get(part), part, series, sequences[part]));
  }

  /** Decides which lives count. All lives of a label set, or none, were added. */
  void decide(Verdicts verdicts) {
    lives.values().forEach(group -> decide(group, verdicts));
  }

  private static Life life(Part part, int p, int i, int sequence) {
    long endNanos = part.endNanos(i);
    return new Life(
        p,
        i,
        // Each retained share is from workers of its own.
        part.retained() ? NONE : sequence,
        ((long) part.source().ordinal() << Integer.SIZE) + part.series()[i],
        part.createdNanos(i),
        endNanos,
        part.isRemoved(i) ? Math.max(endNanos, part.source().endNanos()) : Long.MIN_VALUE);
  }

  /** Only the latest restart matters: it drops all that an earlier one would. */
  private static void decide(List<Life> lives, Verdicts verdicts) {
    Life last = null;
    for (Life life : lives) {
      if (life.endNanos != Part.NEVER
          && (last == null || life.endNanos >= last.endNanos)
          && isRestart(life, lives)) {
        last = life;
      }
    }
    for (Life life : lives) {
      verdicts.tell(life.part, life.index, last == null || !isDropped(life, last));
    }
  }

  /** Whether a life does not count since the restart at the end of another one. */
  private static boolean isDropped(Life life, Life ended) {
    return isOneSequence(life, ended)
        ? life.order <= ended.order
        : life.createdNanos <= ended.endNanos;
  }

  private static boolean isRestart(Life ended, List<Life> lives) {
    boolean removerLives = ended.isRemoved();
    for (Life life : lives) {
      if (!isOneSequence(life, ended)
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

  @SuppressWarnings("ReferenceEquality") // The same life, not an equal one.
  private static boolean isOneSequence(Life one, Life other) {
    return one.sequence == NONE
        ? one.part == other.part && one.index == other.index
        : one.sequence == other.sequence;
  }
}
