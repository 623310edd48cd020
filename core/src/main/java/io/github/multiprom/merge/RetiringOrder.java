package io.github.multiprom.merge;

import io.github.multiprom.model.DirectorySnapshot;
import io.github.multiprom.model.Incarnation;
import io.github.multiprom.model.Snapshot;
import io.github.multiprom.model.WorkerInfo;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Which dead workers are retired, and in which order: a pass on a full disk retires the first ones
 * only, and some workers are dead although they cannot be retired yet.
 *
 * <p>A worker's file may hide what an earlier one has, and its totals would not hide it any more:
 *
 * <ul>
 *   <li>a series that it removed, of a worker that died before it;
 *   <li>the gauges of a worker of its name;
 *   <li>a series that moved into it. (Totals hide it too, but also one of that label set that never
 *       moved, if another worker of the totals has it.)
 * </ul>
 *
 * <p>So such a worker is a <em>later</em> one: it is retired after all others, in the order of
 * death, and waits for those that died before it. It does not wait for long, because a file that
 * can never be retired must not make others stay.
 */
final class RetiringOrder {
  /** Longer than a dead worker may take until it can be retired. */
  private static final long LONGEST_WAIT_NANOS = TimeUnit.MINUTES.toNanos(2);

  private final long nowNanos;
  // When the process ended that wrote a file.
  private final Map<Incarnation, Long> endNanos = new HashMap<>();
  private final Map<String, WorkerInfo> oldestOfName = new HashMap<>();

  private RetiringOrder(DirectorySnapshot directory, long nowNanos) {
    this.nowNanos = nowNanos;
    List<Snapshot> workers = directory.workers();
    Succession succession = new Succession(directory);
    long[] ends = new long[workers.size()];
    for (int i = 0; i < ends.length; i++) {
      int newest = succession.workerOf(i);
      long end = succession.isLive(i) ? Part.NEVER : Source.endNanos(workers.get(i), nowNanos);
      ends[newest] = Math.max(ends[newest], end);
    }
    for (int i = 0; i < ends.length; i++) {
      WorkerInfo worker = workers.get(i).worker();
      endNanos.put(worker.incarnation(), ends[succession.workerOf(i)]);
      if (!workers.get(i).live()) {
        oldestOfName.merge(
            worker.workerName(),
            worker,
            (one, other) -> WorkerNames.BY_AGE.compare(one, other) <= 0 ? one : other);
      }
    }
  }

  /**
   * The workers that are to be retired, in the order in which they are.
   *
   * @param retirable those that may be retired, in the order in which they would best be
   * @param pending those that are dead and may not be retired yet
   * @param nowNanos now, nanoseconds since the epoch
   */
  static List<WorkerInfo> of(
      DirectorySnapshot directory,
      List<Snapshot> retirable,
      List<Snapshot> pending,
      long nowNanos) {
    RetiringOrder order = new RetiringOrder(directory, nowNanos);
    List<Snapshot> ordered = new ArrayList<>();
    List<Snapshot> later = new ArrayList<>();
    for (Snapshot worker : retirable) {
      if (!order.isLater(worker)) {
        ordered.add(worker);
      } else if (!order.waits(worker, pending)) {
        later.add(worker);
      }
    }
    later.sort(
        Comparator.<Snapshot>comparingLong(order::endNanos)
            .thenComparing(Snapshot::worker, WorkerNames.BY_AGE));
    ordered.addAll(later);
    return ordered.stream().map(Snapshot::worker).toList();
  }

  /** Whether a worker's file may hide what another one has. */
  private boolean isLater(Snapshot worker) {
    return !worker.predecessors().isEmpty()
        || !worker.worker().equals(oldestOfName.get(worker.worker().workerName()))
        || Arrays.stream(worker.catalog().removedNanos()).anyMatch(nanos -> nanos != 0);
  }

  private boolean waits(Snapshot worker, List<Snapshot> pending) {
    return nowNanos - Source.endNanos(worker, nowNanos) < LONGEST_WAIT_NANOS
        && pending.stream().anyMatch(other -> endNanos(other) <= endNanos(worker));
  }

  private long endNanos(Snapshot worker) {
    return endNanos.get(worker.worker().incarnation());
  }
}
