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

  /** Adds a run of doubles to the sums from index 0 on. */
  public static void addAll(double[] highs, double[] lows, double[] addends, int count) {
    for (int i = 0; i < count; i++) {
      add(highs, lows, i, addends[i], 0);
    }
  }
}
