package io.github.multiprom.metrics;

import io.github.multiprom.internal.file.FormatLimitException;
import io.github.multiprom.internal.os.StoreLog;
import io.github.multiprom.internal.worker.IncarnationWriter;
import io.github.multiprom.model.EpochClock;
import io.github.multiprom.model.Incarnation;
import java.io.IOException;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Moves the series of one worker into its worker file, and into the next one. The monitor of the
 * {@link SeriesPublisher} guards the files and series; the rest is for one thread, the housekeeper,
 * which looks at files, opens and closes them without the monitor.
 */
/* Mechanism: how series move to another worker file.
 *
 * A worker goes on in another file when its own has lost its name (deleted, or moved away with its
 * directory), or when most records in its file are dead: removed series keep theirs, and cells are
 * never used again. The new file names all earlier ones, its predecessors. A series moves in two
 * steps, a tick apart. First it gets a cell that locks, and that still counts in the old file. When
 * the next tick has come, no thread is inside an increment without the lock any more. Then, with
 * the lock held, the series is published in the new file with its value and counts there.
 *
 * The thread that removes a series asks for a renewal when it is due, and the housekeeper does not
 * wait for its tick then. But the file before must have been left, which takes a tick. If label sets
 * come and go so fast that the file is outgrown meanwhile, new series count in memory until the next
 * file is there, and those that are removed by then are never written. So no file grows far beyond that; a
 * kill loses what counts in memory, as on a full disk.
 *
 * Readers take an unremoved series of an old file as long as no successor has published it. So each
 * increment counts once, wherever the worker is killed and whichever of the files are there. While
 * one series is left in an old file, its lease stays held: nobody retires it.
 *
 * An old file whose name is gone may come back. Its lease stays held until then, as only the file
 * that the worker is in by that time says which of its series count.
 */
final class SeriesMover {
  /** So many files whose names are gone are expected to come back. */
  private static final int MAX_AWAY = 8;

  private static final String FILE_LOST = "file_lost";
  private static final String RETIRED_WRONGLY = "retired_wrongly";

  private final Worker worker;
  private final SeriesPublisher publisher;
  private final WorkerFiles files;
  private final WaitingSeries waiting;
  private final SeriesDirectory directory;
  // Earlier incarnations whose files may be there or come back.
  private final Set<Incarnation> predecessors = new LinkedHashSet<>();
  private boolean isCrowded;
  // At the last tick, for want of space in the file that their series are in.
  private boolean bucketsWait;
  // Of the exit, too.
  private volatile boolean needsSpace;

  SeriesMover(Worker worker, SeriesPublisher publisher, SeriesDirectory directory) {
    this.worker = worker;
    this.publisher = publisher;
    this.directory = directory;
    files = publisher.files();
    waiting = files.waiting;
  }

  /**
   * Does what is due: notes that the worker lives, opens a file if there is none, if it has lost
   * its name or if most of it is dead, and moves series into the file. Called by one thread, with a
   * pause between two calls that is longer than any increment takes.
   */
  void tick() {
    SeriesHome current = files.current();
    if (current == null) {
      openLate();
    } else {
      beat();
      noteWhetherBucketsWait(current);
      if (!current.writer.isReachable()) {
        leave(current, true);
      }
    }
    doChores();
    moveWaiting();
    giveUpWhatWasLeft();
    renew();
    endTick();
    publisher.log().write();
  }

  /**
   * Opens a new file if most of the current one is dead and all series have left those before.
   * Called by the thread of {@link #tick}, at any time: label sets may come and go fast.
   */
  void renew() {
    SeriesHome current = files.current();
    isCrowded = false;
    // One that has lost its name is left by the next tick.
    if (!isToBeRenewed() || !current.writer.isReachable()) {
      return;
    }
    // What is not beside the current file was retired, or stands with a lost one.
    predecessors.removeIf(earlier -> !isLeft(earlier) && !directory.has(earlier));
    isCrowded = predecessors.stream().anyMatch(earlier -> !isLeft(earlier));
    if (!isCrowded || !putRenewalOff()) {
      leave(current, false);
      moveWaiting();
    }
  }

  private boolean putRenewalOff() {
    synchronized (publisher) {
      return files.putRenewalOff();
    }
  }

  private boolean isToBeRenewed() {
    synchronized (publisher) {
      return files.areToBeRenewed();
    }
  }

  private void moveWaiting() {
    SeriesHome current = files.current();
    needsSpace = current == null || current.writer.needsSpace();
    for (int left = waitingCount(); current != null && left > 0; left--) {
      if (!moveNext()) {
        needsSpace = true;
        return;
      }
    }
  }

  /** Whether dead workers should be retired for want of space: series, or the file, found none. */
  boolean needsSpace() {
    return needsSpace;
  }

  /** Whether a renewal waits until an earlier file of this worker is retired. */
  boolean isCrowded() {
    return isCrowded;
  }

  /** Does what of the last tick found no space. */
  void useSpace() {
    SeriesHome current = files.current();
    if (current == null) {
      openLate();
    } else {
      current.writer.noteSpace();
    }
    moveWaiting();
    publisher.log().write();
  }

  /** Without the monitor, which new series need: a file system may hold up the look at a lease. */
  private void beat() {
    long now = EpochClock.nowNanos();
    for (SeriesHome each : homes()) {
      each.writer.beat(now);
    }
  }

  private void noteWhetherBucketsWait(SeriesHome current) {
    boolean before = bucketsWait;
    bucketsWait = current.writer.needsSpace();
    if (bucketsWait && !before) {
      publisher.noteNoSpaceForBuckets();
    }
  }

