package io.github.multiprom.exposition.http;

import io.github.multiprom.exposition.webconfig.WebConfig.RateLimit;

/** A token bucket over all requests. Thread-safe. */
public final class RateLimiter {
  private RateLimit limit;
  private double tokens;
  private long lastNanos;

  /**
   * Takes a token, if there is one.
   *
   * @param now the limit as it is now; null for none
   * @param nanos of {@link System#nanoTime}
   */
  public synchronized boolean admits(RateLimit now, long nanos) {
    if (now == null) {
      limit = null;
      return true;
    }
    if (!now.equals(limit)) {
      limit = now;
      tokens = now.burst();
      lastNanos = nanos;
    }
    tokens = Math.min(now.burst(), tokens + (double) (nanos - lastNanos) / now.intervalNanos());
    lastNanos = nanos;
    if (tokens < 1) {
      return false;
    }
    tokens--;
    return true;
  }
}
