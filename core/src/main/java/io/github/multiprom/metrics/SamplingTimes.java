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

  /** Sources that are added while others are sampled are sampled at once so many times in a row. */
  private static final int MAX_PASSES_FOR_NEW = 3;

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
  // Passes in a row that followed at once because of such sources.
  private int passesForNew;
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
    if (!isAnyNew) {
      passesForNew = 0;
    } else if (passesForNew < MAX_PASSES_FOR_NEW) {
      passesForNew++;
      dueNanos = now;
    } else {
      isAnyNew = false;
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
