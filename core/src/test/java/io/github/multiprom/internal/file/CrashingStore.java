package io.github.multiprom.internal.file;

import io.github.multiprom.internal.worker.IncarnationWriter;
import io.github.multiprom.internal.worker.Killable;
import io.github.multiprom.internal.worker.MappedIncarnation;
import io.github.multiprom.internal.worker.StoreOptions;
import io.github.multiprom.model.Incarnation;
import io.github.multiprom.model.WorkerInfo;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/**
 * Opens the incarnations of one worker, stops it after a step of the files' protocols, and ends it
 * as a kill does. One thread.
 */
public final class CrashingStore {
  private final List<MappedIncarnation> opened = new ArrayList<>();
  private int stepsLeft = Integer.MAX_VALUE;
  private int passed;

  /** Stops the worker: nothing of the library catches it. */
  public static final class Crash extends Error {
    private static final long serialVersionUID = 1;
  }

  /** Opens an incarnation whose header names a process that does not run. */
  public IncarnationWriter open(
      Path directory, StoreOptions options, Collection<Incarnation> predecessors)
      throws IOException {
    WorkerInfo info = MappedIncarnation.newInfo(options, Killable.gone());
    MappedIncarnation incarnation =
        MappedIncarnation.inDirectory(
            directory, options, info, List.copyOf(predecessors), step -> pass());
    opened.add(incarnation);
    return incarnation;
  }

  private void pass() {
    passed++;
    if (--stepsLeft == 0) {
      throw new Crash();
    }
  }

  /** Crashes after so many steps more. */
  public void crashAfter(int steps) {
    stepsLeft = steps;
    passed = 0;
  }

  /** How many steps were passed since it was said when to crash. */
  public int passed() {
    return passed;
  }

  /** Gives up all leases without a mark. */
  public void kill() {
    opened.forEach(MappedIncarnation::abandon);
  }
}
