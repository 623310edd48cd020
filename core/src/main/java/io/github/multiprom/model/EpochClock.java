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

  private EpochClock() {}

  /** The time now. */
  public static long nowNanos() {
    Instant now = Instant.now();
    return now.getEpochSecond() * NANOS_PER_SECOND + now.getNano();
  }
}
