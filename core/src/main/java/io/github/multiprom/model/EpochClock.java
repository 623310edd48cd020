package io.github.multiprom.model;

import java.time.Instant;

/**
 * The clock by which the workers of one host order what they do: nanoseconds since the epoch, good
 * until the year 2262. Thread-safe.
 */
public final class EpochClock {
  private static final long NANOS_PER_SECOND = 1_000_000_000L;

  /** Nanoseconds in a millisecond. */
  public static final long NANOS_PER_MILLISECOND = 1_000_000L;

  private static final long NANOS_PER_MICROSECOND = 1_000L;

  /** Enough that one is not disturbed. */
  private static final int TRIES = 3;

  /** By how much the clock is ahead of {@link System#nanoTime}, in nanoseconds. */
  private static volatile long aheadNanos = measure();

  private EpochClock() {}

  /** The time now. */
  public static long nowNanos() {
    Instant now = Instant.now();
    return now.getEpochSecond() * NANOS_PER_SECOND + now.getNano();
  }

  /**
   * The time now in microseconds since the epoch, for the price of {@link System#nanoTime}. It is
   * never ahead of the clock. After the clock was set, or the machine slept, it is wrong until the
   * next {@link #refresh}; else it is not, as both clocks of a kernel run at the same rate.
   */
  public static long quickMicros() {
    return (System.nanoTime() + aheadNanos) / NANOS_PER_MICROSECOND;
  }

  /** Looks how far the clock is ahead. Each worker does so once a second. */
  public static void refresh() {
    aheadNanos = measure();
  }

  /** Read in this order, one that was disturbed is too small. */
  private static long measure() {
    long most = Long.MIN_VALUE;
    for (int i = 0; i < TRIES; i++) {
      long now = nowNanos();
      most = Math.max(most, now - System.nanoTime());
    }
    return most;
  }
}
