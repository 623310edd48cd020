package io.github.multiprom.metrics;

/**
 * How much a family may have: more counts in its series {@code overflow}. Immutable.
 *
 * @param maxSeries most series of the families of one name at a time
 * @param maxLabelValueBytes longest label value, in bytes of UTF-8
 * @param maxLabelBytes longest label values of all series of one name together, in bytes of UTF-8
 */
record SeriesLimits(int maxSeries, int maxLabelValueBytes, int maxLabelBytes) {
  /** Each label value of the series that counts what is beyond the limits. */
  static final String OVERFLOW_LABEL_VALUE = "overflow";

  static final int DEFAULT_MAX_LABEL_VALUE_BYTES = 4 << 10;
  static final int DEFAULT_MAX_LABEL_BYTES = 2 << 20;

  /** A longer record, or one of so many label sets, is not accepted by any reader. */
  static final int MOST_LABEL_BYTES = 8 << 20;

  /**
   * Checks the components.
   *
   * @throws IllegalArgumentException if one is less than 1, or no file could hold so much
   */
  SeriesLimits {
    check("maxSeries", maxSeries, Integer.MAX_VALUE);
    check("maxLabelValueBytes", maxLabelValueBytes, MOST_LABEL_BYTES);
    check("maxLabelBytes", maxLabelBytes, Integer.MAX_VALUE);
  }

  private static void check(String name, int value, int most) {
    if (value < 1 || value > most) {
      throw new IllegalArgumentException(name + " must be 1 to " + most + ": " + value);
    }
  }

  /** Why a label set can never be a series of its own; null if nothing is against it. */
  String whyTooLong(String[] labelValues) {
    for (String value : labelValues) {
      if (utf8Length(value) > maxLabelValueBytes) {
        return "was given a label value of more than "
            + maxLabelValueBytes
            + " bytes (multiprom.maxLabelValueBytes)";
      }
    }
    return utf8Length(labelValues) > MOST_LABEL_BYTES
        ? "was given a label set of more than " + MOST_LABEL_BYTES + " bytes"
        : null;
  }

  /** Why there can be no series more for now; null if there can. */
  String whyFull(int seriesCount, long labelBytes, String[] labelValues) {
    if (seriesCount >= maxSeries) {
      return "has reached its limit of " + maxSeries + " series (multiprom.maxSeries)";
    }
    return labelBytes + utf8Length(labelValues) > maxLabelBytes
        ? "has reached its limit of "
            + maxLabelBytes
            + " bytes of label values (multiprom.maxLabelBytes)"
        : null;
  }

  static long utf8Length(String[] texts) {
    long length = 0;
    for (String text : texts) {
      length += utf8Length(text);
    }
    return length;
  }

  private static long utf8Length(String text) {
    long length = text.length();
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c >= 0x80) {
        // Each half of a surrogate pair stands for two of its four bytes.
        length += c < 0x800 || Character.isSurrogate(c) ? 1 : 2;
      }
    }
    return length;
  }
}
