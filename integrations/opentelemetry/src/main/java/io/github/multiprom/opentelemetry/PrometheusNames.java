package io.github.multiprom.opentelemetry;

import static java.util.Map.entry;

import java.util.List;
import java.util.Map;

/**
 * Names that Prometheus takes for names of OpenTelemetry, as OpenTelemetry's own exporter makes
 * them by default; its specification calls that "underscore escaping with suffixes".
 */
final class PrometheusNames {
  private static final List<String> RESERVED_SUFFIXES =
      List.of("_total", "_created", "_bucket", "_info");

  private static final Map<String, String> COUNTED_UNITS =
      Map.ofEntries(
          entry("a", "years"),
          entry("mo", "months"),
          entry("wk", "weeks"),
          entry("d", "days"),
          entry("h", "hours"),
          entry("min", "minutes"),
          entry("s", "seconds"),
          entry("ms", "milliseconds"),
          entry("us", "microseconds"),
          entry("ns", "nanoseconds"),
          entry("By", "bytes"),
          entry("KiBy", "kibibytes"),
          entry("MiBy", "mebibytes"),
          entry("GiBy", "gibibytes"),
          entry("TiBy", "tibibytes"),
          entry("KBy", "kilobytes"),
          entry("MBy", "megabytes"),
          entry("GBy", "gigabytes"),
          entry("TBy", "terabytes"),
          entry("m", "meters"),
          entry("V", "volts"),
          entry("A", "amperes"),
          entry("J", "joules"),
          entry("W", "watts"),
          entry("g", "grams"));

  private static final Map<String, String> UNCOUNTED_UNITS =
      Map.of("Cel", "celsius", "Hz", "hertz", "%", "percent");

  private PrometheusNames() {}

  /**
   * The name of a family, with its unit, without {@code _total}.
   *
   * @param unit a UCUM code, may be empty
   */
  static String family(String name, String unit) {
    String family = withoutReserved(escaped(name, true));
    String suffix = unit(unit);
    return suffix.isEmpty() || family.endsWith(suffix) ? family : family + '_' + suffix;
  }

  /** The name of a label. */
  static String label(String key) {
    String label = escaped(key, false);
    return !label.isEmpty() && isDigit(label.charAt(0)) ? "key_" + label : label;
  }

  /** Runs of underscores, and of what a name may not have, become one underscore each. */
  private static String escaped(String name, boolean isFamily) {
    StringBuilder escaped = new StringBuilder(name.length());
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      boolean isLegal = isLetter(c) || (isFamily ? c == ':' || (isDigit(c) && i > 0) : isDigit(c));
      if (isLegal) {
        escaped.append(c);
      } else if (escaped.isEmpty() || escaped.charAt(escaped.length() - 1) != '_') {
        escaped.append('_');
      }
    }
    return escaped.toString();
  }

  private static boolean isLetter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }

  private static String withoutReserved(String name) {
    for (String suffix : RESERVED_SUFFIXES) {
      if (name.equals(suffix)) {
        return name.substring(1);
      }
      if (name.endsWith(suffix)) {
        return withoutReserved(name.substring(0, name.length() - suffix.length()));
      }
    }
    return name;
  }

  /** Empty if there is none. */
  private static String unit(String code) {
    String unit = code.replaceAll("\\{[^}]*}", "").strip();
    if (unit.isEmpty() || unit.equals("1") || unit.equals("/")) {
      return "";
    }
    int slash = unit.indexOf('/');
    if (slash < 0) {
      return unitWord(plural(unit));
    }
    String over = unit.substring(0, slash).strip();
    String per = "per_" + singular(unit.substring(slash + 1).strip());
    return unitWord(over.isEmpty() ? per : plural(over) + '_' + per);
  }

  private static String plural(String code) {
    return COUNTED_UNITS.getOrDefault(code, UNCOUNTED_UNITS.getOrDefault(code, code));
  }

  private static String singular(String code) {
    String plural = COUNTED_UNITS.get(code);
    return plural == null ? code : plural.substring(0, plural.length() - 1);
  }

  private static String unitWord(String unit) {
    String word = trimmed(unit.replaceAll("[^a-zA-Z0-9:]", "_"));
    // A name that ends with one of these is taken for something else.
    return RESERVED_SUFFIXES.contains('_' + word) ? "" : trimmed(withoutReserved(word));
  }

  private static String trimmed(String word) {
    return word.replaceAll("^_+|_+$", "");
  }
}
