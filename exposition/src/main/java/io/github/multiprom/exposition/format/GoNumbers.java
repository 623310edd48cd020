package io.github.multiprom.exposition.format;

import com.fasterxml.jackson.core.io.NumberOutput;

/**
 * Prints doubles as Prometheus' own exposition does: Go's {@code strconv.FormatFloat(x, 'g', -1,
 * 64)}, the shortest decimal that reads back as the same double, with an exponent if that is less
 * than -4 or greater than 5.
 *
 * <p>Whole numbers, and decimals of up to 15 digits, are found by a multiplication and a division
 * without any garbage; for the others the digits come from Raffaello Giulietti's Schubfach
 * algorithm, which JDKs before 19 lack.
 */
final class GoNumbers {
  /** Sign, 17 digits, point, {@code e}, sign and three digits, and some to spare. */
  static final int MAX_LENGTH = 32;

  private static final int MIN_EXPONENT = -4;

  /** The first exponent that is printed as one. */
  private static final int EXPONENT_LIMIT = 6;

  /** Below, doubles hold all whole numbers, and a quotient of two is rounded once. */
  private static final double EXACT = 1e15;

  /** From here to {@link #PLAIN_LIMIT}, fractions look the same in Java's and in Go's notation. */
  private static final double LEAST_PLAIN = 1e-3;

  private static final double PLAIN_LIMIT = 1e6;

  private static final double LEAST_WITH_TWO_DIGITS = 1e-321;

  private static final double[] POWERS_OF_TEN = {
    1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15
  };

  /** The numbers 0 to 99, two digits each. */
  private static final byte[] DIGIT_PAIRS = new byte[200];

  static {
    for (int i = 0; i < 100; i++) {
      DIGIT_PAIRS[2 * i] = (byte) ('0' + i / 10);
      DIGIT_PAIRS[2 * i + 1] = (byte) ('0' + i % 10);
    }
  }

  private GoNumbers() {}

  /** Prints into a buffer with room for {@link #MAX_LENGTH} bytes; returns the end. */
  static int print(double number, byte[] into, int at) {
    if (Double.isNaN(number)) {
      return print("NaN", into, at);
    }
    double magnitude = Math.abs(number);
    if (magnitude == Double.POSITIVE_INFINITY) {
      return print(number > 0 ? "+Inf" : "-Inf", into, at);
    }
    int start = at;
    if (Double.doubleToRawLongBits(number) < 0) {
      into[start++] = '-';
    }
    if (magnitude < PLAIN_LIMIT && magnitude == (int) magnitude) {
      return printSmall((int) magnitude, into, start);
    }
    if (magnitude < EXACT) {
      if (magnitude == (long) magnitude) {
        return printDigits((long) magnitude, 0, into, start);
      }
      int most = POWERS_OF_TEN.length - 1;
      while (magnitude * POWERS_OF_TEN[most] >= EXACT) {
        most--;
      }
      // What has few digits is exact with more as well: one division rules out the others.
      if (isDecimal(magnitude, most)) {
        int digits = 1;
        while (!isDecimal(magnitude, digits)) {
          digits++;
        }
        return printDigits(
            (long) Math.rint(magnitude * POWERS_OF_TEN[digits]), -digits, into, start);
      }
    }
    return printShortest(magnitude, into, start);
  }

  /** Whether so many digits behind the point tell a number from all others. */
  private static boolean isDecimal(double magnitude, int digits) {
    double power = POWERS_OF_TEN[digits];
    return Math.rint(magnitude * power) / power == magnitude;
  }

  private static int print(String text, byte[] into, int at) {
    for (int i = 0; i < text.length(); i++) {
      into[at++] = (byte) text.charAt(i);
    }
    return at;
  }

  /** Prints a whole number below {@link #PLAIN_LIMIT}: most counts are, and look as in Java. */
  private static int printSmall(int number, byte[] into, int at) {
    int end = at + digitCountOfSmall(number);
    int rest = number;
    int i = end;
    while (rest >= 100) {
      int quotient = rest / 100;
      int pair = 2 * (rest - 100 * quotient);
      into[--i] = DIGIT_PAIRS[pair + 1];
      into[--i] = DIGIT_PAIRS[pair];
      rest = quotient;
    }
    if (rest >= 10) {
      into[--i] = DIGIT_PAIRS[2 * rest + 1];
      into[--i] = DIGIT_PAIRS[2 * rest];
    } else {
      into[--i] = (byte) ('0' + rest);
    }
    return end;
  }

