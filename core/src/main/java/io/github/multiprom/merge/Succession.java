package io.github.multiprom.merge;

import io.github.multiprom.model.Catalog;
import io.github.multiprom.model.DirectorySnapshot;
import io.github.multiprom.model.FamilyDescriptor;
import io.github.multiprom.model.Incarnation;
import io.github.multiprom.model.LabelSet;
import io.github.multiprom.model.SeriesDescriptor;
import io.github.multiprom.model.Snapshot;
import io.github.multiprom.model.WorkerInfo;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Which worker files are of one worker, and what of a file moved into a later one. Lives while a
 * plan is made.
 *
 * <p>A worker that goes on in another file lists its earlier incarnations there. While both files
 * are there, a series of the earlier one that it did not remove counts only if no later one has
 * published that label set in a family of that name. Of the retained totals, which list the earlier
 * incarnations of retired workers, a series {@code overflow} may be any label set.
 *
 * <p>Incarnations of one process are one worker: it has one name, one vote, one age, and lives as
 * long as any of them.
 */
final class Succession {
  private final List<Snapshot> sources;
  private final int[] newest;
  private final BitSet[] moved;
  private final boolean[] live;

  Succession(DirectorySnapshot directory) {
    List<Snapshot> workers = directory.workers();
    sources = new ArrayList<>(workers);
    sources.addAll(directory.retained());
    newest = new int[sources.size()];
    moved = new BitSet[sources.size()];
    live = new boolean[sources.size()];
    Arrays.setAll(newest, i -> i);
    for (int i = 0; i < live.length; i++) {
      live[i] = sources.get(i).live();
    }
    for (int successor = 0; successor < newest.length; successor++) {
      if (!sources.get(successor).predecessors().isEmpty()) {
        for (int i = 0; i < workers.size(); i++) {
          if (succeeds(sources.get(successor), workers.get(i))) {
            move(i, successor, successor >= workers.size());
          }
        }
      }
    }
    for (int i = 0; i < workers.size(); i++) {
      live[newest[i]] |= live[i];
    }
  }

  /** Two files that list one another are damaged or forged: then neither hides the other. */
  private static boolean succeeds(Snapshot successor, Snapshot worker) {
    Incarnation incarnation = worker.worker().incarnation();
    return successor.predecessors().contains(incarnation)
        && !worker.predecessors().contains(successor.worker().incarnation());
  }

  private void move(int from, int to, boolean retained) {
    Snapshot before = sources.get(from);
    Snapshot after = sources.get(to);
    if (!retained
        && before.worker().sameProcess(after.worker())
        && (newest[from] == from
            || after.predecessors().contains(sources.get(newest[from]).worker().incarnation()))) {
      newest[from] = to;
    }
    Set<Identity> published = published(after.catalog());
    Catalog catalog = before.catalog();
    for (int i = 0; i < catalog.series().size(); i++) {
      SeriesDescriptor series = catalog.series().get(i);
      Identity identity = Identity.of(catalog, series);
      if (catalog.removedNanos()[i] == 0
          && (published.contains(identity)
              || (retained && published.contains(identity.withAnyLabels())))) {
        moved[from] = moved[from] == null ? new BitSet() : moved[from];
        moved[from].set(i);
      }
    }
  }

  /** A family's name and a label set; null for any label set. */
  private record Identity(String family, LabelSet labels) {
    static Identity of(Catalog catalog, SeriesDescriptor series) {
      FamilyDescriptor family = catalog.familyOf(series);
      return new Identity(family.name(), LabelSet.of(family.labelNames(), series.labelValues()));
    }

    Identity withAnyLabels() {
      return new Identity(family, null);
    }
  }

  private static Set<Identity> published(Catalog catalog) {
    Set<Identity> published = new HashSet<>();
    for (SeriesDescriptor series : catalog.series()) {
      Identity identity = Identity.of(catalog, series);
      published.add(identity);
      if (RetainedTotals.isOverflow(series.labelValues())) {
        published.add(identity.withAnyLabels());
      }
    }
    return published;
  }

  /** The source that stands for the worker of a source: its newest incarnation. */
  int workerOf(int source) {
    return newest[source];
  }

  /** The newest incarnation of the worker of a source. */
  WorkerInfo infoOf(int source) {
    return sources.get(newest[source]).worker();
  }

  /** How many of the sources are earlier incarnations of a source's worker. */
  int ordinal(int source) {
    Set<Incarnation> earlier = sources.get(source).predecessors();
    if (earlier.isEmpty()) {
      return 0;
    }
    // A worker does not list all that it ever had: those that were retired long ago are left out.
    return (int)
        sources.stream().filter(other -> earlier.contains(other.worker().incarnation())).count();
  }

  /** Whether the worker of a source lives. */
  boolean isLive(int source) {
    return live[newest[source]];
  }

  /** Which series of a source, by index in the catalog, count in a later file; null for none. */
  BitSet moved(int source) {
    return moved[source];
  }
}
