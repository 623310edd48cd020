package io.github.multiprom.merge;

import io.github.multiprom.internal.directory.DirectoryReader;
import io.github.multiprom.internal.directory.RetiringPass;
import io.github.multiprom.internal.directory.RetiringThreads;
import io.github.multiprom.internal.file.NoSpaceException;
import io.github.multiprom.internal.os.StoreLog;
import io.github.multiprom.model.EpochClock;
import io.github.multiprom.model.Snapshot;
import io.github.multiprom.model.WorkerInfo;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;

/**
 * Folds dead workers into the retained totals of a directory, so that their files can go.
 * Thread-safe; of several retirers, in whatever processes, one works at a time.
 *
 * <p>What a scrape shows does not change by it: the same rules say what of a dead worker counts. A
 * pass also drops from the totals what {@link SeriesLives} says is gone for good.
 */
public final class Retirer implements AutoCloseable {
  /** After a pass that had nothing to do, the next one waits so long. */
  private static final long IDLE_NANOS = 1_000_000_000L;

  private static final long CLOSE_MS = 2_000;

  /** A pass takes far less. */
  private static final long LONG_NANOS = 30_000_000_000L;

  private static final long BACKLOG_PAUSE_NANOS = 100_000_000L;

  /** That nothing was done because some of the workers lived on after they were read. */
  private static final int LIVED_ON = -2;

  /** That nothing was done because another retirer is at work. */
  public static final int BUSY = -1;

  private final DirectoryReader reader;
  // Held by a pass. Never taken with the reader's monitor held, which a pass needs.
  private final Object pass = new Object();
  private final AtomicBoolean awake = new AtomicBoolean();
  private volatile long idleUntilNanos = System.nanoTime();
  private volatile boolean closed;
  // 0: no other process is retiring. By one thread at a time.
  private volatile long busySinceNanos;

  /** A retirer of the directory that a reader reads; the reader stays open. */
  public Retirer(DirectoryReader reader) {
    this.reader = reader;
    // A wrong setting is told of at once, and not when the first worker has died.
    Folding.maxGaugeWorkers();
  }

  /** Runs a pass soon, on a thread of its own, unless one runs already. Never throws. */
  void wake() {
    if (!closed && System.nanoTime() - idleUntilNanos >= 0 && awake.compareAndSet(false, true)) {
      try {
        RetiringThreads.start(reader.directory(), this::retireQuietly);
      } catch (OutOfMemoryError e) {
        // No thread to be had: another scrape will try again.
        awake.set(false);
      }
    }
  }

  private void retireQuietly() {
    int retired = 0;
    try {
      retired = retire();
      tellIfBusy(retired == BUSY);
    } catch (IOException | RuntimeException | Error e) {
      if (!closed) {
        StoreLog.warnOnce(
            "retire " + e, "Dead workers cannot be retired now and are served as they are: " + e);
      }
    } finally {
      // Dead workers that cannot be retired must not cost every scrape a pass.
      idleUntilNanos = System.nanoTime() + (retired > 0 ? 0 : IDLE_NANOS);
      awake.set(false);
    }
  }

  /** Another user who may write in the directory can take the lock and never release it. */
  private void tellIfBusy(boolean busy) {
    long now = System.nanoTime();
    if (!busy) {
      busySinceNanos = 0;
    } else if (busySinceNanos == 0) {
      busySinceNanos = now;
    } else if (now - busySinceNanos > LONG_NANOS) {
      reader.tellOfLock();
    }
  }

  /**
   * Runs a pass, after one of this retirer that is running. The caller must not hold the reader's
   * monitor.
   *
   * @return how many workers were retired; {@link #BUSY} if another retirer is at work
   * @throws IOException if the directory cannot be written; nothing is lost then
   */
  public int retire() throws IOException {
    if (!RetiringPass.isPossible(reader)) {
      return 0;
    }
    StoreLog.hold();
    try {
      synchronized (pass) {
        return retireAll();
      }
    } finally {
      StoreLog.release();
    }
  }

  private int retireAll() throws IOException {
    int retired = 0;
    boolean busy = false;
    for (long user : RetiringPass.users(reader)) {
      int some = retireAll(user);
      retired += Math.max(0, some);
      busy |= some == BUSY;
    }
    return busy && retired == 0 ? BUSY : retired;
  }

