package io.github.multiprom.agent.inside;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Who gives a sampled family: the application and the agent may both have numbers of the JVM. Who
 * comes first does; the other one leaves it out without a word, because the numbers are the same.
 * Thread-safe.
 */
enum Claims {
  AGENT,
  APPLICATION;

  /** More than any application has; so that names made by mistake do not fill the heap. */
  private static final int MAX_NAMES = 100_000;

  private static final Map<String, Claims> BY_NAME = new ConcurrentHashMap<>();

  /** Whether a family is this one's to give. */
  boolean has(String family) {
    Claims owner = BY_NAME.get(family);
    if (owner == null) {
      if (BY_NAME.size() >= MAX_NAMES) {
        return true;
      }
      owner = BY_NAME.putIfAbsent(family, this);
    }
    return owner == null || owner == this;
  }
}
