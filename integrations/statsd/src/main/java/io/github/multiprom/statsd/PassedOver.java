package io.github.multiprom.statsd;

import java.util.Locale;

/** What is understood and not counted. */
enum PassedOver {
  EVENT,
  SERVICE_CHECK,
  SET,
  /** A part of a line that says nothing here; the rest is counted. */
  COMPONENT,
  /** By the mapping. */
  DROP;

  String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
