package io.github.multiprom.statsd;

import java.util.List;
import java.util.Map;

/**
 * One mapping of a file: what the lines become whose names match. Immutable.
 *
 * @param name null for a rule that drops
 * @param labels the values of labels by name
 * @param honorLabels whether a tag of the line wins over a label of the rule
 * @param drop whether the lines are not counted
 * @param types of which lines it is for
 * @param scale what values are multiplied with
 * @param help empty for the default one
 */
record MappingRule(
    NamePattern pattern,
    Template name,
    Map<String, Template> labels,
    boolean honorLabels,
    boolean drop,
    TypeMatch types,
    double scale,
    String help,
    Observations observations) {
  /** For which lines a rule is. */
  enum TypeMatch {
    ANY,
    COUNTER,
    GAUGE,
    OBSERVER;

    boolean includes(StatsdType type) {
      return switch (this) {
        case ANY -> true;
        case COUNTER -> type == StatsdType.COUNTER;
        case GAUGE -> type == StatsdType.GAUGE;
        case OBSERVER -> type.isObserver();
      };
    }
  }

  /**
   * How series are kept.
   *
   * @param isSummary whether observations are a summary: count and sum
   * @param bounds of a histogram's buckets
   * @param ttlNanos after so long without a line a series is removed; 0 for never
   */
  record Observations(boolean isSummary, List<Double> bounds, long ttlNanos) {}
}
