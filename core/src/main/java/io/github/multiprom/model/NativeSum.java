package io.github.multiprom.model;

import java.util.Arrays;

/**
 * Adds up the exponential buckets of one series over workers of whatever schemas. One thread; used
 * for one series after another.
 *
 * <p>What it gives is a function of the counts alone. As these only rise, the schema only falls,
 * and no bucket does.
 */
public final class NativeSum {
  private static final int SCHEMAS = NativeBuckets.MAX_SCHEMA - NativeBuckets.MIN_SCHEMA + 1;

  /** Counts of neighbouring buckets. Keeps its array. */
  private static final class Window {
    private double[] counts = {};
    // Number of the first bucket, and how many there are.
    private int from;
    private int length;

    void add(int index, double count) {
      if (length == 0) {
        from = index;
      }
      if (index < from) {
        lengthen(from - index, true);
      } else if (index >= from + length) {
        lengthen(index - from + 1 - length, false);
      }
      counts[index - from] += count;
    }

    private void lengthen(int by, boolean inFront) {
      double[] longer =
          length + by <= counts.length ? counts : new double[Math.max(64, 2 * (length + by))];
      System.arraycopy(counts, 0, longer, inFront ? by : 0, length);
      int zeros = inFront ? 0 : length;
      Arrays.fill(longer, zeros, zeros + by, 0);
      counts = longer;
      from -= inFront ? by : 0;
      length += by;
    }

    /** Adds the counts of another one, which is finer. */
    void addAll(Window finer, int shift) {
      for (int i = 0; i < finer.length; i++) {
        if (finer.counts[i] != 0) {
          add((finer.from + i) >> shift, finer.counts[i]);
        }
      }
    }

    int populated() {
      int populated = 0;
      for (int i = 0; i < length; i++) {
        populated += counts[i] != 0 ? 1 : 0;
      }
      return populated;
    }

    void clear() {
      length = 0;
    }
  }

  private double zero;
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
   * @param schema at which the bucket is found; always the same for one family, so that what is
   *     shown does not depend on other counts
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

  /** Adds a count that is only known to lie above a classic bound: to the bucket behind it. */
  public void addAbove(double bound, int schema, double count) {
    ExponentialBuckets buckets = ExponentialBuckets.of(schema);
    int sign = RefinedCells.signOf(bound);
    if (count == 0) {
      return;
    }
    if (sign == RefinedCells.ZERO) {
      add(RefinedCells.POSITIVE, schema, buckets.first(), count);
      return;
    }
    int index = buckets.indexOf(Math.abs(bound));
    if (sign == RefinedCells.POSITIVE) {
      add(sign, schema, Math.min(index + 1, buckets.last()), count);
    } else if (index > buckets.first()) {
      add(sign, schema, index - 1, count);
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
      if (window != null && window.length > 0) {
        return true;
      }
    }
    return false;
  }

  /** The buckets that hold something, by Prometheus' index. */
  private static int[] indices(Window window) {
    int[] indices = new int[window.populated()];
    int at = 0;
    for (int i = 0; at < indices.length; i++) {
      if (window.counts[i] != 0) {
        indices[at++] = window.from + i + 1;
      }
    }
    return indices;
  }

  private static long[] counts(Window window) {
    long[] counts = new long[window.populated()];
    int at = 0;
    for (int i = 0; at < counts.length; i++) {
      if (window.counts[i] != 0) {
        counts[at++] = (long) window.counts[i];
      }
    }
    return counts;
  }
}
