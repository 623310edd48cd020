package io.github.multiprom.store;

import io.github.multiprom.model.WorkerInfo;
import java.nio.file.Path;

/** Tells live workers of a directory from dead ones. Thread-safe. */
final class Liveness {
  private final Path directory;
  private final ProcessIdentity self = ProcessIdentity.current();

  Liveness(Path directory) {
    this.directory = directory;
  }

  /**
   * Whether a worker lives: whether its lease is held.
   *
   * @param exitNanos when it announced its exit; 0 if it did not
   */
  boolean isLive(WorkerInfo worker, long exitNanos) {
    try (LockFiles.Probe probe = probe(worker)) {
      return isLive(worker, exitNanos, probe);
    }
  }

  /** What is to be given to {@link #isLive(WorkerInfo, long, LockFiles.Probe)}. */
  LockFiles.Probe probe(WorkerInfo worker) {
    return new LockFiles.Probe(StoreFiles.lease(directory, worker.incarnation()));
  }

  /**
   * Whether a worker lives, for somebody who asks again and again.
   *
   * @param probe of this worker
   */
  boolean isLive(WorkerInfo worker, long exitNanos, LockFiles.Probe probe) {
    if (isThisProcess(worker)) {
      // The lease of this process must not be opened: the close would drop the lock.
      return exitNanos == 0 || isHeldOrRunning(worker, leaseOf(worker));
    }
    return isHeldOrRunning(worker, probe.state());
  }

  private boolean isHeldOrRunning(WorkerInfo worker, LockFiles.State lease) {
    return switch (lease) {
      case HELD -> true;
      case FREE -> false;
      case MISSING, UNKNOWN -> mayBeRunning(worker);
    };
  }

  /**
   * Whether a worker can never write again. Demands more than {@link #isLive}: a lease that was
   * lost by accident must not cost a running worker its counts.
   */
  boolean isSurelyDead(WorkerInfo worker, long exitNanos) {
    if (!worker.bootId().equals(self.bootId())
        || (exitNanos == 0 && isThisProcess(worker))
        || leaseOf(worker) != LockFiles.State.FREE) {
      return false;
    }
    return exitNanos != 0
        || worker.pidNamespace() != self.pidNamespace()
        || worker.startTicks() == 0
        || ProcessIdentity.isGone(worker.pid(), worker.startTicks());
  }

  private LockFiles.State leaseOf(WorkerInfo worker) {
    Path lease = StoreFiles.lease(directory, worker.incarnation());
    // The lease of this process must not be opened here: the close would drop the lock.
    return isThisProcess(worker) ? LockFiles.probeOwn(lease) : LockFiles.probe(lease);
  }

  private boolean isThisProcess(WorkerInfo worker) {
    return worker.pid() == self.pid()
        && worker.startTicks() == self.startTicks()
        && worker.pidNamespace() == self.pidNamespace()
        && worker.bootId().equals(self.bootId());
  }

  /** Without a lease: whether the process that wrote the file may still be there. */
  private boolean mayBeRunning(WorkerInfo worker) {
    if (!worker.bootId().equals(self.bootId())) {
      return false;
    }
    return worker.pidNamespace() != self.pidNamespace()
        || worker.startTicks() == 0
        || !ProcessIdentity.isGone(worker.pid(), worker.startTicks());
  }
}
