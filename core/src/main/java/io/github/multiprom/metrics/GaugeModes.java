package io.github.multiprom.metrics;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;

/** The modes of gauges whose code names none, by patterns of their names. Immutable. */
final class GaugeModes {
  private static final String OFF = "off";

  /** A pattern, in which {@code *} stands for any characters; the mode is null for {@code off}. */
  private record Rule(String pattern, GaugeMode mode) {}

  private final GaugeMode byDefault;
  private final List<Rule> rules;

  private GaugeModes(GaugeMode byDefault, List<Rule> rules) {
    this.byDefault = byDefault;
    this.rules = List.copyOf(rules);
  }

  /** One mode for all names. */
  static GaugeModes of(GaugeMode byDefault) {
    return new GaugeModes(byDefault, List.of());
  }

  /**
   * The modes that a text names, such as {@code jvm_threads_*=LIVESUM,debug_*=off}.
   *
   * @param refused takes each part that cannot be used, and is left out
   */
  static GaugeModes parse(String text, GaugeMode byDefault, Consumer<String> refused) {
    List<Rule> rules = new ArrayList<>();
    for (String part : text.split(",", -1)) {
      int equals = part.indexOf('=');
      if (part.isBlank()) {
        continue;
      }
      String pattern = part.substring(0, Math.max(0, equals)).strip();
      String mode = part.substring(equals + 1).strip();
      try {
        if (pattern.isEmpty()) {
          throw new IllegalArgumentException("without a pattern");
        }
        rules.add(new Rule(pattern, OFF.equalsIgnoreCase(mode) ? null : modeOf(mode)));
      } catch (IllegalArgumentException e) {
        refused.accept(part.strip());
      }
    }
    return new GaugeModes(byDefault, rules);
  }

  /**
   * The mode of a name, in upper or lower case.
   *
   * @throws IllegalArgumentException if there is none
   */
  static GaugeMode modeOf(String name) {
    return GaugeMode.valueOf(name.strip().toUpperCase(Locale.ROOT));
  }

  /** The same with another mode where no pattern fits. */
  GaugeModes withDefault(GaugeMode other) {
    return new GaugeModes(other, rules);
  }

  GaugeMode byDefault() {
    return byDefault;
  }

  /** Whether families of a name are not to be sampled. */
  boolean isOff(String name) {
    Rule rule = ruleOf(name);
    return rule != null && rule.mode == null;
  }

  /** The mode that a pattern gives to a name; null if none does. */
  GaugeMode byPattern(String name) {
    Rule rule = ruleOf(name);
    return rule == null ? null : rule.mode;
  }

  /** The mode of a gauge whose code names none. */
  GaugeMode of(String name) {
    GaugeMode mode = byPattern(name);
    return mode == null ? byDefault : mode;
  }

  /**
   * The mode of a gauge that is sampled: what is the same in all processes of a host is shown once,
   * and the rest by worker.
   *
   * @param given where no pattern names one; null for none
   */
  GaugeMode ofSampled(String name, GaugeMode given) {
    GaugeMode mode = byPattern(name);
    if (mode != null) {
      return mode;
    }
    if (given != null) {
      return given;
    }
    boolean isSame =
        name.startsWith("system_cpu_")
            || name.startsWith("system_load_average_")
            || name.startsWith("disk_")
            || name.endsWith("_info");
    return isSame ? GaugeMode.LIVEMAX : GaugeMode.LIVEALL;
  }

  private Rule ruleOf(String name) {
    // No lambda: the first gauge of a cold JVM comes here.
    for (Rule rule : rules) {
      if (matches(rule.pattern, name)) {
        return rule;
      }
    }
    return null;
  }

  /** Whether a name is what a pattern describes. */
  static boolean matches(String pattern, String name) {
    int at = 0;
    int inPattern = 0;
    int star = -1;
    int starAt = 0;
    while (at < name.length()) {
      if (inPattern < pattern.length() && pattern.charAt(inPattern) == '*') {
        star = inPattern++;
        starAt = at;
      } else if (inPattern < pattern.length() && pattern.charAt(inPattern) == name.charAt(at)) {
        inPattern++;
        at++;
      } else if (star >= 0) {
        // The last star takes one character more.
        inPattern = star + 1;
        at = ++starAt;
      } else {
        return false;
      }
    }
    while (inPattern < pattern.length() && pattern.charAt(inPattern) == '*') {
      inPattern++;
    }
    return inPattern == pattern.length();
  }
}
