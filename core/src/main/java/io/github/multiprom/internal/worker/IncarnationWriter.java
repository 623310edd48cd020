package io.github.multiprom.internal.worker;

import io.github.multiprom.internal.cell.CounterCell;
import io.github.multiprom.internal.cell.DistributionCells;
import io.github.multiprom.internal.cell.GaugeCell;
import io.github.multiprom.internal.file.ExemplarSlots;
import io.github.multiprom.internal.file.FormatLimitException;
import io.github.multiprom.model.FamilyDescriptor;
import io.github.multiprom.model.WorkerInfo;
import java.io.IOException;
import java.util.List;

/**
 * The writing half of a store: where one incarnation of a worker keeps its families, series and
 * cells. Thread-safe.
 *
 * <p>Whatever a method has published is seen by every collector, also after a SIGKILL at the next
 * instruction. A method that throws has published nothing.
 */
public interface IncarnationWriter extends AutoCloseable {
  /** Who writes. */
  WorkerInfo info();

  /**
   * Publishes a family.
   *
   * @return its index, counted from 0
   * @throws IOException if there is no space
   */
  int addFamily(FamilyDescriptor family) throws IOException;

  /** The value of a series that starts from 0, whatever its type. */
  double[] ZERO = {};

  /**
   * Publishes a series with its value: who sees the series sees the value.
   *
   * @param family index of its family
   * @param labelValues one value per label name
   * @param createdNanos nanoseconds since the epoch
   * @param value {@link #ZERO}; of a counter the sum; of a gauge the value and the set time,
   *     microseconds since the epoch; of a distribution what {@link DistributionCells#read} returns
   * @return its index, counted from 0
   * @throws IOException if there is no space; {@link FormatLimitException} if there never will be
   */
  int addSeries(int family, List<String> labelValues, long createdNanos, double[] value)
      throws IOException;

  /**
   * Publishes a series, with all its cells 0.
   *
   * @throws IOException as {@link #addSeries(int, List, long, double[])}
   */
  default int addSeries(int family, List<String> labelValues, long createdNanos)
      throws IOException {
    return addSeries(family, labelValues, createdNanos, ZERO);
  }

  /** The cell of a counter's series. */
  CounterCell counter(int series);

  /** The cells of a gauge's series. */
  GaugeCell gauge(int series);

  /** The cells of a histogram's or summary's series. */
  DistributionCells distribution(int series);

  /**
   * Gives a series slots for its exemplars, in the place of those that it had.
   *
   * @param slotLength one of those of {@link ExemplarSlots}
   * @throws IOException if there is no space
   */
  ExemplarSlots exemplars(int series, int slotCount, int slotLength) throws IOException;

  /**
   * Publishes that a series was removed; its cells keep their values.
   *
   * @param removedNanos nanoseconds since the epoch
   * @throws IOException if there is no space
   */
  void remove(int series, long removedNanos) throws IOException;

  /**
   * Notes that the worker is alive. Before that, sees to it that its lease says so, too: locks it
   * again if other code dropped the lock, or makes it again if somebody deleted it.
   */
  void beat(long nowNanos);

  /** Whether something that was observed counts in memory, for want of space. */
  boolean needsSpace();

  /**
   * Whether collectors still find this incarnation; false after somebody deleted or replaced it
   * behind the worker's back.
   */
  boolean isReachable();

  /** The length of the worker file in bytes; what a map holds is not counted. */
  long length();

  /**
   * Deletes the worker file if its cells are lost, as where its map was deleted. To be called when
   * its series have moved on.
   *
   * @throws IOException if it cannot be deleted
   */
  void deleteIfUnreadable() throws IOException;

  /** Notes that the sampler has just sampled all sources. */
  void noteSample(long nowNanos);

  /** Tells at which port the worker serves its own metrics; 0 for none. */
  void notePort(int port);

  /** Notes that there may be space again: what needs some tries at once, and not after a pause. */
  void noteSpace();

  /**
   * Notes an orderly exit. Cells may still be written; the lease decides when the worker is dead.
   */
  void markExit(long nowNanos);

  /** Notes an orderly exit, if that was not done, and gives up the lease. */
  @Override
  void close();
}
