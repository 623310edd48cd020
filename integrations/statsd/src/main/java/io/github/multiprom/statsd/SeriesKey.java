package io.github.multiprom.statsd;

import java.util.SortedMap;

/**
 * Which series it is. Immutable.
 *
 * @param name the name of its family, of a counter without {@code _total}
 * @param labels values by name, none of them empty
 */
record SeriesKey(Kind kind, String name, SortedMap<String, String> labels) {
  /** What the series of a family are. */
  enum Kind {
    COUNTER,
    GAUGE,
    HISTOGRAM,
    SUMMARY
  }
}
