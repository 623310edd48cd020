package io.github.multiprom.internal.lease;

import io.github.multiprom.internal.file.LifeSigns;
import io.github.multiprom.internal.file.WorkerFileReader;
import io.github.multiprom.internal.os.ProcessIdentity;
import io.github.multiprom.internal.os.ProcessIdentity.Sight;
import io.github.multiprom.internal.ownership.StoreFiles;
import io.github.multiprom.model.WorkerInfo;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/**
 * Tells live workers of a directory from dead ones. Thread-safe.
 *
 * <p>There are three witnesses. The <em>lease</em>, which the kernel frees when its process ends in
 * whatever way; but a janitor may delete it, and code in the worker's JVM may drop its lock. The
 * <em>process</em>, where it can be seen: in the same pid namespace. The <em>beat</em>, which each
 * tick of the worker writes by the monotonic clock of the kernel; but a stopped process has none.
 * So there are two questions:
 *
 * <ul>
 *   <li>{@link #watch Is it live}, so that its live gauges count? Yes if its lease is held or its
 *       process is seen running. An error is mended by the next tick of the worker: a dead worker
 *       that gives another sign of life is live again.
 *   <li>{@link #isSurelyDead Can it never write again}, so that it may be retired? An error would
 *       cost a running worker its counts, so a free lease alone is not enough.
 * </ul>
 */
public final class Liveness {
  /** A beat older than this, though it comes each second, speaks for death if the lease is free. */
  private static final long FREE_NANOS = TimeUnit.SECONDS.toNanos(5);

  /** As above without a lease, which a stopped worker can make again only when it goes on. */
  private static final long MISSING_NANOS = TimeUnit.SECONDS.toNanos(60);

  private final Path directory;
  private final ProcessIdentity self = ProcessIdentity.current();

  public Liveness(Path directory) {
    this.directory = directory;
  }

  /** Watches one worker. One thread. */
  public final class Watch implements Closeable {
    private final WorkerInfo worker;
    private final LockProbe lease;
    // As it was when the worker was last found dead.
    private LifeSigns atDeath;

    private Watch(WorkerInfo worker) {
      this.worker = worker;
      this.lease = new LockProbe(lease(worker));
    }

    /**
     * Whether the worker lives. Reads the words of its file's header; if it is found dead, once
     * more: what it published until it died, which may have been a moment ago.
     *
     * @throws IOException if that fails
     */
    public boolean isLive(WorkerFileReader file) throws IOException {
      file.readWords();
      LifeSigns signs = file.lifeSigns();
      if (signs.equals(atDeath)) {
        return false;
      }
      if (Liveness.this.isLive(worker, signs, leaseState())) {
        atDeath = null;
        return true;
      }
      if (atDeath != null
          && signs.beatNanos() != atDeath.beatNanos()
          && !isSilent(worker, signs, FREE_NANOS)) {
        // A lease that is lost for good, of a worker that lives.
        return true;
      }
      file.readWords();
      atDeath = file.lifeSigns();
      return false;
    }

    private LockFiles.State leaseState() {
      // The lease of this process must not be opened: the close would drop the lock.
      return self.is(worker) ? LockFiles.probeOwn(lease(worker)) : lease.state();
    }

    @Override
    public void close() {
      lease.close();
    }
  }

  /** Begins to watch a worker. */
  public Watch watch(WorkerInfo worker) {
    return new Watch(worker);
  }

  /** Looks once whether the worker of a file lives; reads the words of its header. */
  public boolean isLive(WorkerFileReader file) throws IOException {
    try (Watch watch = watch(file.worker())) {
      return watch.isLive(file);
    }
  }

  private boolean isLive(WorkerInfo worker, LifeSigns signs, LockFiles.State lease) {
    boolean exited = signs.exitNanos() != 0;
    return switch (lease) {
      case HELD -> true;
      case FREE -> !exited && self.sightOf(worker) == Sight.RUNNING;
      case MISSING, UNKNOWN ->
          switch (self.sightOf(worker)) {
            case RUNNING -> !exited || !isSilent(worker, signs, MISSING_NANOS);
            case GONE -> false;
            case INVISIBLE ->
                !exited && !self.isOfAnotherBoot(worker) && !isSilent(worker, signs, MISSING_NANOS);
          };
    };
  }

  /**
   * Whether a worker can never write again: its lease is free or missing, and it announced its exit
   * and gave up the lease, or its process is seen gone, or of another boot of this host, or it
   * cannot be seen and has not beaten for long.
   *
   * <p>Only for a directory on a file system of this host: elsewhere another boot is another host.
   *
   * @param signs read before
   */
  public boolean isSurelyDead(WorkerInfo worker, LifeSigns signs) {
    Path path = lease(worker);
    LockFiles.State lease = self.is(worker) ? LockFiles.probeOwn(path) : LockFiles.probe(path);
    if (lease != LockFiles.State.FREE && lease != LockFiles.State.MISSING) {
      return false;
    }
    boolean free = lease == LockFiles.State.FREE;
    boolean exited = signs.exitNanos() != 0;
    if (self.isOfAnotherBoot(worker) || (exited && free)) {
      return true;
    }
    return switch (self.sightOf(worker)) {
      case GONE -> true;
      // A closed worker in a JVM that goes on, whose lease another process has deleted.
      case RUNNING -> exited && isSilent(worker, signs, MISSING_NANOS);
      case INVISIBLE -> isSilent(worker, signs, free ? FREE_NANOS : MISSING_NANOS);
    };
  }

  /** Whether a worker's last beat is older than this; not if its clock cannot be read here. */
  private boolean isSilent(WorkerInfo worker, LifeSigns signs, long nanos) {
    return self.isOfThisBoot(worker)
        && signs.beatNanos() != 0
        && System.nanoTime() - signs.beatNanos() > nanos;
  }

  private Path lease(WorkerInfo worker) {
    return StoreFiles.lease(directory, worker.incarnation());
  }
}