  private List<SeriesHome> homes() {
    synchronized (publisher) {
      return files.all();
    }
  }

  private void endTick() {
    synchronized (publisher) {
      waiting.endTick();
      waiting.noteWhetherSome();
    }
  }

  private void doChores() {
    synchronized (publisher) {
      publisher.lookForSamplers();
      files.markRemoved();
    }
  }

  private int waitingCount() {
    synchronized (publisher) {
      return files.current() == null ? 0 : waiting.count();
    }
  }

  private void openLate() {
    IncarnationWriter opened;
    try {
      opened = directory.open(List.of());
    } catch (IOException | RuntimeException | Error e) {
      // The worker has said so when it was opened.
      return;
    }
    if (moveOut(opened, false)) {
      StoreLog.warnOnce(
          "opened late " + worker,
          "The metrics directory of worker "
              + worker
              + " can be used now; what was counted in memory moves into it");
    } else {
      opened.close();
    }
  }

  /** Opens the next file and begins to move all series there. */
  private void leave(SeriesHome current, boolean isLost) {
    Incarnation own = current.writer.info().incarnation();
    predecessors.add(own);
    IncarnationWriter next;
    try {
      next = directory.open(predecessors);
    } catch (IOException | RuntimeException e) {
      predecessors.remove(own);
      if (isLost) {
        StoreLog.errorOnce(
            "lost " + worker,
            "The worker file of " + worker + " was deleted and no new one can be made: " + e);
      }
      noteFailedRenewal();
      return;
    }
    // Its name is gone because it was retired, or the totals do not list it.
    boolean wasRetired = isLost && directory.wasRetired(own);
    if (!moveOut(next, wasRetired)) {
      next.close();
      return;
    }
    if (isLost) {
      tellOfLoss(own, wasRetired);
    }
  }

  private void noteFailedRenewal() {
    synchronized (publisher) {
      files.noteFailedRenewal();
    }
  }

  private boolean isLeft(Incarnation earlier) {
    synchronized (publisher) {
      return files.isLeft(earlier);
    }
  }

  private void tellOfLoss(Incarnation own, boolean wasRetired) {
    if (wasRetired) {
      StoreLog.errorOnce(
          "retired " + own,
          "Worker "
              + worker
              + " was retired although it lives. What it had counted is in the retained totals; it"
              + " starts again from 0 in a new file");
    } else {
      StoreLog.warnOnce(
          "replaced " + own,
          "The worker file of " + worker + " was deleted; all series move into a new one");
    }
    publisher.noteError(wasRetired ? RETIRED_WRONGLY : FILE_LOST);
  }

  /**
   * Makes a file the current one.
   *
   * @param wasRetired whether the series of the one before were retired with it
   */
  private boolean moveOut(IncarnationWriter next, boolean wasRetired) {
    synchronized (publisher) {
      if (files.isClosed()) {
        return false;
      }
      waiting.dropNamed();
      SeriesHome before = files.current();
      files.replace(next);
      List<MetricFamily> all = publisher.allFamilies();
      for (MetricFamily family : all) {
        family.forgetIndexes();
      }
      for (MetricFamily family : all) {
        files.publish(family);
        for (Series child : family.children.all()) {
          if (child.home == before && wasRetired) {
            child.startAgain();
            child.home = null;
            before.liveCount--;
          } else if (child.home != null) {
            waiting.leave(child);
          }
          waiting.add(child);
        }
      }
      return true;
    }
  }

  /** Moves the first series that waits; false if there is no space for it. */
  private boolean moveNext() {
    synchronized (publisher) {
      Series child = waiting.poll();
      if (child == null || child.removed || files.isClosed()) {
        return true;
      }
      boolean moved = false;
      try {
        if (waiting.mayMove(child)) {
          if (child.leader != null) {
            child.join(child.leader);
          } else {
            files.move(child);
          }
          moved = true;
        }
        return true;
      } catch (FormatLimitException e) {
        // Others may fit.
        return true;
      } catch (IOException e) {
        // Known already.
        return false;
      } finally {
        if (!moved) {
          waiting.add(child);
        }
      }
    }
  }

  /** Gives up the leases of files that no series is in any more. Without the monitor, as above. */
  private void giveUpWhatWasLeft() {
    int awayCount = 0;
    for (SeriesHome other : emptyHomes()) {
      boolean isBack = other.writer.isReachable();
      if (!isBack) {
        awayCount++;
        deleteIfUnreadable(other);
      }
      if (isBack || awayCount > MAX_AWAY) {
        other.writer.close();
        forget(other);
      }
    }
  }

  private List<SeriesHome> emptyHomes() {
    synchronized (publisher) {
      return files.empty();
    }
  }

  private void forget(SeriesHome other) {
    synchronized (publisher) {
      files.forget(other);
    }
  }

  private static void deleteIfUnreadable(SeriesHome other) {
    try {
      other.writer.deleteIfUnreadable();
    } catch (IOException e) {
      // The next tick may do better. Collectors say that they cannot read it.
    }
  }

  /** Whether series wait to be moved into a file, or something that they observed. */
  boolean hasWaiting() {
    SeriesHome current = files.current();
    return waiting.hasSome() || (current != null && current.writer.needsSpace());
  }

  /**
   * Moves what waits, as there will be no other tick. The caller waits before, longer than an
   * increment takes.
   */
  void moveAtExit() {
    synchronized (publisher) {
      waiting.endTick();
      SeriesHome current = files.current();
      if (current != null) {
        current.writer.noteSpace();
      }
      moveWaiting();
      waiting.noteWhetherSome();
    }
  }
}
