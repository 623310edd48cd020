package io.github.multiprom.merge;

import io.github.multiprom.model.DirectorySnapshot;
import io.github.multiprom.model.SeriesDescriptor;
import io.github.multiprom.model.Snapshot;
import io.github.multiprom.model.WorkerInfo;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Decides under which name each worker shows its own gauge series. Immutable.
 *
 * <p>Two live workers of one name (pid 1 in two containers) both get {@code -} and the short name
 * of their incarnation appended. A live worker beats the dead ones of its name, which are left out,
 * and so is what is retained of them. Where all are dead the newest counts (created, then
 * incarnation); one that was made later than now, by a clock that was ahead, loses against every
 * other.
 */
final class WorkerNames {
  static final Comparator<WorkerInfo> BY_AGE =
      Comparator.comparingLong(WorkerInfo::createdNanos).thenComparing(WorkerInfo::incarnation);

  private final String[] names;
  private final long nowNanos;
  private final Map<String, Set<Integer>> live = new HashMap<>();
  private final Map<String, Integer> newestDead = new HashMap<>();
  private final Map<String, Long> newestDeadNanos = new HashMap<>();

  WorkerNames(DirectorySnapshot directory, Succession succession, long nowNanos) {
    this.nowNanos = nowNanos;
    List<Snapshot> workers = directory.workers();
    for (int i = 0; i < workers.size(); i++) {
      int worker = succession.workerOf(i);
      WorkerInfo info = workers.get(worker).worker();
      if (succession.isLive(i)) {
        live.computeIfAbsent(info.workerName(), k -> new HashSet<>()).add(worker);
      } else {
        noteDead(info.workerName(), info.createdNanos());
        newestDead.merge(info.workerName(), worker, (a, b) -> newer(workers, a, b));
      }
    }
    for (Snapshot retained : directory.retained()) {
      for (SeriesDescriptor series : retained.catalog().series()) {
        if (!series.owner().isEmpty()) {
          noteDead(series.owner(), series.createdNanos());
        }
      }
    }
    names = new String[workers.size()];
    for (int i = 0; i < names.length; i++) {
      names[i] = nameOf(workers.get(succession.workerOf(i)).worker(), succession, i);
    }
  }

  /**
   * A time of creation by which workers of a name can be compared: that of one that was made later
   * than now is less than all others, and the later it is the less.
   */
  static long effective(long createdNanos, long nowNanos) {
    return createdNanos > nowNanos ? -createdNanos : createdNanos;
  }

  private void noteDead(String name, long createdNanos) {
    newestDeadNanos.merge(name, effective(createdNanos, nowNanos), Math::max);
  }

  private int newer(List<Snapshot> workers, int a, int b) {
    WorkerInfo one = workers.get(a).worker();
    WorkerInfo other = workers.get(b).worker();
    long oneNanos = effective(one.createdNanos(), nowNanos);
    long otherNanos = effective(other.createdNanos(), nowNanos);
    boolean first =
        oneNanos == otherNanos
            ? one.incarnation().compareTo(other.incarnation()) >= 0
            : oneNanos > otherNanos;
    return first ? a : b;
  }

  private String nameOf(WorkerInfo info, Succession succession, int source) {
    String name = info.workerName();
    Set<Integer> ofThatName = live.get(name);
    if (ofThatName == null) {
      boolean newest =
          newestDead.get(name) == succession.workerOf(source)
              && effective(info.createdNanos(), nowNanos) == newestDeadNanos.get(name);
      return newest ? name : null;
    }
    if (!succession.isLive(source)) {
      return null;
    }
    return ofThatName.size() == 1 ? name : withIncarnation(info);
  }

  /** The name of a worker whose name others have as well. */
  static String withIncarnation(WorkerInfo worker) {
    return worker.workerName() + "-" + worker.incarnation().shortName();
  }

  /** The name of the worker at a place in the directory; null if it is left out. */
  String nameOf(int worker) {
    return names[worker];
  }

  /** The name of a worker; null if it is left out. */
  String nameOf(Source worker) {
    return names[worker.index()];
  }

  /** The worker that a series is shown for; null if none. */
  String nameOf(Part part, int i) {
    if (!part.retained()) {
      return nameOf(part.source());
    }
    String owner = part.descriptor(i).owner();
    return !owner.isEmpty() && isShown(owner, part.descriptor(i).createdNanos()) ? owner : null;
  }

  /** Whether a retired worker's series count: no worker of its name lives or is newer. */
  private boolean isShown(String owner, long createdNanos) {
    return !live.containsKey(owner)
        && effective(createdNanos, nowNanos) == newestDeadNanos.get(owner);
  }
}
