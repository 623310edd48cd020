package io.github.multiprom.merge;

import io.github.multiprom.model.DoubleDouble;
import io.github.multiprom.model.GaugeFold;

/** How the values that workers set become one. Set times are in microseconds since the epoch. */
final class GaugeValues {
  private GaugeValues() {}

  /**
   * A set time by which gauges can be compared: that of one that was set later than now is less
   * than all others, and the later it is the less.
   */
  static double effective(double setTime, double nowMicros) {
    return setTime > nowMicros ? 1 / setTime : setTime;
  }

  /** Whether a dead worker's value takes part: a sum would not be finite ever again. */
  static boolean isKept(GaugeFold fold, double value) {
    return fold != GaugeFold.SUM || Double.isFinite(value);
  }

  /**
   * Folds a value into what is folded so far.
   *
   * @param time the value's effective set time, more than 0
   * @param highs where the high word of the folded value is, at an index
   * @param lows where its low word is, at the same index
   * @param times where the latest set time is, at an index of its own; 0 if nothing was folded
   */
  static void fold(
      GaugeFold fold,
      double value,
      double valueLow,
      double time,
      double[] highs,
      double[] lows,
      int index,
      double[] times,
      int timeIndex) {
    if (fold.replaces(value, time, highs[index], times[timeIndex])) {
      highs[index] = value;
      lows[index] = valueLow;
    } else if (fold == GaugeFold.SUM) {
      DoubleDouble.add(highs, lows, index, value, valueLow);
    }
    times[timeIndex] = Math.max(times[timeIndex], time);
  }
}
