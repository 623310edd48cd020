package io.github.multiprom.model;

import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class EpochClockTest {
  private static final long NANOS_PER_MICRO = 1_000;

  /** A machine with many neighbours stops a thread between two looks at a clock for this long. */
  private static final long MOST_BEHIND_MICROS = 100_000;

  @Test
  void isQuickAndNeverAhead() {
    long least = Long.MAX_VALUE;
    for (int i = 0; i < 10_000; i++) {
      EpochClock.refresh();
      long before = EpochClock.nowNanos() / NANOS_PER_MICRO;
      long quick = EpochClock.quickMicros();
      long after = EpochClock.nowNanos() / NANOS_PER_MICRO;
      assertTrue(quick <= after, quick + " is ahead of " + after);
      least = Math.min(least, before - quick);
    }
    assertTrue(least <= 10, "at its best it is behind by " + least + " µs");
  }

  @Test
  void doesNotFallBehind() {
    EpochClock.refresh();
    long end = System.nanoTime() + 50_000_000;
    while (System.nanoTime() - end < 0) {
      long before = EpochClock.nowNanos() / NANOS_PER_MICRO;
      long quick = EpochClock.quickMicros();
      assertTrue(quick >= before - MOST_BEHIND_MICROS, quick + " is behind " + before);
    }
  }
}