  private static int digitCountOfSmall(int number) {
    if (number < 1000) {
      return number < 10 ? 1 : number < 100 ? 2 : 3;
    }
    return number < 10_000 ? 4 : number < 100_000 ? 5 : 6;
  }

  /** Deprecated for other characters than these, it is the one way without an array between. */
  @SuppressWarnings("deprecation")
  private static int copy(String ascii, byte[] into, int at) {
    int length = ascii.length();
    ascii.getBytes(0, length, into, at);
    return at + length;
  }

  /** Takes the digits and the exponent from a decimal in Java's notation. */
  private static int printShortest(double magnitude, byte[] into, int at) {
    String decimal = NumberOutput.toString(magnitude, true);
    if (magnitude >= LEAST_PLAIN && magnitude < PLAIN_LIMIT) {
      return copy(decimal, into, at);
    }
    long digits = 0;
    int exponent = 0;
    boolean fraction = false;
    for (int i = 0; i < decimal.length(); i++) {
      char c = decimal.charAt(i);
      if (c == '.') {
        fraction = true;
      } else if (c == 'E') {
        exponent += Integer.parseInt(decimal.substring(i + 1));
        break;
      } else {
        digits = 10 * digits + (c - '0');
        exponent -= fraction ? 1 : 0;
      }
    }
    if (magnitude < LEAST_WITH_TWO_DIGITS) {
      // Java never gives less than two digits; among the least doubles one can be enough.
      long rounded = (digits + 5) / 10;
      if (digits < 100 && Double.parseDouble(rounded + "e" + (exponent + 1)) == magnitude) {
        return printDigits(rounded, exponent + 1, into, at);
      }
    }
    return printDigits(digits, exponent, into, at);
  }

  /** Prints {@code digits × 10^exponent}. */
  private static int printDigits(long digits, int exponent, byte[] into, int at) {
    if (digits == 0) {
      into[at++] = '0';
      return at;
    }
    while (digits % 10 == 0) {
      digits /= 10;
      exponent++;
    }
    int count = digitCount(digits);
    int scientific = count - 1 + exponent;
    if (scientific < MIN_EXPONENT || scientific >= EXPONENT_LIMIT) {
      return printScientific(digits, count, scientific, into, at);
    }
    if (exponent >= 0) {
      at = printWhole(digits, count, into, at);
      for (int i = 0; i < exponent; i++) {
        into[at++] = '0';
      }
      return at;
    }
    int before = count + exponent;
    if (before > 0) {
      int end = printWhole(digits, count, into, at + 1);
      System.arraycopy(into, at + 1, into, at, before);
      into[at + before] = '.';
      return end;
    }
    into[at++] = '0';
    into[at++] = '.';
    for (int i = before; i < 0; i++) {
      into[at++] = '0';
    }
    return printWhole(digits, count, into, at);
  }

  private static int printScientific(long digits, int count, int exponent, byte[] into, int at) {
    int end = printWhole(digits, count, into, at + 1);
    into[at] = into[at + 1];
    if (count == 1) {
      end = at + 1;
    } else {
      into[at + 1] = '.';
    }
    into[end++] = 'e';
    into[end++] = (byte) (exponent < 0 ? '-' : '+');
    int positive = Math.abs(exponent);
    if (positive < 10) {
      into[end++] = '0';
    }
    return printWhole(positive, digitCount(positive), into, end);
  }

  private static int printWhole(long digits, int count, byte[] into, int at) {
    for (int i = at + count - 1; i >= at; i--) {
      long quotient = digits / 10;
      into[i] = (byte) ('0' + (digits - 10 * quotient));
      digits = quotient;
    }
    return at + count;
  }

  private static int digitCount(long digits) {
    int count = 1;
    for (long limit = 10; digits >= limit && count < 18; limit *= 10) {
      count++;
    }
    return digits >= 1_000_000_000_000_000_000L ? 19 : count;
  }
}
