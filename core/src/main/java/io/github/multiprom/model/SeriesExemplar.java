package io.github.multiprom.model;

import java.util.Comparator;
import java.util.List;
import java.util.regex.Pattern;

/**
 * One observation or increment that stands for others, and the labels, those of a trace say, by
 * which it is found elsewhere. Immutable; every instance is valid.
 *
 * @param value what was observed or added
 * @param timeMs when, milliseconds since the epoch
 * @param labels label names, each followed by its value
 */
public record SeriesExemplar(double value, long timeMs, List<String> labels) {
  /** The one that is shown of several comes last, whatever their order was. */
  public static final Comparator<SeriesExemplar> NEWEST_LAST =
      Comparator.comparingLong(SeriesExemplar::timeMs)
          .thenComparingDouble(SeriesExemplar::value)
          .thenComparing(exemplar -> exemplar.labels.toString());

  /** How many exemplars a native histogram without classic buckets keeps. */
  public static final int NATIVE_SLOTS = 8;

  /** Most characters of all names and values, by OpenMetrics 1.0. */
  private static final int MAX_CHARACTERS = 128;

  private static final Pattern NAME = Pattern.compile("[a-zA-Z_][a-zA-Z0-9_]*");

  /**
   * Which of the {@link #NATIVE_SLOTS} keeps an exemplar: neighbouring magnitudes, up to four times
   * as great, have one, so that they are spread over the range of what is observed.
   */
  public static int nativeSlot(double value) {
    return (Math.getExponent(value) >> 1) & (NATIVE_SLOTS - 1);
  }

  /**
   * Checks the labels.
   *
   * @throws IllegalArgumentException if a name is invalid or has no value, or if they are too long
   */
  public SeriesExemplar {
    labels = List.copyOf(labels);
    if (labels.size() % 2 != 0) {
      throw new IllegalArgumentException("a label without a value");
    }
    int characters = 0;
    for (int i = 0; i < labels.size(); i++) {
      characters += labels.get(i).length();
      if (i % 2 == 0 && !NAME.matcher(labels.get(i)).matches()) {
        throw new IllegalArgumentException("Invalid label name of an exemplar: " + labels.get(i));
      }
    }
    if (characters > MAX_CHARACTERS) {
      throw new IllegalArgumentException("an exemplar with " + characters + " characters");
    }
  }
}
