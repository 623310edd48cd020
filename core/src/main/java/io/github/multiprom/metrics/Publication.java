package io.github.multiprom.metrics;

import java.io.IOException;

/** Publishes one series in the worker file that it moves to. */
@FunctionalInterface
interface Publication {
  /**
   * Publishes the series with a value, which from now on counts there and nowhere else.
   *
   * @param value laid out as {@link
   *     io.github.multiprom.internal.worker.IncarnationWriter#addSeries} says
   * @return the index of the series
   * @throws IOException if there is no space; nothing was published then
   */
  int publish(double[] value) throws IOException;
}
