package io.github.multiprom.metrics;

import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/**
 * Spares the default sampler of simpleclient most questions, one gate for each bucket of a series.
 * Thread-safe.
 */
/* Mechanism: a sampler reads the clock and asks the tracer, which takes several times as long as an
 * increment. The default one keeps an exemplar for seven seconds, so it need not be asked after it
 * gave one. While it gives none, as outside of a span, it is asked for the first update in a second,
 * and then for each fourth one, by chance.
 *
 * A plain second, which housekeeping advances, is the clock. Races cost or spare a question; a place
 * is written once a second at most, so that threads do not take its cache line from one another.
 */
final class ExemplarGate {
  /** The default sampler keeps an exemplar for 7.109 s. */
  private static final int KEPT_SECONDS = 8;

  private static final int UPDATES_PER_QUESTION = 4;

  private static final long START_NANOS = System.nanoTime();

  // Since the start, and at least 1; 0 without housekeeping, and all gates are open then.
  private static volatile int second;

  // Until then an exemplar is kept.
  private final int[] keptUntil;
  // In that second there was none.
  private final int[] idleIn;

  ExemplarGate(int count) {
    keptUntil = new int[count];
    idleIn = new int[count];
  }

  /** Looks at the time. Each worker with a directory does so once a second. */
  static void refresh() {
    advance(1 + (int) TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - START_NANOS));
  }

  /** Opens all gates until the next {@link #refresh}. */
  static void open() {
    advance(0);
  }

  static void advance(int now) {
    second = now;
  }

  /** Whether the default sampler need not be asked. */
  boolean isClosed(int bucket) {
    int now = second;
    return now != 0
        && (now < keptUntil[bucket]
            || (idleIn[bucket] == now
                && ThreadLocalRandom.current().nextInt(UPDATES_PER_QUESTION) != 0));
  }

  /** Notes what the default sampler answered. */
  void note(int bucket, boolean gaveOne) {
    int now = second;
    if (gaveOne) {
      keptUntil[bucket] = now + KEPT_SECONDS;
    } else if (idleIn[bucket] != now) {
      idleIn[bucket] = now;
    }
  }
}
