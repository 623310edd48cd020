package io.github.multiprom.metrics;

import io.github.multiprom.internal.os.StoreLog;

/**
 * The default worker of this JVM. One lock guards which one that is, and of each worker whether it
 * is closed; workers are opened with the lock, and moved, logged and closed without it.
 */
final class DefaultWorker {
  private static final Object LOCK = new Object();
  private static Worker current;

  private DefaultWorker() {}

  /** The default worker, which is opened as system properties say if there is none. */
  static Worker get() {
    Worker worker;
    StoreLog.hold();
    try {
      synchronized (LOCK) {
        if (current == null) {
          current = new Worker(new WorkerConfiguration());
          current.start(true);
        }
        worker = current;
      }
    } finally {
      StoreLog.release();
    }
    worker.writeLog();
    return worker;
  }

  /**
   * Opens a worker. It becomes the default worker if there is none, or none with a directory while
   * this one has one; it then takes over what that one counted.
   */
  static Worker open(WorkerConfiguration configuration) {
    Worker worker;
    Worker earlier = null;
    StoreLog.hold();
    try {
      synchronized (LOCK) {
        worker = new Worker(configuration);
        worker.start(configuration.hasHousekeeping);
        if (current == null) {
          current = worker;
        } else if (!worker.isInMemory() && current.isInMemory()) {
          earlier = current;
          earlier.closed = true;
          current = worker;
        }
      }
      if (earlier != null) {
        earlier.moveTo(worker);
      }
    } finally {
      StoreLog.release();
    }
    worker.writeLog();
    return worker;
  }

  /** The default worker; null if none is open. */
  static Worker find() {
    synchronized (LOCK) {
      return current;
    }
  }

  /** Closes the default worker, if there is one. */
  static void close() {
    Worker worker = find();
    if (worker != null) {
      worker.close();
    }
  }

  /** Notes that a worker is closed, and so not the default one; false if it was closed before. */
  static boolean noteClosed(Worker worker) {
    synchronized (LOCK) {
      if (worker.closed) {
        return false;
      }
      worker.closed = true;
      if (current == worker) {
        current = null;
      }
      return true;
    }
  }
}
