package io.github.multiprom.cli;

import io.github.multiprom.merge.SampleNames;
import io.github.multiprom.model.FamilyDescriptor;
import io.github.multiprom.model.GaugeFold;
import io.github.multiprom.model.MetricType;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Recording rules of Prometheus that merge the families of several hosts as a collector merges
 * those of several workers. One thread.
 *
 * <p>What adds up is added as a rate: the sum of raw counters falls when a host goes. A gauge is
 * merged by the fold of its mode, which no scrape tells. Two kinds are kept as they are: what has a
 * series per worker, and what was set last, because a scrape does not tell when.
 */
final class RecordingRules {
  /** Sums of hosts keep their other labels, that of the job above all. */
  private static final String LEVEL = "job:";

  private static final String TOTAL = "_total";

  /**
   * Words of PromQL, some of them of later versions than today's: a metric with such a name can be
   * asked for by the label of its name only.
   */
  private static final Set<String> WORDS =
      Set.of(
          ("and or unless atan2 sum avg count min max group stddev stdvar topk bottomk count_values"
                  + " quantile limitk limit_ratio offset by without on ignoring group_left"
                  + " group_right bool start end step range inf nan anchored smoothed fill"
                  + " fill_left fill_right")
              .split(" "));

  private final String without;
  private final String window;
  private final Set<String> records = new HashSet<>();
  private final List<String> rules = new ArrayList<>();
  private final List<String> kept = new ArrayList<>();

  /**
   * Rules that leave out labels.
   *
   * @param without names of the labels that tell hosts apart, parted by commas
   * @param window over which rates are taken, a duration of Prometheus
   */
  RecordingRules(List<String> without, String window) {
    this.without = String.join(", ", without);
    this.window = window;
  }

  /** Adds the rules of a family. Families come in the order of their names. */
  void add(FamilyDescriptor family) {
    if (!family.type().isSet()) {
      for (String sample : SampleNames.of(family)) {
        if (family.window() != null && sample.equals(family.name())) {
          keep(family, "quantiles, which do not add up");
        } else {
          addRate(sample, family.type() == MetricType.COUNTER);
        }
      }
    } else if (family.type() == MetricType.STATESET) {
      keep(family, "an enumeration");
    } else {
      addGauge(family);
    }
  }

  private void addRate(String sample, boolean isCounter) {
    String operation = ":rate" + window;
    String record = LEVEL + (isCounter ? withoutTotal(sample) : sample) + operation;
    if (!records.add(record)) {
      // A counter x_count_total beside a histogram x.
      record = LEVEL + sample + operation;
      records.add(record);
    }
    rule(record, "sum", "rate(" + selector(sample) + "[" + window + "])");
  }

  private static String withoutTotal(String sample) {
    return sample.substring(0, sample.length() - TOTAL.length());
  }

  private void addGauge(FamilyDescriptor family) {
    String mode = (family.liveOnly() ? "LIVE" : "") + family.fold();
    if (family.fold() == GaugeFold.ALL) {
      keep(family, mode + ", a series per worker");
    } else if (family.fold() == GaugeFold.MOSTRECENT) {
      keep(family, mode + ", and no scrape tells when a value was set");
    } else {
      String aggregation = family.fold().name().toLowerCase(Locale.ROOT);
      String sample = SampleNames.of(family).get(0);
      rule(LEVEL + sample + ":" + aggregation, aggregation, selector(sample));
    }
  }

  private void rule(String record, String aggregation, String operand) {
    rules.add("      - record: " + record);
    rules.add("        expr: " + aggregation + " without (" + without + ") (" + operand + ")");
  }

  private void keep(FamilyDescriptor family, String reason) {
    kept.add("# Kept as it is: " + SampleNames.of(family).get(0) + " (" + reason + ")");
  }

  private static String selector(String sample) {
    return WORDS.contains(sample.toLowerCase(Locale.ROOT))
        ? "{__name__=\"" + sample + "\"}"
        : sample;
  }

  /** The lines of a rules file: names need no quotes in YAML, nor do the expressions. */
  List<String> lines() {
    List<String> lines = new ArrayList<>(kept);
    lines.add("groups:");
    lines.add("  - name: multiprom-fleet");
    lines.add(rules.isEmpty() ? "    rules: []" : "    rules:");
    lines.addAll(rules);
    return lines;
  }
}
