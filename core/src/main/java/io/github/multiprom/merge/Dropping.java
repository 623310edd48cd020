package io.github.multiprom.merge;

import io.github.multiprom.internal.directory.DirectoryReader;
import io.github.multiprom.internal.directory.RetiringPass;
import io.github.multiprom.model.DirectorySnapshot;
import io.github.multiprom.model.EpochClock;
import io.github.multiprom.model.FamilyDescriptor;
import io.github.multiprom.model.LabelSet;
import io.github.multiprom.model.MetricType;
import io.github.multiprom.model.SeriesDescriptor;
import io.github.multiprom.model.Snapshot;
import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Removes a family, or some of its series, from the retained totals of a directory. What the files
 * of workers hold stays. One thread.
 */
public final class Dropping {
  private final DirectoryReader reader;
  private final String name;
  private final Map<String, String> labels;
  private final Set<Dropped> dropped = new HashSet<>();

  /**
   * What was removed.
   *
   * @param series how many series, by their label sets
   * @param workers names of the workers, not yet retired, that have such series and so bring them
   *     back when they are retired
   */
  public record Result(int series, Set<String> workers) {}

  private record Dropped(LabelSet labels, String owner) {}

  /**
   * Removes, when it is told to, the series of a name whose labels contain some.
   *
   * @param reader reads the directory and stays open
   * @param name a family's name; of a counter with or without {@code _total}
   * @param labels what the labels of a series must be; an empty value stands for a label that it
   *     does not have. Empty for all series of the family
   */
  public Dropping(DirectoryReader reader, String name, Map<String, String> labels) {
    this.reader = reader;
    this.name = name;
    this.labels = Map.copyOf(labels);
  }

  /**
   * Removes them.
   *
   * @return null if a retirer is at work; the next call goes on, and tells of this one as well
   * @throws IOException if the totals cannot be read or written; they are as before then
   */
  public Result drop() throws IOException {
    if (!RetiringPass.isPossible(reader)) {
      throw new IOException("this process cannot change the totals of " + reader.directory());
    }
    for (long user : RetiringPass.users(reader)) {
      try (RetiringPass pass = RetiringPass.begin(user, reader)) {
        if (pass == null) {
          return null;
        }
        drop(pass);
      }
    }
    Set<String> workers = new TreeSet<>();
    for (Snapshot worker : reader.read().workers()) {
      if (hasSuch(worker, false)) {
        workers.add(worker.worker().workerName());
      }
    }
    return new Result(dropped.size(), workers);
  }

  private void drop(RetiringPass pass) throws IOException {
    Snapshot before = pass.retained();
    if (before == null || !hasSuch(before, true)) {
      return;
    }
    RetainedTotals totals = Folding.totals(before, List.of(), EpochClock.nowNanos());
    DirectorySnapshot alone = new DirectorySnapshot(List.of(), List.of(before), Map.of(), 0);
    for (Part part : Part.oldestFirst(alone, totals.nowNanos())) {
      for (int i = 0; i < part.seriesCount(); i++) {
        SeriesDescriptor series = part.descriptor(i);
        LabelSet set = LabelSet.of(part.family().labelNames(), series.labelValues());
        if (isSuch(part.family(), set)) {
          dropped.add(new Dropped(set, series.owner()));
        } else {
          totals.add(part, i);
        }
      }
    }
    pass.commit(totals.families(), List.of(), totals.maxSeries());
  }

  /** Whether totals or a worker have a series that is to go. */
  private boolean hasSuch(Snapshot snapshot, boolean totals) {
    List<SeriesDescriptor> series = snapshot.catalog().series();
    for (int i = 0; i < series.size(); i++) {
      FamilyDescriptor family = snapshot.catalog().familyOf(series.get(i));
      // In the totals this is the time of an end.
      boolean removed = !totals && snapshot.catalog().removedNanos()[i] != 0;
      if (!removed
          && isSuch(family, LabelSet.of(family.labelNames(), series.get(i).labelValues()))) {
        return true;
      }
    }
    return false;
  }

  private boolean isSuch(FamilyDescriptor family, LabelSet set) {
    boolean named =
        family.name().equals(name)
            || (family.type() == MetricType.COUNTER && name.equals(family.name() + "_total"));
    return named
        && labels.entrySet().stream()
            .allMatch(label -> label.getValue().equals(valueOf(label.getKey(), set)));
  }

  /** A label's value; empty if there is no such label. */
  private static String valueOf(String label, LabelSet set) {
    List<String> namesAndValues = set.namesAndValues();
    for (int i = 0; i < namesAndValues.size(); i += 2) {
      if (namesAndValues.get(i).equals(label)) {
        return namesAndValues.get(i + 1);
      }
    }
    return "";
  }
}
