package io.github.multiprom.python;

import io.github.multiprom.model.GaugeFold;
import io.github.multiprom.model.Incarnation;
import io.github.multiprom.model.MetricType;
import java.util.Locale;

/**
 * What the name of a file of client_python says: {@code counter_PID.db}, {@code histogram_PID.db},
 * {@code summary_PID.db} or {@code gauge_MODE_PID.db}. Immutable.
 *
 * @param type of all families in it
 * @param fold how gauges become one
 * @param liveOnly whether gauges of live processes only count
 * @param process the id of the process, or what the application gives instead
 * @param claimed the incarnation that the file got when it was claimed, as {@code .db.INCARNATION};
 *     null if it was not
 */
record PythonFileName(
    MetricType type, GaugeFold fold, boolean liveOnly, String process, Incarnation claimed) {
  private static final String SUFFIX = ".db";
  private static final String GAUGE = "gauge_";
  private static final String LIVE = "live";

  /** What a name says; null if no file of client_python has such a name. */
  static PythonFileName parse(String fileName) {
    String name = fileName;
    Incarnation claimed = null;
    int hex = name.length() - Incarnation.HEX_LENGTH;
    if (hex > 0 && name.startsWith(SUFFIX + ".", hex - SUFFIX.length() - 1)) {
      if (!Incarnation.isHex(name.substring(hex))) {
        return null;
      }
      claimed = Incarnation.parse(name.substring(hex));
      name = name.substring(0, hex - 1);
    }
    if (!name.endsWith(SUFFIX)) {
      return null;
    }
    name = name.substring(0, name.length() - SUFFIX.length());
    if (name.startsWith(GAUGE)) {
      return ofGauge(name.substring(GAUGE.length()), claimed);
    }
    for (MetricType type :
        new MetricType[] {MetricType.COUNTER, MetricType.HISTOGRAM, MetricType.SUMMARY}) {
      String prefix = type.name().toLowerCase(Locale.ROOT) + "_";
      if (name.startsWith(prefix) && name.length() > prefix.length()) {
        return new PythonFileName(
            type, GaugeFold.SUM, false, name.substring(prefix.length()), claimed);
      }
    }
    return null;
  }

  private static PythonFileName ofGauge(String name, Incarnation claimed) {
    int end = name.indexOf('_');
    if (end < 0 || end == name.length() - 1) {
      return null;
    }
    String mode = name.substring(0, end);
    boolean liveOnly = mode.startsWith(LIVE);
    String foldName = liveOnly ? mode.substring(LIVE.length()) : mode;
    for (GaugeFold fold : GaugeFold.values()) {
      if (fold.name().toLowerCase(Locale.ROOT).equals(foldName)) {
        return new PythonFileName(
            MetricType.GAUGE, fold, liveOnly, name.substring(end + 1), claimed);
      }
    }
    return null;
  }

  /** The name that a file had before it was claimed. */
  static String beforeClaim(String fileName) {
    PythonFileName parsed = parse(fileName);
    return parsed == null || parsed.claimed == null
        ? fileName
        : fileName.substring(0, fileName.length() - Incarnation.HEX_LENGTH - 1);
  }
}
