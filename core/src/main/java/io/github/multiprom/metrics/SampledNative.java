package io.github.multiprom.metrics;

import io.github.multiprom.model.ChunkKey;
import io.github.multiprom.model.ExponentialBuckets;
import io.github.multiprom.model.NativeBuckets;
import io.github.multiprom.model.NativeShape;
import io.github.multiprom.model.RefinedCells;
import io.github.multiprom.model.RefinedCounts;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;

/** The cells of a native histogram whose numbers come from a source. One thread at a time. */
/* Mechanism: what a source has counted since the last pass is added, so no cell ever falls. The
 * source gives two views of these observations, and a cell counts the meeting of a classic and an
 * exponential bucket: the views are joined by rank, which finds each meeting exactly. A pair of
 * buckets that have no value in common, as bounds of other clients differ in the last digit, counts
 * at the value of the classic bucket that is nearest.
 *
 * A source that coarsens its buckets, or widens its zero bucket, counts on at another level of
 * chunks; what it had counted before is made as coarse, so that only what is new is added. A source
 * that starts again has smaller counts, or finer buckets: all that it says is new then.
 *
 * Where the views do not agree, in this pass or the last one, the classic counts decide, and each
 * observation counts as one of its upper bound.
 */
final class SampledNative {
  /** Counted as finely as the source does, and shown as the clients show it by default. */
  static final NativeShape SHAPE =
      new NativeShape(NativeBuckets.MAX_SCHEMA, NativeShape.DEFAULT_MAX_BUCKETS);

  /** Most chunks of a level. Where it is full, the next one takes what is new. */
  private static final int MAX_CHUNKS = 64;

  private static final NativeBuckets NONE =
      new NativeBuckets(
          NativeBuckets.MAX_SCHEMA, 0, 0, new int[0], new long[0], new int[0], new long[0]);

  private final DistributionSeries child;
  private final RefinedCells refined;
  private final double[] upperBounds;

  private long[] lastCounts;
  // Null if they did not agree with the counts.
  private NativeBuckets lastBuckets = NONE;
  private int schema = NativeBuckets.MAX_SCHEMA;

  // The sum of all that was added, and what it was when the source started.
  private double addedSum;
  private double startSum;

  private final Set<ChunkKey> chunks = new HashSet<>();
  private final int[] chunkCounts;

  SampledNative(DistributionSeries child, double[] upperBounds) {
    this.child = child;
    this.upperBounds = upperBounds;
    refined = child.refined;
    lastCounts = new long[upperBounds.length + 1];
    chunkCounts = new int[refined.maxLevel() + 1];
  }

  /**
   * Raises the cells to the numbers of the source.
   *
   * @param sumAndCounts the sum, NaN if it is not known, and then the classic buckets
   * @param buckets valid ones of as many observations; null if there are none
   */
  void raise(double[] sumAndCounts, NativeBuckets buckets) {
    long[] counts = new long[lastCounts.length];
    boolean isRestarted = false;
    for (int i = 0; i < counts.length; i++) {
      if (sumAndCounts[1 + i] > RankedBuckets.MAX_COUNT) {
        return;
      }
      counts[i] = (long) sumAndCounts[1 + i];
      isRestarted |= counts[i] < lastCounts[i];
    }
    RankedBuckets added = null;
    boolean isQuiet =
        Arrays.equals(counts, lastCounts) && RankedBuckets.isSame(buckets, lastBuckets);
    if (buckets != null && lastBuckets != null && !isRestarted && !isQuiet) {
      isRestarted = isFiner(buckets, lastBuckets);
      if (!isRestarted) {
        added = itself(buckets);
        boolean isRisen =
            added.subtract(
                RankedBuckets.of(lastBuckets, buckets.schema(), buckets.zeroThreshold()));
        // Of buckets that are coarser now, some clients move a count into the wrong one.
        isRestarted = !isRisen && !isFiner(lastBuckets, buckets);
      }
    }
    if (isRestarted) {
      added = buckets == null ? null : itself(buckets);
      lastCounts = new long[counts.length];
      startSum = addedSum;
    }
    if (buckets != null) {
      schema = buckets.schema();
    }
    add(newIn(counts), added, sumAndCounts[0]);
    lastCounts = counts;
    lastBuckets = buckets;
  }

