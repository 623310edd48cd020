package io.github.multiprom.metrics;

import io.github.multiprom.internal.cell.DistributionCells;
import io.github.multiprom.model.NativeBuckets;
import java.util.Arrays;

/**
 * A series whose numbers come from a source, which gives them in {@link SampledSource#sample}. One
 * thread at a time.
 *
 * <p>For the modules of this project alone, as {@link BridgedFamilies}.
 *
 * <p>Each time the cells are raised to what the source says by now. A source that starts again, and
 * cells that do (what they had counted is in the totals of retired workers), change the base that
 * is added to that: so nothing falls, nothing counts twice, and no rounding piles up.
 */
public final class SampledSeries {
  final Series child;
  final double[] upperBounds;

  /** The pass in which the source gave it last. */
  long pass;

  /** When it was withdrawn; 0 if it was not. */
  long withdrawnNanos;

  // Of a counter its total; of a distribution the sum and then the buckets.
  private final double[] base;
  private final double[] last;
  private double[] own;

  // Null unless it has native buckets.
  private final SampledNative nativeCells;

  SampledSeries(Series child, double[] upperBounds, int width) {
    this.child = child;
    child.hasSource = true;
    this.upperBounds = upperBounds;
    base = new double[width];
    last = new double[width];
    own = new double[width];
    nativeCells =
        child instanceof DistributionSeries distribution && distribution.refined != null
            ? new SampledNative(distribution, upperBounds)
            : null;
  }

  /** Sets a gauge or an info. */
  public void set(double value) {
    ((GaugeSeries) child).cell.set(value);
    withdrawnNanos = 0;
  }

  /** Shows a gauge or an info no more, until it is set again. */
  public void withdraw() {
    withdraw(System.nanoTime());
  }

  void withdraw(long nowNanos) {
    ((GaugeSeries) child).cell.withdraw();
    withdrawnNanos = nowNanos;
  }

  /**
   * Raises a counter to a total of its source.
   *
   * @param total since the source started; finite
   */
  public void raise(double total) {
    Counter.Child counter = (Counter.Child) child;
    double[] missing = missing(new double[] {total}, new double[] {counter.counted()}, 0);
    if (missing[0] > 0) {
      counter.add(missing[0]);
    }
    own = new double[] {counter.counted()};
  }

  /**
   * Raises a summary to the numbers of its source.
   *
   * @param count of observations since the source started; finite
   * @param sum of the observations; NaN if it is not known
   */
  public void raise(double count, double sum) {
    raise(new double[] {sum, count}, null);
  }

  /** Shows a gauge or an info no more; of a sum does nothing. */
  public void end() {
    if (child instanceof GaugeSeries) {
      withdraw();
    }
  }

  /** Removes the series. */
  public void remove() {
    child.family.remove(child.labelValues().toArray(new String[0]));
  }

  /**
   * Raises a distribution to the numbers of its source.
   *
   * @param sumAndBuckets the sum, NaN if it is not known, and then the buckets
   * @param buckets native ones of the same observations; null if there are none
   */
  void raise(double[] sumAndBuckets, NativeBuckets buckets) {
    if (nativeCells != null) {
      nativeCells.raise(sumAndBuckets, buckets);
      return;
    }
    DistributionCells cells = child.distribution();
    if (Double.isNaN(sumAndBuckets[0])) {
      // What was summed up since a source started again is not known.
      sumAndBuckets[0] = falls(last, sumAndBuckets, 1) ? 0 : last[0];
    }
    double[] missing = missing(sumAndBuckets, cells.read(), 1);
    boolean isMissing = missing[0] != 0;
    for (int i = 1; i < missing.length; i++) {
      missing[i] = Math.max(0, missing[i]);
      isMissing |= missing[i] > 0;
    }
    if (isMissing) {
      cells.addAll(missing);
    }
    own = cells.read();
  }

  /**
   * What must be added to the cells.
   *
   * @param counts where the numbers begin that never fall by themselves
   */
  private double[] missing(double[] totals, double[] cells, int counts) {
    if (falls(last, totals, counts)) {
      for (int i = 0; i < base.length; i++) {
        base[i] += last[i];
      }
    }
    if (falls(own, cells, counts)) {
      for (int i = 0; i < base.length; i++) {
        base[i] -= own[i] - cells[i];
      }
    }
    double[] missing = new double[base.length];
    for (int i = 0; i < base.length; i++) {
      missing[i] = base[i] + totals[i] - cells[i];
    }
    System.arraycopy(totals, 0, last, 0, last.length);
    return missing;
  }

  private static boolean falls(double[] before, double[] now, int from) {
    for (int i = from; i < before.length; i++) {
      if (now[i] < before[i]) {
        return true;
      }
    }
    return false;
  }

  boolean hasBounds(double[] other) {
    return Arrays.equals(upperBounds, other);
  }
}
