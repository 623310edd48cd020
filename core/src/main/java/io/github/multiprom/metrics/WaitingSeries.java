package io.github.multiprom.metrics;

import java.util.LinkedList;
import java.util.Queue;

/**
 * The series of a worker that wait to move into its current worker file: they count in memory, or
 * leave another file. Guarded by the {@link SeriesPublisher}, except for {@link #hasSome}.
 */
@SuppressWarnings("JdkObsolete") // LinkedList on purpose, see the field.
final class WaitingSeries {
  /* LinkedList on purpose: its add allocates first and then only stores, so a StackOverflowError
   * cannot lose queued entries, as it could while an ArrayDeque grows. */
  private final Queue<Series> waiting = new LinkedList<>();
  private volatile boolean hasSome;
  private long ticks;
  // Since such series were dropped, whether they waited or not.
  private int removedCount;

  void add(Series child) {
    waiting.add(child);
    hasSome = true;
  }

  /** Prepares a series in a file, or on the heap, for the move. It is not added. */
  void leave(Series child) {
    child.leave();
    child.leftAtTick = ticks;
  }

  /** The first one, which waits no longer; null if there is none. */
  Series poll() {
    return waiting.poll();
  }

  /** Drops all but those that join another child: they are of families that have no name here. */
  void dropNamed() {
    waiting.removeIf(child -> child.leader == null);
  }

  void dropRemoved() {
    waiting.removeIf(child -> child.removed);
    removedCount = 0;
  }

  /** Notes that a series was removed. The queue is never longer than twice what waits in it. */
  void noteRemoved() {
    removedCount++;
    if (removedCount > waiting.size() / 2) {
      dropRemoved();
    }
  }

  int count() {
    return waiting.size();
  }

  /** The tick that runs, or that is the next one. */
  long tick() {
    return ticks;
  }

  void endTick() {
    ticks++;
  }

  boolean mayMove(Series child) {
    return child.leftAtTick < ticks;
  }

  /** Whether there were some when that was noted last. Without a lock. */
  boolean hasSome() {
    return hasSome;
  }

  void noteWhetherSome() {
    hasSome = !waiting.isEmpty();
  }
}
