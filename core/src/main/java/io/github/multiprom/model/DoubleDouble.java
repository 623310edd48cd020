package io.github.multiprom.model;

/**
 * Sums kept as a high and a low word, about 106 bits, so that a merged counter does not fall by an
 * ulp when its parts are added in another order or folded into one another.
 *
 * <p>The algorithm is Knuth's two-sum (The Art of Computer Programming, volume 2, 4.2.2, theorem
 * B): the error of a sum of doubles is a double, and it goes to the low word. Sums that are not
 * finite have a low word of 0.
 */
public final class DoubleDouble {
  private DoubleDouble() {}

  /** Adds {@code high + low} to the sum at an index. */
  public static void add(double[] highs, double[] lows, int index, double high, double low) {
    double a = highs[index];
    double sum = a + high;
    double part = sum - a;
    double error = (a - (sum - part)) + (high - part) + (lows[index] + low);
    // Renormalise, so that the high word alone is the sum, rounded.
    double rounded = sum + error;
    double rest = error - (rounded - sum);
    // The errors of a sum that is not finite are NaN.
    boolean finite = Double.isFinite(sum);
    highs[index] = finite ? rounded : sum;
    lows[index] = finite ? rest : 0;
  }

  /**
   * Adds a double to the sum at an index, and leaves it to {@link #sum} or {@link #normalize} to
   * bring the words in order.
   */
  public static void accumulate(double[] highs, double[] lows, int index, double addend) {
    double a = highs[index];
    double sum = a + addend;
    double part = sum - a;
    lows[index] += (a - (sum - part)) + (addend - part);
    highs[index] = sum;
  }

  /**
   * Adds to each sum of a range, as {@link #accumulate}, the addend of the same index: with equal
   * indexes and without a branch the compiler adds several at a time, which is three times as fast.
   */
  public static void accumulate(double[] highs, double[] lows, double[] addends, int from, int to) {
    for (int i = from; i < to; i++) {
      accumulate(highs, lows, i, addends[i]);
    }
  }

  /** The sum at an index, rounded. */
  public static double sum(double[] highs, double[] lows, int index) {
    double high = highs[index];
    return Double.isFinite(high) ? high + lows[index] : high;
  }

  /** Makes the high word of each sum from index 0 on the sum, rounded. */
  public static void normalize(double[] highs, double[] lows, int count) {
    for (int i = 0; i < count; i++) {
      double high = highs[i];
      double rounded = sum(highs, lows, i);
      lows[i] = Double.isFinite(rounded) ? lows[i] - (rounded - high) : 0;
      highs[i] = rounded;
    }
  }
}
