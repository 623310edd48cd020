package io.github.multiprom.model;

/**
 * The cells of one series, counted from its first one: in a worker file, in each lane, and in a
 * {@link Snapshot}, in which the lanes are added up.
 *
 * <pre>
 *  counter             | sum |
 *  gauge, info, states | value   | set time |
 *  distribution        | odd sum | even sum | bucket 0 | ... | bucket +Inf | parity |
 *  native histogram    | odd sum | even sum | parity |
 *  with quantiles      | odd sum | even sum | parity | earlier count | stamp 0 | ... |
 * </pre>
 *
 * <p>Buckets are not cumulative, and a summary has +Inf alone. Those of a native histogram, and of
 * a summary with quantiles, are elsewhere, see {@link BucketChunk}. Of the two sums of a
 * distribution one is in use; a snapshot has it in the place of the even one, and 0 in those of the
 * other and of the parity.
 */
public final class SeriesLayout {
  /** A counter's sum. */
  public static final int COUNTER_SUM_CELL = 0;

  /** What was set. */
  public static final int VALUE_CELL = 0;

  /** When it was set, microseconds since the epoch; 0 for never, less for withdrawn. */
  public static final int SET_TIME_CELL = 1;

  /** A distribution's sum after an odd number of observations. */
  public static final int ODD_SUM_CELL = 0;

  /** A distribution's sum after an even number of observations; in a snapshot its sum. */
  public static final int EVEN_SUM_CELL = 1;

  /** A distribution's first bucket. */
  public static final int FIRST_BUCKET_CELL = 2;

  /** A native histogram's parity. */
  public static final int NATIVE_PARITY_CELL = 2;

  /** The number of cells that a native histogram takes beside its chunks. */
  static final int NATIVE_CELL_COUNT = NATIVE_PARITY_CELL + 1;

  /** How much a summary with quantiles had counted that is in none of its chunks. */
  public static final int EARLIER_COUNT_CELL = NATIVE_CELL_COUNT;

  /** The first stamp of a summary with quantiles, milliseconds since the epoch; 0 for none. */
  public static final int FIRST_STAMP_CELL = EARLIER_COUNT_CELL + 1;

  private SeriesLayout() {}

  /**
   * The number of cells that a series takes.
   *
   * @param finiteBuckets of a histogram, without +Inf; otherwise 0
   */
  static int cellCount(MetricType type, int finiteBuckets) {
    return switch (type) {
      case COUNTER -> COUNTER_SUM_CELL + 1;
      case GAUGE, INFO, STATESET -> SET_TIME_CELL + 1;
      // +Inf and the parity come behind.
      case HISTOGRAM, SUMMARY -> FIRST_BUCKET_CELL + finiteBuckets + 2;
    };
  }
}
