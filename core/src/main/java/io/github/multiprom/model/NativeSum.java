package io.github.multiprom.model;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * Adds up the exponential buckets of one series over workers of whatever schemas. One thread; used
 * for one series after another.
 *
 * <p>What it gives is a function of the counts alone. As these only rise, the schema only falls,
 * and no bucket does.
 */
public final class NativeSum {
  private static final int SCHEMAS = NativeBuckets.MAX_SCHEMA - NativeBuckets.MIN_SCHEMA + 1;

  /**
   * Counts of buckets, in runs of neighbouring ones: those that nothing falls into take no memory,
   * however far values are apart.
   */
  private static final class Window {
    private static final int RUN_BITS = 6;
    private static final int RUN_LENGTH = 1 << RUN_BITS;

    /** More runs than that are rare. */
    private static final int KEPT_RUNS = 256;

    private static final double[][] NO_RUNS = {};

    // Null where there never was a count.
    private double[][] runs = NO_RUNS;
    // Number of the first run.
    private int from;
    private boolean isUsed;

    void add(int index, double count) {
      int number = index >> RUN_BITS;
      if (runs.length == 0) {
        from = number;
      }
      if (number < from) {
        lengthen(from - number, from - number);
        from = number;
      } else if (number >= from + runs.length) {
        lengthen(number - from + 1 - runs.length, 0);
      }
      double[] run = runs[number - from];
      if (run == null) {
        run = new double[RUN_LENGTH];
        runs[number - from] = run;
      }
      run[index & (RUN_LENGTH - 1)] += count;
      isUsed = true;
    }

    private void lengthen(int by, int inFront) {
      double[][] longer = new double[runs.length + by][];
      System.arraycopy(runs, 0, longer, inFront, runs.length);
      runs = longer;
    }

    /** Adds the counts of another one, which is finer. */
    void addAll(Window finer, int shift) {
      finer.visit((index, count) -> add(index >> shift, count));
    }

    /** Visits the buckets that hold something, ascending. */
    void visit(Visitor visitor) {
      for (int i = 0; isUsed && i < runs.length; i++) {
        for (int j = 0; runs[i] != null && j < RUN_LENGTH; j++) {
          if (runs[i][j] != 0) {
            visitor.visit(((from + i) << RUN_BITS) + j, runs[i][j]);
          }
        }
      }
    }

    int populated() {
      int populated = 0;
      for (int i = 0; isUsed && i < runs.length; i++) {
        for (int j = 0; runs[i] != null && j < RUN_LENGTH; j++) {
          populated += runs[i][j] != 0 ? 1 : 0;
        }
      }
      return populated;
    }

    void clear() {
      if (runs.length > KEPT_RUNS) {
        runs = NO_RUNS;
      }
      for (int i = 0; isUsed && i < runs.length; i++) {
        if (runs[i] != null) {
          Arrays.fill(runs[i], 0);
        }
      }
      isUsed = false;
    }
  }

  private interface Visitor {
    void visit(int index, double count);
  }

  private double zero;
  private final double[] since = new double[RefinedCells.CHUNK_CELLS];
  // By sign, positive first, and schema; null where there never was a count.
  private final Window[][] windows = new Window[2][SCHEMAS];
  // What is shown, by sign.
  private Window[] shown = {new Window(), new Window()};
  private Window[] coarser = {new Window(), new Window()};

  /** Starts with the next series. */
  public void clear() {
    zero = 0;
    for (Window[] ofSign : windows) {
      for (Window window : ofSign) {
        if (window != null) {
          window.clear();
        }
      }
    }
  }

  /** Adds the counts of a chunk, which stand in an array from an index on. */
  public void add(RefinedCells refined, ChunkKey chunk, double[] counts, int from) {
    for (int i = 0; i < RefinedCells.CHUNK_CELLS; i++) {
      double count = counts[from + i];
      if (count != 0 && chunk.sign() == RefinedCells.ZERO) {
        zero += count;
      } else if (count != 0) {
        int schema = refined.shape().schema() - chunk.level();
        add(chunk.sign(), schema, refined.exponentialOf(chunk, i), count);
      }
    }
  }

  /**
   * Adds what the cells of a chunk counted since a moment.
   *
   * @param before what they had counted then; null for nothing
   */
  public void addSince(
      RefinedCells refined, ChunkKey chunk, double[] counts, int from, double[] before) {
    for (int i = 0; i < RefinedCells.CHUNK_CELLS; i++) {
      since[i] = Math.max(0, counts[from + i] - (before == null ? 0 : before[i]));
    }
    add(refined, chunk, since, 0);
  }

  /**
   * Values of which so many of all that were added are not greater: the value of the rank {@code
   * ceil(q * n)}, within the error of its bucket.
   *
   * @param quantiles 0 to 1
   * @return NaN for each if nothing was added
   */
  public double[] quantiles(List<QuantileWindow.Quantile> quantiles) {
    List<Held> ascending = held();
    double total = 0;
    for (Held bucket : ascending) {
      total += bucket.count;
    }
    double[] values = new double[quantiles.size()];
    for (int q = 0; q < values.length; q++) {
      double rank = rank(quantiles.get(q).quantile(), total);
      values[q] = Double.NaN;
      for (int i = 0; i < ascending.size() && rank > 0; i++) {
        rank -= ascending.get(i).count;
        values[q] = ascending.get(i).value;
      }
    }
    return values;
  }

