package io.github.multiprom.model;

/**
 * The identity of one life of a worker: 128 random bits, made when the worker opens its store.
 * Immutable.
 *
 * <p>Never the pid: pids are reused, and equal in every container.
 *
 * @param high the upper 64 bits
 * @param low the lower 64 bits
 */
public record Incarnation(long high, long low) implements Comparable<Incarnation> {
  /** Length of {@link #toString()}. */
  public static final int HEX_LENGTH = 32;

  /**
   * The incarnation that 32 lower-case hexadecimal digits name.
   *
   * @throws IllegalArgumentException if the text is anything else
   */
  public static Incarnation parse(String hex) {
    if (!isHex(hex)) {
      throw new IllegalArgumentException("not an incarnation: " + hex);
    }
    return new Incarnation(
        Long.parseUnsignedLong(hex, 0, 16, 16), Long.parseUnsignedLong(hex, 16, HEX_LENGTH, 16));
  }

  /** Whether a text is 32 lower-case hexadecimal digits. */
  public static boolean isHex(String text) {
    boolean hex = text.length() == HEX_LENGTH;
    for (int i = 0; hex && i < HEX_LENGTH; i++) {
      char c = text.charAt(i);
      hex = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
    }
    return hex;
  }

  /** The first eight digits: enough to tell apart two live workers of one name. */
  public String shortName() {
    return toString().substring(0, 8);
  }

  @Override
  public int compareTo(Incarnation other) {
    int byHigh = Long.compareUnsigned(high, other.high);
    return byHigh != 0 ? byHigh : Long.compareUnsigned(low, other.low);
  }

  /** 32 lower-case hexadecimal digits. */
  @Override
  public String toString() {
    return hex(high) + hex(low);
  }

  private static String hex(long bits) {
    String digits = Long.toHexString(bits);
    return "0".repeat(16 - digits.length()) + digits;
  }
}
