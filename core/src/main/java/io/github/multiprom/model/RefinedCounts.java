package io.github.multiprom.model;

import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The counts of one native histogram by chunk, over lanes or workers of one shape. One thread.
 *
 * <p>Those of a summary with quantiles have what was counted before some moments, too, and how much
 * was counted that is in no chunk.
 *
 * <p>Together with a sum they are written as numbers: the sum, and then for each chunk its sign,
 * level and key, and the counts of its cells. What was counted before a moment comes behind, with a
 * group of as many numbers in front of it that has no sign, but the moment in the place of the
 * counts; in the same way the count that is in no chunk.
 */
public final class RefinedCounts {
  private static final int SIGN = 0;
  private static final int LEVEL = 1;
  private static final int KEY = 2;
  private static final int COUNTS = 3;
  private static final int CHUNK_NUMBERS = COUNTS + RefinedCells.CHUNK_CELLS;

  // In the place of a sign.
  private static final int EARLIER = -1;
  private static final int SNAPSHOT = -2;

  private final TreeMap<ChunkKey, double[]> chunks = new TreeMap<>();
  private final TreeMap<Long, RefinedCounts> snapshots = new TreeMap<>();
  private double earlierCount;

  /** The counts that some numbers stand for. */
  public static RefinedCounts of(double[] numbers) {
    RefinedCounts counts = new RefinedCounts();
    RefinedCounts into = counts;
    for (int at = 1; at < numbers.length; at += CHUNK_NUMBERS) {
      if (numbers[at + SIGN] == EARLIER) {
        counts.earlierCount = numbers[at + COUNTS];
      } else if (numbers[at + SIGN] == SNAPSHOT) {
        into = counts.snapshot((long) numbers[at + COUNTS]);
      } else {
        into.add(numbers, at);
      }
    }
    return counts;
  }

  /** Takes away the counts that some numbers stand for, and forgets what was before. */
  public void subtract(double[] numbers) {
    snapshots.clear();
    RefinedCounts others = of(numbers);
    earlierCount -= others.earlierCount;
    others.chunks.forEach((key, counts) -> add(key, counts, 0, -1));
  }

  private void add(double[] numbers, int at) {
    ChunkKey key =
        new ChunkKey((int) numbers[at + SIGN], (int) numbers[at + LEVEL], (int) numbers[at + KEY]);
    add(key, numbers, at + COUNTS);
  }

  /** Adds other counts, with what was counted before the same moments. */
  public void add(RefinedCounts others) {
    addChunks(others, 1);
    earlierCount += others.earlierCount;
    others.snapshots.forEach((stampMs, counts) -> snapshot(stampMs).add(counts));
  }

  private void addChunks(RefinedCounts others, double factor) {
    others.chunks.forEach((key, counts) -> add(key, counts, 0, factor));
  }

  /** Adds the counts of one chunk, which stand in an array from an index on. */
  public void add(ChunkKey key, double[] counts, int from) {
    add(key, counts, from, 1);
  }

  private void add(ChunkKey key, double[] counts, int from, double factor) {
    double[] cells = cells(key);
    for (int i = 0; i < cells.length; i++) {
      cells[i] += factor * counts[from + i];
    }
  }

  /** Adds to the count that is in no chunk. */
  public void addEarlier(double count) {
    earlierCount += count;
  }

  /** The count that is in no chunk. */
  public double earlierCount() {
    return earlierCount;
  }

  /** What was counted before a moment, milliseconds since the epoch; nothing at first. */
  public RefinedCounts snapshot(long stampMs) {
    return snapshots.computeIfAbsent(stampMs, k -> new RefinedCounts());
  }

  /** What was counted before some moments, milliseconds since the epoch, ascending. */
  public SortedMap<Long, RefinedCounts> snapshots() {
    return snapshots;
  }

  /**
   * What a dead worker, or the totals, had counted before a moment: by the next snapshot, and
   * without one all of it. Those later than now, which a clock that was ahead has left, do not
   * count.
   */
  private RefinedCounts before(long momentMs, long nowMs) {
    Map.Entry<Long, RefinedCounts> next = snapshots.ceilingEntry(momentMs);
    return next == null || next.getKey() > nowMs ? this : next.getValue();
  }

  /**
   * The same of a dead worker, or of the totals, with what was counted before each of the steps of
   * a window.
   *
   * @param createdMs before that it had counted nothing
   */
  public RefinedCounts atSteps(QuantileWindow window, long nowMs, long createdMs) {
    RefinedCounts same = new RefinedCounts();
    same.addChunks(this, 1);
    same.earlierCount = earlierCount;
    for (long stepMs : window.boundariesMs(nowMs)) {
      RefinedCounts then = same.snapshot(stepMs);
      if (createdMs < stepMs) {
        then.addChunks(before(stepMs, nowMs), 1);
        then.limitTo(this);
      }
    }
    return same;
  }

