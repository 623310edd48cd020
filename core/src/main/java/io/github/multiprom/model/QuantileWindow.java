package io.github.multiprom.model;

import java.util.ArrayList;
import java.util.List;

/**
 * Which quantiles of which time a summary has. Immutable; every instance is valid.
 *
 * <p>The window moves on in steps of the epoch's clock, so that all workers of a host agree where
 * it begins. A worker notes at each step what a series had counted before, in one of {@link
 * #places()}.
 *
 * @param quantiles ascending, each once
 * @param maxAgeMs how long before now it begins at most, in milliseconds
 * @param steps in how many steps it moves on
 */
public record QuantileWindow(List<Quantile> quantiles, long maxAgeMs, int steps) {
  /** Most steps: a series keeps its cells once for each. */
  public static final int MAX_STEPS = 60;

  /** A hundred years: no longer one can be told. */
  public static final long MAX_AGE_MS = 3_155_760_000_000L;

  /** Most quantiles, whatever a file says. */
  public static final int MAX_QUANTILES = 1000;

  /** How all summaries with quantiles count: 32 buckets from a number to its double. */
  public static final NativeShape SHAPE = new NativeShape(5, Integer.MAX_VALUE);

  /**
   * A quantile.
   *
   * @param quantile 0 to 1
   * @param error how far off its rank may be, 0 to 1; the rank is exact, whatever it says
   */
  public record Quantile(double quantile, double error) {
    /**
     * Checks the components.
     *
     * @throws IllegalArgumentException if one is out of its range
     */
    public Quantile {
      if (!(quantile >= 0 && quantile <= 1 && error >= 0 && error <= 1)) {
        throw new IllegalArgumentException("quantile " + quantile + " with error " + error);
      }
    }
  }

  /**
   * Checks the components.
   *
   * @throws IllegalArgumentException if there is no quantile, they are not ascending, or the steps
   *     are too many or shorter than a millisecond, or the window is too long
   */
  public QuantileWindow {
    quantiles = List.copyOf(quantiles);
    if (quantiles.isEmpty() || quantiles.size() > MAX_QUANTILES) {
      throw new IllegalArgumentException(quantiles.size() + " quantiles");
    }
    double previous = -1;
    for (Quantile each : quantiles) {
      if (each.quantile <= previous) {
        throw new IllegalArgumentException("quantiles are not ascending: " + quantiles);
      }
      previous = each.quantile;
    }
    if (steps < 1 || steps > MAX_STEPS || maxAgeMs < steps || maxAgeMs > MAX_AGE_MS) {
      throw new IllegalArgumentException(steps + " steps in " + maxAgeMs + " ms");
    }
  }

  /** How many snapshots a series keeps of its cells. */
  public int places() {
    return steps + 1;
  }

  /** The length of a step in milliseconds. */
  public long stepMs() {
    return maxAgeMs / steps;
  }

  /** The last step before a time, or at it; milliseconds since the epoch, as the time is. */
  public long boundaryMs(long nowMs) {
    return Math.floorDiv(nowMs, stepMs()) * stepMs();
  }

  /** When the window begins; milliseconds since the epoch, as the time is. */
  public long beginMs(long nowMs) {
    return boundaryMs(nowMs) - (steps - 1) * stepMs();
  }

  /** In which place the snapshot of a step is. */
  public int placeOf(long boundaryMs) {
    return (int) Math.floorMod(boundaryMs / stepMs(), (long) places());
  }

  /** The steps that a place is kept of, ascending: those of the window, and one before it. */
  public List<Long> boundariesMs(long nowMs) {
    List<Long> all = new ArrayList<>();
    for (int i = steps; i >= 0; i--) {
      all.add(boundaryMs(nowMs) - i * stepMs());
    }
    return all;
  }

  /** The same window without its quantiles: what tells which snapshots belong together. */
  public QuantileWindow withoutQuantiles() {
    return new QuantileWindow(List.of(new Quantile(0, 0)), maxAgeMs, steps);
  }
}
