package io.github.multiprom.metrics;

import io.github.multiprom.internal.worker.IncarnationWriter;
import io.github.multiprom.model.Incarnation;
import java.io.IOException;
import java.util.Collection;

/** The metrics directory, as far as a {@link SeriesMover} needs it. Thread-safe. */
interface SeriesDirectory {
  /**
   * Opens the next incarnation of the worker.
   *
   * @param predecessors its earlier ones
   * @throws IOException if the directory cannot be used or is full
   */
  IncarnationWriter open(Collection<Incarnation> predecessors) throws IOException;

  /** Whether the worker file of an incarnation is there. */
  boolean has(Incarnation incarnation);

  /** Whether the totals of retired workers contain an incarnation. */
  boolean wasRetired(Incarnation incarnation);
}
