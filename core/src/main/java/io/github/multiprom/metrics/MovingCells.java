package io.github.multiprom.metrics;

import io.github.multiprom.internal.worker.IncarnationWriter;
import java.io.IOException;

/**
 * The numbers of a child while they are kept in memory, or on their way from one worker file to
 * another. Thread-safe: the monitor guards all, so that no update comes in between while they move.
 *
 * @param <C> the cells of such a child
 */
abstract class MovingCells<C> {
  // Null: the numbers are here. Threads that still hold these cells may go on updating them.
  private C target;
  private double[] own;

  /**
   * Numbers in memory, or in other cells.
   *
   * @param target null for those in memory
   * @param own laid out as {@link IncarnationWriter#addSeries} says; null for those in cells
   */
  MovingCells(C target, double[] own) {
    this.target = target;
    this.own = own;
  }

  /** Where the numbers are; null for {@link #own}. With the monitor. */
  final C target() {
    return target;
  }

  /** The numbers in memory. With the monitor. */
  final double[] own() {
    return own;
  }

  /** The numbers of cells. */
  abstract double[] numbers(C cells);

  /** The cells of a series. */
  abstract C cells(IncarnationWriter writer, int series);

  /**
   * Gives cells the numbers with which they were published. It may have been other ones, when no
   * heap was left for the cells the last time.
   */
  abstract void complete(C published, double[] numbers);

  /** Cells in memory with these numbers; null where the numbers themselves do. */
  C inMemory(double[] numbers) {
    return null;
  }

  /** Adds numbers to the cells of another child. */
  abstract void addTo(C other, double[] numbers);

  /** The numbers by now. */
  final synchronized double[] numbers() {
    return target == null ? own.clone() : numbers(target);
  }

  /**
   * Publishes the numbers and returns their cells, which take over.
   *
   * @throws IOException if they were not published
   */
  final synchronized C moveTo(IncarnationWriter writer, Publication publication)
      throws IOException {
    double[] numbers = numbers();
    C published = cells(writer, publication.publish(numbers));
    complete(published, numbers);
    target = published;
    own = null;
    return published;
  }

  /** Adds the numbers to other cells, which take over. */
  final synchronized void join(C other) {
    addTo(other, numbers());
    target = other;
    own = null;
  }

  /** Goes on in memory. */
  final synchronized void detach() {
    if (target != null) {
      double[] numbers = numbers(target);
      target = inMemory(numbers);
      own = target == null ? numbers : null;
    }
  }
}
