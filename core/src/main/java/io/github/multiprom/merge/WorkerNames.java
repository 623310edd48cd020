package io.github.multiprom.merge;

import io.github.multiprom.model.DirectorySnapshot;
import io.github.multiprom.model.Snapshot;
import io.github.multiprom.model.WorkerInfo;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Decides under which name each worker shows its own gauge series. Immutable.
 *
 * <p>Two live workers of one name (pid 1 in two containers) both get {@code -} and the short name
 * of their incarnation appended. Of live and dead workers with one name the newest counts (created,
 * then incarnation) and the others are left out, also what is retained of a worker of that name; of
 * live ones all count unless a dead one is newer than all of them.
 */
final class WorkerNames {
  static final Comparator<WorkerInfo> BY_AGE =
      Comparator.comparingLong(WorkerInfo::createdNanos).thenComparing(WorkerInfo::incarnation);

  private final String[] names;
  private final Map<String, WorkerInfo> newest = new HashMap<>();

  /** The names of a directory's workers, or of the live ones among them. */
  WorkerNames(DirectorySnapshot directory, boolean liveOnly) {
    List<Snapshot> workers = directory.workers();
    names = new String[workers.size()];
    Map<String, List<Integer>> byName = new HashMap<>();
    for (int i = 0; i < names.length; i++) {
      if (workers.get(i).live() || !liveOnly) {
        String name = workers.get(i).worker().workerName();
        byName.computeIfAbsent(name, k -> new ArrayList<>()).add(i);
      }
    }
    byName.forEach(
        (name, indexes) -> {
          indexes.sort(Comparator.comparing(i -> workers.get(i).worker(), BY_AGE));
          int last = indexes.get(indexes.size() - 1);
          newest.put(name, workers.get(last).worker());
          List<Integer> live = indexes.stream().filter(i -> workers.get(i).live()).toList();
          if (live.size() < 2 || !workers.get(last).live()) {
            names[last] = name;
            return;
          }
          for (int i : live) {
            names[i] = name + "-" + workers.get(i).worker().incarnation().shortName();
          }
        });
  }

  /** The name of the worker at an index of the directory; null if it is left out. */
  String nameOf(int worker) {
    return names[worker];
  }

  /** Whether a retired worker's series count: whether no worker of its name is newer. */
  boolean isNewest(String owner, long createdNanos) {
    WorkerInfo other = newest.get(owner);
    return other == null || other.createdNanos() < createdNanos;
  }
}
