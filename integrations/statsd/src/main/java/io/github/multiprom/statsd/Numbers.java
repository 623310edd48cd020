package io.github.multiprom.statsd;

import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;

/**
 * Numbers in bytes. Those of up to 15 digits and without an exponent are read without an object.
 */
final class Numbers {
  /** As many digits a long and a double hold exactly, so one division rounds correctly. */
  private static final int EXACT_DIGITS = 15;

  private static final int MAX_LENGTH = 64;

  private static final double[] POWERS_OF_TEN = {
    1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15
  };

  // As Go's ParseFloat, but for hexadecimal digits.
  private static final Pattern NUMBER =
      Pattern.compile("[+-]?(\\d+\\.?\\d*|\\.\\d+)([eE][+-]?\\d{1,5})?");
  private static final Pattern INFINITE =
      Pattern.compile("[+-]?inf(inity)?", Pattern.CASE_INSENSITIVE);

  private Numbers() {}

  /** The number in a range of bytes; NaN if it is none, or NaN. */
  static double parse(byte[] bytes, int start, int end) {
    int at = start;
    boolean negative = false;
    if (at < end && (bytes[at] == '-' || bytes[at] == '+')) {
      negative = bytes[at] == '-';
      at++;
    }
    long digits = 0;
    int count = 0;
    int decimals = -1;
    for (; at < end; at++) {
      int c = bytes[at];
      if (c >= '0' && c <= '9' && count < EXACT_DIGITS) {
        digits = digits * 10 + (c - '0');
        count++;
        decimals += decimals >= 0 ? 1 : 0;
      } else if (c == '.' && decimals < 0) {
        decimals = 0;
      } else {
        return parseAny(bytes, start, end);
      }
    }
    if (count == 0) {
      return Double.NaN;
    }
    double number = (double) digits / POWERS_OF_TEN[Math.max(0, decimals)];
    return negative ? -number : number;
  }

  private static double parseAny(byte[] bytes, int start, int end) {
    if (end - start > MAX_LENGTH) {
      return Double.NaN;
    }
    String text = new String(bytes, start, end - start, StandardCharsets.ISO_8859_1);
    if (NUMBER.matcher(text).matches()) {
      return Double.parseDouble(text);
    }
    if (INFINITE.matcher(text).matches()) {
      return text.charAt(0) == '-' ? Double.NEGATIVE_INFINITY : Double.POSITIVE_INFINITY;
    }
    return Double.NaN;
  }

  /** Whether a range of bytes, which is no number, says NaN. */
  static boolean isNan(byte[] bytes, int start, int end) {
    return end - start == 3
        && (bytes[start] | 0x20) == 'n'
        && (bytes[start + 1] | 0x20) == 'a'
        && (bytes[start + 2] | 0x20) == 'n';
  }
}
