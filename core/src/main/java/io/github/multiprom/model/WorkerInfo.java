package io.github.multiprom.model;

/**
 * Who wrote a worker file, as its header says. Immutable.
 *
 * @param incarnation identity of this life of the worker
 * @param workerName the name shown in per-worker series, by default the pid
 * @param host the host name, for people
 * @param pid process id within its pid namespace
 * @param startTicks process start time in clock ticks since boot; 0 where unknown
 * @param pidNamespace inode of the pid namespace; 0 where unknown
 * @param bootId the kernel's boot id, two 64-bit halves as an {@link Incarnation}; zeros where
 *     unknown
 * @param createdNanos when the store was opened, nanoseconds since the epoch
 * @param maxSeries how many series of a family the worker keeps apart; of the retained totals, the
 *     greatest of their workers. Not less than 0
 */
public record WorkerInfo(
    Incarnation incarnation,
    String workerName,
    String host,
    long pid,
    long startTicks,
    long pidNamespace,
    Incarnation bootId,
    long createdNanos,
    int maxSeries) {

  /** Whether both were written by one process of one boot, as far as the headers can tell. */
  public boolean sameProcess(WorkerInfo other) {
    return pid == other.pid
        && startTicks == other.startTicks
        && pidNamespace == other.pidNamespace
        && bootId.equals(other.bootId);
  }
}
