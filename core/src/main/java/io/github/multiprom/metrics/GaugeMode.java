package io.github.multiprom.metrics;

import io.github.multiprom.model.GaugeFold;

/**
 * How the values that several workers set for one gauge are shown. Immutable.
 *
 * <p>The ten modes of client_python, under its names. {@code LIVE} modes leave out workers that
 * have ended, also after a SIGKILL.
 */
public enum GaugeMode {
  /** One series per worker, also for those that have ended. */
  ALL(GaugeFold.ALL, false),
  /** One series per live worker. The default. */
  LIVEALL(GaugeFold.ALL, true),
  /** The sum over all workers. */
  SUM(GaugeFold.SUM, false),
  /** The sum over the live workers; what is in flight, in use or queued. */
  LIVESUM(GaugeFold.SUM, true),
  /** The least value of all workers. */
  MIN(GaugeFold.MIN, false),
  /** The least value of the live workers. */
  LIVEMIN(GaugeFold.MIN, true),
  /** The greatest value of all workers. */
  MAX(GaugeFold.MAX, false),
  /** The greatest value of the live workers. */
  LIVEMAX(GaugeFold.MAX, true),
  /** The value that any worker set last. */
  MOSTRECENT(GaugeFold.MOSTRECENT, false),
  /** The value that a live worker set last. */
  LIVEMOSTRECENT(GaugeFold.MOSTRECENT, true);

  private final GaugeFold fold;
  private final boolean liveOnly;

  GaugeMode(GaugeFold fold, boolean liveOnly) {
    this.fold = fold;
    this.liveOnly = liveOnly;
  }

  GaugeFold fold() {
    return fold;
  }

  boolean liveOnly() {
    return liveOnly;
  }
}
