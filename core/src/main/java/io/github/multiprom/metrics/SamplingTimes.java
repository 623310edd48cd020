package io.github.multiprom.metrics;

import java.util.concurrent.TimeUnit;

/**
 * When a sampler's next pass is due. Guarded by the {@link Sampler}; all times are those of {@link
 * System#nanoTime}.
 */
final class SamplingTimes {
  private static final long MAX_PAUSE_NANOS = TimeUnit.SECONDS.toNanos(15);

  /** A pause is so many times as long as the pass before, so that passes take little of a core. */
  private static final long PASSES_PER_PAUSE = 100;

  private static final long[] EARLY_NANOS = {
    TimeUnit.MILLISECONDS.toNanos(100), TimeUnit.MILLISECONDS.toNanos(300)
  };

  /** What was sampled so short before a scrape is good enough for it. */
  private static final long FRESH_NANOS = TimeUnit.MILLISECONDS.toNanos(250);

  private final long periodNanos;
  private long addedNanos;
  private long dueNanos;
  // A source was added since the last pass began.
  private boolean isAnyNew;
  private boolean hasEnded;
  private long endNanos;
  private long durationNanos;

  /** Passes each so many seconds. */
  SamplingTimes(int periodSeconds) {
    periodNanos = TimeUnit.SECONDS.toNanos(periodSeconds);
  }

  /** Notes that a source was added: it is sampled at once, and twice soon after. */
  void added(long now) {
    addedNanos = now;
    dueNanos = now;
    isAnyNew = true;
  }

  /** Notes the begin of a pass; one that fails is not repeated at once. */
  void began(long now) {
    dueNanos = now + periodNanos;
    isAnyNew = false;
  }

  /** Notes the end of a pass. */
  void ended(long began, long now) {
    hasEnded = true;
    endNanos = now;
    durationNanos = now - began;
    dueNanos = now + Math.max(periodNanos, pauseNanos());
    for (long early : EARLY_NANOS) {
      if (now < addedNanos + early) {
        dueNanos = addedNanos + early;
        break;
      }
    }
    if (isAnyNew) {
      dueNanos = now;
    }
  }

  private long pauseNanos() {
    return Math.min(MAX_PAUSE_NANOS, PASSES_PER_PAUSE * durationNanos);
  }

  /** How long it is until the next pass is due; not more than 0 if it is. */
  long untilDue(long now) {
    return dueNanos - now;
  }

  /** Whether a scrape needs no other pass, or may not have one yet. */
  boolean isFresh(long now) {
    return hasEnded && !isAnyNew && now - endNanos < Math.max(FRESH_NANOS, pauseNanos());
  }
}