  private static RankedBuckets itself(NativeBuckets buckets) {
    return RankedBuckets.of(buckets, buckets.schema(), buckets.zeroThreshold());
  }

  private static boolean isFiner(NativeBuckets one, NativeBuckets other) {
    return one.schema() > other.schema() || one.zeroThreshold() < other.zeroThreshold();
  }

  private long[] newIn(long[] counts) {
    long[] added = new long[counts.length];
    for (int i = 0; i < counts.length; i++) {
      added[i] = counts[i] - lastCounts[i];
    }
    return added;
  }

  private void add(long[] counts, RankedBuckets buckets, double sum) {
    RefinedCounts cells = new RefinedCounts();
    if (buckets != null) {
      buckets.join(
          counts,
          (bucket, sign, number, times) ->
              count(cells, bucket, sign, valueOf(bucket, sign, number), times));
    } else {
      for (int bucket = 0; bucket < counts.length; bucket++) {
        double value = valueOf(bucket);
        count(cells, bucket, RefinedCells.signOf(value), value, counts[bucket]);
      }
    }
    double missing = Double.isNaN(sum) ? 0 : startSum + sum - addedSum;
    missing = Math.abs(missing) <= Double.MAX_VALUE ? missing : 0;
    if (cells.total() > 0 || missing != 0) {
      child.distribution().addAll(cells.toNumbers(missing));
      addedSum += missing;
    }
  }

  /** A value that is in a classic bucket, and in an exponential one if they have one in common. */
  private double valueOf(int bucket, int sign, int number) {
    if (sign == RefinedCells.ZERO) {
      return 0;
    }
    ExponentialBuckets buckets = ExponentialBuckets.of(schema);
    double value =
        sign == RefinedCells.POSITIVE
            ? buckets.upperBound(number)
            : -Math.nextUp(buckets.upperBound(number - 1));
    if (bucket < upperBounds.length) {
      value = Math.min(value, upperBounds[bucket]);
    }
    return bucket == 0 ? value : Math.max(value, Math.nextUp(upperBounds[bucket - 1]));
  }

  /** The value that stands for a classic bucket: its bound, or what is just behind the last. */
  private double valueOf(int bucket) {
    if (bucket < upperBounds.length) {
      return upperBounds[bucket];
    }
    return bucket == 0 ? Double.POSITIVE_INFINITY : Math.nextUp(upperBounds[bucket - 1]);
  }

  private void count(RefinedCounts cells, int bucket, int givenSign, double value, long times) {
    if (times == 0) {
      return;
    }
    // What is in the zero bucket stays there, though its values may be wide apart.
    int sign = givenSign == RefinedCells.ZERO ? RefinedCells.ZERO : RefinedCells.signOf(value);
    int exponential = refined.exponentialOf(sign, value);
    int classic = refined.classicOf(sign, bucket);
    int level = sign == RefinedCells.ZERO ? 0 : NativeBuckets.MAX_SCHEMA - schema;
    while (!hasChunk(chunk(sign, level, exponential, classic))) {
      level++;
    }
    int number = (exponential >> level) + classic;
    cells.add(
        chunk(sign, level, exponential, classic),
        number & (RefinedCells.CHUNK_CELLS - 1),
        (double) times);
  }

  private static ChunkKey chunk(int sign, int level, int exponential, int classic) {
    return new ChunkKey(sign, level, ((exponential >> level) + classic) >> RefinedCells.CHUNK_BITS);
  }

  /** Whether there is a chunk, or it can be added. */
  private boolean hasChunk(ChunkKey key) {
    if (chunks.contains(key)) {
      return true;
    }
    boolean isFull =
        key.sign() != RefinedCells.ZERO
            && key.level() < refined.maxLevel()
            && chunkCounts[key.level()] >= MAX_CHUNKS;
    if (!isFull) {
      chunks.add(key);
      chunkCounts[key.level()]++;
    }
    return !isFull;
  }
}
