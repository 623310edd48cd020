package io.github.multiprom.statsd;

import java.util.List;

/**
 * The rules of a mapping file, in the format of statsd_exporter. Immutable.
 *
 * <p>It is asked when a name comes for the first time, so it tries one rule after the other.
 */
final class Mapping {
  /** The default buckets of Prometheus' Go client, and so of statsd_exporter. */
  static final List<Double> DEFAULT_BOUNDS =
      List.of(.005, .01, .025, .05, .1, .25, .5, 1.0, 2.5, 5.0, 10.0);

  /** No rules. */
  static final Mapping NONE =
      new Mapping(List.of(), new MappingRule.Observations(false, DEFAULT_BOUNDS, 0), true);

  private final List<MappingRule> rules;
  private final MappingRule.Observations defaults;
  private final boolean inOrder;

  /** A rule that fits, and what its pattern captured. */
  record Match(MappingRule rule, Template.Captures captures) {}

  /**
   * Rules.
   *
   * @param defaults for lines that no rule fits
   * @param inOrder whether the first of several globs that match counts, and not the most exact
   */
  Mapping(List<MappingRule> rules, MappingRule.Observations defaults, boolean inOrder) {
    this.rules = List.copyOf(rules);
    this.defaults = defaults;
    this.inOrder = inOrder;
  }

  MappingRule.Observations defaults() {
    return defaults;
  }

  boolean isEmpty() {
    return rules.isEmpty();
  }

  int size() {
    return rules.size();
  }

  /** The rule for a name; null if there is none. Globs come before regular expressions. */
  Match find(String name, StatsdType type) {
    Match glob = findGlob(name, type);
    if (glob != null) {
      return glob;
    }
    for (MappingRule rule : rules) {
      if (rule.pattern() instanceof NamePattern.Regex) {
        Match match = match(rule, name, type);
        if (match != null) {
          return match;
        }
      }
    }
    return null;
  }

  private Match findGlob(String name, StatsdType type) {
    Match best = null;
    for (MappingRule rule : rules) {
      if (rule.pattern() instanceof NamePattern.Glob glob) {
        Match match = match(rule, name, type);
        if (match != null && inOrder) {
          return match;
        }
        boolean isBetter =
            match != null
                && (best == null || glob.isMoreExactThan((NamePattern.Glob) best.rule().pattern()));
        best = isBetter ? match : best;
      }
    }
    return best;
  }

  private static Match match(MappingRule rule, String name, StatsdType type) {
    Template.Captures captures = rule.types().includes(type) ? rule.pattern().match(name) : null;
    return captures == null ? null : new Match(rule, captures);
  }
}