  /** Before a moment no cell had counted more than later, whatever a damaged file says. */
  private void limitTo(RefinedCounts later) {
    chunks.forEach(
        (key, cells) -> {
          double[] most = later.chunks.get(key);
          for (int i = 0; i < cells.length; i++) {
            cells[i] = Math.min(cells[i], most == null ? 0 : most[i]);
          }
        });
  }

  /**
   * What a live worker counted in a window.
   *
   * @param sum gets it
   */
  public void addWindowTo(NativeSum sum, RefinedCells refined, long beginMs) {
    Map.Entry<Long, RefinedCounts> next = snapshots.ceilingEntry(beginMs);
    Map.Entry<Long, RefinedCounts> before = next == null ? snapshots.lastEntry() : next;
    chunks.forEach(
        (key, cells) ->
            sum.addSince(
                refined, key, cells, 0, before == null ? null : before.getValue().chunks.get(key)));
  }

  /** Moves what was counted before the first snapshot out of the chunks: no window has it. */
  public void forgetBeforeFirst() {
    if (!snapshots.isEmpty()) {
      RefinedCounts oldest = new RefinedCounts();
      oldest.addChunks(snapshots.get(snapshots.firstKey()), 1);
      earlierCount += oldest.chunkTotal();
      addChunks(oldest, -1);
      for (RefinedCounts snapshot : snapshots.values()) {
        snapshot.addChunks(oldest, -1);
        snapshot.chunks.values().removeIf(RefinedCounts::isZero);
      }
      chunks.values().removeIf(RefinedCounts::isZero);
    }
  }

  /** Adds to the count of one cell of a chunk. */
  public void add(ChunkKey key, int cell, double count) {
    cells(key)[cell] += count;
  }

  private double[] cells(ChunkKey key) {
    return chunks.computeIfAbsent(key, k -> new double[RefinedCells.CHUNK_CELLS]);
  }

  /** The chunks, in order, and the counts of each. */
  public Map<ChunkKey, double[]> chunks() {
    return chunks;
  }

  /** The number of all observations. */
  public double total() {
    return earlierCount + chunkTotal();
  }

  /** The number of those observations that are in chunks. */
  public double chunkTotal() {
    double total = 0;
    for (double[] cells : chunks.values()) {
      for (double count : cells) {
        total += count;
      }
    }
    return total;
  }

  /** As numbers, with their sum. Chunks of zeros are left out. */
  public double[] toNumbers(double sum) {
    int groups = groups() + (earlierCount == 0 ? 0 : 1);
    for (RefinedCounts snapshot : snapshots.values()) {
      groups += 1 + snapshot.groups();
    }
    double[] numbers = new double[1 + CHUNK_NUMBERS * groups];
    numbers[0] = sum;
    int at = putChunks(numbers, 1);
    if (earlierCount != 0) {
      at = putMark(numbers, at, EARLIER, earlierCount);
    }
    for (Map.Entry<Long, RefinedCounts> snapshot : snapshots.entrySet()) {
      at = putMark(numbers, at, SNAPSHOT, snapshot.getKey());
      at = snapshot.getValue().putChunks(numbers, at);
    }
    return numbers;
  }

  private int groups() {
    chunks.values().removeIf(RefinedCounts::isZero);
    return chunks.size();
  }

  private static int putMark(double[] numbers, int at, int mark, double number) {
    numbers[at + SIGN] = mark;
    numbers[at + COUNTS] = number;
    return at + CHUNK_NUMBERS;
  }

  private int putChunks(double[] numbers, int from) {
    int at = from;
    for (Map.Entry<ChunkKey, double[]> chunk : chunks.entrySet()) {
      numbers[at + SIGN] = chunk.getKey().sign();
      numbers[at + LEVEL] = chunk.getKey().level();
      numbers[at + KEY] = chunk.getKey().key();
      System.arraycopy(chunk.getValue(), 0, numbers, at + COUNTS, RefinedCells.CHUNK_CELLS);
      at += CHUNK_NUMBERS;
    }
    return at;
  }

  private static boolean isZero(double[] cells) {
    for (double count : cells) {
      if (count != 0) {
        return false;
      }
    }
    return true;
  }

  /** The native buckets. */
  public NativeBuckets buckets(RefinedCells refined) {
    NativeSum sum = new NativeSum();
    chunks.forEach((key, cells) -> sum.add(refined, key, cells, 0));
    return sum.buckets(refined.shape());
  }

  /** For each classic bucket, +Inf last, its count; not cumulative. */
  public double[] classic(RefinedCells refined) {
    double[] buckets = new double[refined.boundCount() + 1];
    chunks.forEach(
        (key, cells) -> {
          for (int i = 0; i < cells.length; i++) {
            if (cells[i] != 0) {
              buckets[refined.bucketOf(key, i)] += cells[i];
            }
          }
        });
    return buckets;
  }
}