  /** That of 0.07 of 100 is 7, though the nearest numbers have a product that is more. */
  private static double rank(double quantile, double total) {
    double product = quantile * total;
    double nearest = Math.rint(product);
    boolean isRounded = Math.abs(product - nearest) <= 2 * Math.ulp(product);
    return Math.max(1, isRounded ? nearest : Math.ceil(product));
  }

  /** A bucket that holds something, and the value that stands for all in it. */
  private record Held(double value, double count) {}

  private List<Held> held() {
    List<Held> all = new ArrayList<>();
    for (int s = NativeBuckets.MIN_SCHEMA; s <= NativeBuckets.MAX_SCHEMA; s++) {
      ExponentialBuckets buckets = ExponentialBuckets.of(s);
      for (int sign = 0; sign < windows.length; sign++) {
        Window window = windows[sign][s - NativeBuckets.MIN_SCHEMA];
        double factor = sign == 0 ? 1 : -1;
        if (window != null) {
          window.visit((index, count) -> all.add(new Held(factor * buckets.middle(index), count)));
        }
      }
    }
    if (zero != 0) {
      all.add(new Held(0, zero));
    }
    all.sort(Comparator.comparingDouble(Held::value));
    return all;
  }

  /** Adds to an exponential bucket. */
  private void add(int sign, int schema, int index, double count) {
    Window[] ofSign = windows[sign - RefinedCells.POSITIVE];
    Window window = ofSign[schema - NativeBuckets.MIN_SCHEMA];
    if (window == null) {
      window = new Window();
      ofSign[schema - NativeBuckets.MIN_SCHEMA] = window;
    }
    window.add(index, count);
  }

  /**
   * Adds a count that is only known to lie below a classic bound: to the bucket of that bound.
   *
   * @param schema at which it is added; always the same for one series, so that what is shown does
   *     not depend on other counts
   */
  public void addBelow(double bound, int schema, double count) {
    int sign = RefinedCells.signOf(bound);
    if (count == 0) {
      return;
    }
    if (sign == RefinedCells.ZERO) {
      zero += count;
    } else {
      add(sign, schema, ExponentialBuckets.of(schema).indexOf(Math.abs(bound)), count);
    }
  }

  /**
   * Adds a count that is only known to lie above a classic bound: to the bucket that holds what is
   * just behind it. Just behind it by the finest schema, so that the bucket does not change for
   * another when the schema does.
   */
  public void addAbove(double bound, int schema, double count) {
    ExponentialBuckets finest = ExponentialBuckets.of(NativeBuckets.MAX_SCHEMA);
    int coarser = NativeBuckets.MAX_SCHEMA - schema;
    int sign = RefinedCells.signOf(bound);
    if (count == 0) {
      return;
    }
    if (sign == RefinedCells.ZERO) {
      add(RefinedCells.POSITIVE, schema, finest.first() >> coarser, count);
      return;
    }
    int index = finest.indexOf(Math.abs(bound));
    if (sign == RefinedCells.POSITIVE) {
      add(sign, schema, Math.min(index + 1, finest.last()) >> coarser, count);
    } else if (index > finest.first()) {
      add(sign, schema, (index - 1) >> coarser, count);
    } else {
      zero += count;
    }
  }

  /**
   * The buckets of all that was added, as finely as all of it was counted and as few buckets allow.
   */
  public NativeBuckets buckets(NativeShape shape) {
    int schema = shape.schema();
    for (int s = NativeBuckets.MIN_SCHEMA; s < schema; s++) {
      schema = isUsed(s) ? s : schema;
    }
    for (int sign = 0; sign < shown.length; sign++) {
      shown[sign].clear();
      for (int s = schema; s <= NativeBuckets.MAX_SCHEMA; s++) {
        Window window = windows[sign][s - NativeBuckets.MIN_SCHEMA];
        if (window != null) {
          shown[sign].addAll(window, s - schema);
        }
      }
    }
    while (schema > NativeBuckets.MIN_SCHEMA
        && shown[0].populated() + shown[1].populated() > shape.maxBuckets()) {
      schema--;
      for (int sign = 0; sign < shown.length; sign++) {
        coarser[sign].clear();
        coarser[sign].addAll(shown[sign], 1);
      }
      Window[] finer = shown;
      shown = coarser;
      coarser = finer;
    }
    return new NativeBuckets(
        schema,
        NativeBuckets.ZERO_THRESHOLD,
        (long) zero,
        indices(shown[0]),
        counts(shown[0]),
        indices(shown[1]),
        counts(shown[1]));
  }

  private boolean isUsed(int schema) {
    for (Window[] ofSign : windows) {
      Window window = ofSign[schema - NativeBuckets.MIN_SCHEMA];
      if (window != null && window.isUsed) {
        return true;
      }
    }
    return false;
  }

  /** The buckets that hold something, by Prometheus' index. */
  private static int[] indices(Window window) {
    int[] indices = new int[window.populated()];
    int[] at = {0};
    window.visit((index, count) -> indices[at[0]++] = index + 1);
    return indices;
  }

  private static long[] counts(Window window) {
    long[] counts = new long[window.populated()];
    int[] at = {0};
    window.visit((index, count) -> counts[at[0]++] = (long) count);
    return counts;
  }
}
