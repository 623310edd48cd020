package io.github.multiprom.statsd;

import java.util.Locale;

/** Why a line, or a part of it, is not counted. */
enum Refusal {
  /** No colon, or nothing before it. */
  MALFORMED_LINE,
  /** No type. */
  MISSING_TYPE,
  /** An empty component, or tags twice. */
  MALFORMED_COMPONENT,
  /** Not a number. */
  MALFORMED_VALUE,
  /** A sampling rate that is not above 0 and up to 1. */
  SAMPLE_RATE,
  INVALID_UTF8,
  UNKNOWN_TYPE,
  /** Tags in the name and behind the value. */
  MIXED_TAGS,
  /** A name that is empty after the mapping. */
  EMPTY_NAME,
  /** A name or the names of labels are too long, or there are too many labels. */
  TOO_LONG,
  /** A name of Multiprom's own. */
  RESERVED_NAME,
  /** A name that has another type. */
  CONFLICT,
  /** A name or a list of labels more than the bridge takes. */
  LIMIT,
  NEGATIVE_COUNTER,
  /** NaN or an infinite number, which would be the sum forever. */
  NOT_FINITE,
  /** The end of a datagram that was longer than the buffer. */
  CUT,
  /** The value that a relative gauge goes on from could not be read. */
  UNREADABLE,
  /** A mistake of the bridge, or no heap left. */
  INTERNAL;

  String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
