package io.github.multiprom.statsd;

/** Makes names of senders names of metrics and labels, as statsd_exporter does. */
final class Names {
  private static final String TAG_PREFIX = "tag_";

  private Names() {}

  /**
   * The name with an underscore for each character that no name has, one alone for several dashes,
   * and one before a digit at the beginning.
   */
  static String escape(String name) {
    StringBuilder escaped = new StringBuilder(name.length() + 1);
    if (!name.isEmpty() && isDigit(name.charAt(0))) {
      escaped.append('_');
    }
    int previous = 0;
    for (int i = 0; i < name.length(); ) {
      int c = name.codePointAt(i);
      boolean isFurtherDash = c == '-' && previous == '-';
      if (isDigit(c) || isLetter(c) || c == '_') {
        escaped.append((char) c);
      } else if (!isFurtherDash) {
        escaped.append('_');
      }
      previous = c;
      i += Character.charCount(c);
    }
    return escaped.toString();
  }

  private static boolean isDigit(int c) {
    return c >= '0' && c <= '9';
  }

  private static boolean isLetter(int c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  }

  /** A label name, which none of Prometheus' own meets. */
  static String label(String escaped, SeriesKey.Kind kind) {
    boolean isReserved =
        escaped.startsWith("__")
            || (kind == SeriesKey.Kind.HISTOGRAM && escaped.equals("le"))
            || (kind == SeriesKey.Kind.SUMMARY && escaped.equals("quantile"));
    return isReserved ? TAG_PREFIX + escaped : escaped;
  }
}
