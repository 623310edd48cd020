package io.github.multiprom.statsd;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/**
 * Reads mapping files in the format of statsd_exporter (its README), with the keys of its older
 * versions. Unknown keys are errors. Those of quantiles and native histograms are taken and say
 * nothing.
 */
final class MappingParser {
  private static final String LABEL_NAME = "[a-zA-Z_]\\w*";
  private static final String METRIC_NAME = "([a-zA-Z_]|\\$\\{?\\d+}?)(\\w|\\$\\{?\\d+}?)*";

  private static final Pattern DURATION_PART =
      Pattern.compile("(\\d+(?:\\.\\d*)?|\\.\\d+)(ns|us|µs|μs|ms|s|m|h)");
  private static final Map<String, Double> NANOS =
      Map.of(
          "ns", 1.0, "us", 1e3, "µs", 1e3, "μs", 1e3, "ms", 1e6, "s", 1e9, "m", 60e9, "h", 3600e9);

  /** What holds where a mapping says nothing else. */
  private record Defaults(String observerType, String matchType, List<Double> bounds, long ttl) {}

  private MappingParser() {}

  /**
   * The mapping of a text.
   *
   * @param file names it in errors
   * @throws IOException if something is wrong, with a message of one line that names the line
   */
  static Mapping parse(String text, String file) throws IOException {
    LoadSettings settings = LoadSettings.builder().setLabel(file).build();
    try {
      YamlSection root = new YamlSection(new Compose(settings).composeString(text).orElse(null));
      return parse(root);
    } catch (YamlSection.WrongException e) {
      throw new IOException(file + ":" + e.line + ": " + e.getMessage(), e);
    } catch (YamlEngineException e) {
      String oneLine = String.join(" ", e.getMessage().strip().split("\\s+"));
      throw new IOException(file + " is not YAML: " + oneLine, e);
    }
  }

  private static Mapping parse(YamlSection root) {
    YamlSection section = root.section("defaults");
    boolean inOrder = !section.flag("glob_disable_ordering");
    String matchType = oneOf(section, "match_type", "", "glob", "regex");
    List<Double> bounds = bounds(section);
    Defaults defaults =
        new Defaults(
            observerType(section),
            matchType.isEmpty() ? "glob" : matchType,
            bounds.isEmpty() ? Mapping.DEFAULT_BOUNDS : bounds,
            duration(section, "ttl"));
    section.end();
    List<MappingRule> rules = new ArrayList<>();
    for (YamlSection rule : root.sections("mappings")) {
      rules.add(rule(rule, defaults));
      rule.end();
    }
    root.end();
    return new Mapping(
        rules,
        new MappingRule.Observations(
            defaults.observerType.equals("summary"), defaults.bounds, defaults.ttl),
        inOrder);
  }

  private static MappingRule rule(YamlSection section, Defaults defaults) {
    boolean drop = oneOf(section, "action", "", "map", "drop").equals("drop");
    String name = section.text("name");
    if (name.isEmpty() && !drop) {
      throw section.wrong("name", "a mapping needs a name");
    }
    if (!name.isEmpty() && !name.matches(METRIC_NAME)) {
      throw section.wrong("name", "not a metric name: " + name);
    }
    return new MappingRule(
        pattern(section, defaults),
        name.isEmpty() ? null : new Template(name),
        labels(section.section("labels")),
        section.flag("honor_labels"),
        drop,
        types(section),
        section.number("scale", 1),
        section.text("help"),
        observations(section, defaults));
  }

  private static NamePattern pattern(YamlSection section, Defaults defaults) {
    String type = oneOf(section, "match_type", "", "glob", "regex");
    String match = section.text("match");
    if (match.isEmpty()) {
      throw section.wrong("match", "a mapping needs a match");
    }
    try {
      return (type.isEmpty() ? defaults.matchType : type).equals("regex")
          ? new NamePattern.Regex(match)
          : new NamePattern.Glob(match);
    } catch (IllegalArgumentException e) {
      throw section.wrong("match", e.getMessage());
    }
  }