  private int retireAll(long user) throws IOException {
    int retired = 0;
    while (true) {
      try (RetiringPass begun = RetiringPass.begin(user, reader)) {
        if (begun == null) {
          return retired > 0 ? retired : BUSY;
        }
        Outcome outcome = retireWhatFits(begun, EpochClock::nowNanos);
        retired += outcome.retired;
        if (outcome.retired == 0 || outcome.isComplete) {
          return retired;
        }
        // The files that this pass deleted gave space for more.
      } catch (NoSpaceException e) {
        if (retired == 0) {
          throw e;
        }
        return retired;
      }
    }
  }

  private record Outcome(int retired, boolean isComplete) {}

  /**
   * Retires a backlog for a scrape that would not find room for it: here and now, or by waiting for
   * the running pass. The caller must not hold the reader's monitor. Never throws.
   *
   * @return whether the backlog may be smaller now; otherwise the scrape reads it as it is
   */
  boolean retireBacklog() {
    try {
      int retired = retire();
      if (retired == BUSY) {
        LockSupport.parkNanos(BACKLOG_PAUSE_NANOS);
      }
      return retired != 0;
    } catch (IOException | RuntimeException | Error e) {
      StoreLog.warnOnce("backlog " + e, "A backlog of dead workers cannot be retired: " + e);
      return false;
    }
  }

  static int retire(RetiringPass pass) throws IOException {
    return retire(pass, EpochClock::nowNanos);
  }

  /** Retires by another clock: nanoseconds since the epoch. */
  static int retire(RetiringPass pass, LongSupplier clock) throws IOException {
    return retireWhatFits(pass, clock).retired;
  }

  /** On a full file system, where the totals of all dead workers find no space, retires fewer. */
  private static Outcome retireWhatFits(RetiringPass pass, LongSupplier clock) throws IOException {
    boolean ordered = true;
    for (int most = Integer.MAX_VALUE; ; ) {
      List<WorkerInfo> dead = dead(pass, ordered);
      List<WorkerInfo> some = dead.subList(0, Math.min(most, dead.size()));
      try {
        int retired = retire(pass, some, clock.getAsLong());
        if (retired != LIVED_ON) {
          return new Outcome(retired, some.size() == dead.size());
        }
      } catch (NoSpaceException e) {
        if (some.size() > 1) {
          most = some.size() / 2;
        } else if (ordered) {
          // Space is worth more than the order: the worker that published least.
          ordered = false;
        } else {
          throw e;
        }
      }
    }
  }

  /**
   * The workers that are to be retired; the first ones do not hide what others have.
   *
   * @param ordered otherwise those that published least come first, whatever they hide
   */
  private static List<WorkerInfo> dead(RetiringPass pass, boolean ordered) {
    if (pass.backlog() != null) {
      return pass.backlog().workers();
    }
    List<Snapshot> retirable = pass.retirable();
    return ordered
        ? RetiringOrder.of(pass.snapshot(), retirable, pass.pending(), EpochClock.nowNanos())
        : retirable.stream().map(Snapshot::worker).toList();
  }

  private static int retire(RetiringPass pass, List<WorkerInfo> workers, long nowNanos)
      throws IOException {
    List<WorkerInfo> retired = new ArrayList<>(workers);
    retired.sort(WorkerNames.BY_AGE);
    RetainedTotals totals = Folding.totals(pass.retained(), retired, nowNanos);
    boolean dropped = false;
    if (pass.backlog() != null) {
      Folding.addUpOneByOne(pass, retired, totals);
    } else {
      Set<WorkerInfo> infos = new HashSet<>(retired);
      Set<Snapshot> folded = Collections.newSetFromMap(new IdentityHashMap<>());
      for (Snapshot ledger : pass.snapshot().retained()) {
        // Those of other users stay as they are.
        if (pass.retained() != null && ledger.worker().equals(pass.retained().worker())) {
          folded.add(ledger);
        }
      }
      for (Snapshot worker : pass.snapshot().workers()) {
        if (infos.contains(worker.worker())) {
          folded.add(worker);
        }
      }
      dropped = Folding.addUp(pass.snapshot(), folded, totals);
    }
    if (retired.isEmpty() && !dropped) {
      return 0;
    }
    Folding.count(retired.size(), totals);
    return pass.commit(totals.families(), retired, totals.maxSeries()) ? retired.size() : LIVED_ON;
  }

  /** Begins no further passes, and waits a little for one that runs. */
  @Override
  public void close() {
    closed = true;
    RetiringThreads.await(reader.directory(), CLOSE_MS);
  }
}
