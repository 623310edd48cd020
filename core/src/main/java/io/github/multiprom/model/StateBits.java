package io.github.multiprom.model;

/**
 * The value of a state set: the index of the one state that is true, or, below 0, -1 minus the sum
 * of 2<sup>index</sup> over those that are.
 */
public final class StateBits {
  /** So many states have a bit that a double holds. */
  public static final int MAX_STATES = 52;

  /** No state is true. */
  public static final double NONE = -1;

  private StateBits() {}

  /** Whether a state is true. */
  public static boolean contains(double value, int state) {
    return value >= 0 ? value == state : (bits(value) >>> state & 1) == 1;
  }

  /** A value below 0 with one state changed. */
  public static double with(double value, int state, boolean isTrue) {
    long bit = 1L << state;
    return NONE - (double) (isTrue ? bits(value) | bit : bits(value) & ~bit);
  }

  private static long bits(double value) {
    return (long) (NONE - value);
  }
}