  private static Map<String, Template> labels(YamlSection section) {
    Map<String, Template> labels = new LinkedHashMap<>();
    section
        .texts()
        .forEach(
            (name, value) -> {
              if (!name.matches(LABEL_NAME)) {
                throw section.wrong(name, "not a label name: " + name);
              }
              labels.put(name, new Template(value));
            });
    return labels;
  }

  private static MappingRule.TypeMatch types(YamlSection section) {
    String type = oneOf(section, "match_metric_type", "", "counter", "gauge", "observer", "timer");
    if (type.isEmpty()) {
      return MappingRule.TypeMatch.ANY;
    }
    // The older name.
    String name = type.equals("timer") ? "observer" : type;
    return MappingRule.TypeMatch.valueOf(name.toUpperCase(Locale.ROOT));
  }

  private static MappingRule.Observations observations(YamlSection section, Defaults defaults) {
    boolean hasSummary = section.has("summary_options") || section.has("quantiles");
    boolean hasHistogram = section.has("histogram_options") || section.has("buckets");
    String given = observerType(section);
    boolean isSummary = (given.isEmpty() ? defaults.observerType : given).equals("summary");
    if (hasSummary && given.equals("histogram")) {
      throw section.wrong("summary_options", "a histogram has no summary_options");
    }
    if (hasHistogram && given.equals("summary")) {
      throw section.wrong("histogram_options", "a summary has no histogram_options");
    }
    List<Double> bounds = bounds(section);
    long ttl = duration(section, "ttl");
    return new MappingRule.Observations(
        isSummary, bounds.isEmpty() ? defaults.bounds : bounds, ttl == 0 ? defaults.ttl : ttl);
  }

  /** Empty if it is missing. Takes the options of summaries with it. */
  private static String observerType(YamlSection section) {
    section.ignore("summary_options");
    section.ignore("quantiles");
    String older = oneOf(section, "timer_type", "", "histogram", "summary");
    String type = oneOf(section, "observer_type", "", "histogram", "summary");
    return type.isEmpty() ? older : type;
  }

  private static List<Double> bounds(YamlSection section) {
    List<Double> older = section.numbers("buckets");
    YamlSection options = section.section("histogram_options");
    List<Double> bounds = options.numbers("buckets");
    options.ignore("native_histogram_bucket_factor");
    options.ignore("native_histogram_max_buckets");
    options.end();
    YamlSection named = bounds.isEmpty() ? section : options;
    List<Double> given = bounds.isEmpty() ? older : bounds;
    for (int i = 0; i < given.size(); i++) {
      if (i > 0 && !(given.get(i) > given.get(i - 1))) {
        throw named.wrong("buckets", "buckets must be in increasing order: " + given);
      }
    }
    List<Double> finite = given.stream().filter(Double::isFinite).toList();
    if (finite.isEmpty() && !given.isEmpty()) {
      throw named.wrong("buckets", "no finite bucket: " + given);
    }
    return finite;
  }

  private static String oneOf(YamlSection section, String key, String... allowed) {
    String text = section.text(key);
    for (String each : allowed) {
      if (each.equals(text)) {
        return text;
      }
    }
    throw section.wrong(key, key + " must be one of" + String.join(" ", allowed) + ": " + text);
  }

  /** A duration as Go prints it, such as {@code 1m20s}; 0 if it is missing. */
  private static long duration(YamlSection section, String key) {
    String text = section.text(key);
    double nanos = 0;
    Matcher parts = DURATION_PART.matcher(text);
    int end = 0;
    while (parts.find() && parts.start() == end) {
      nanos += Double.parseDouble(parts.group(1)) * NANOS.get(parts.group(2));
      end = parts.end();
    }
    if (end != text.length() && !text.equals("0")) {
      throw section.wrong(key, "not a duration: " + text);
    }
    return (long) nanos;
  }
}
