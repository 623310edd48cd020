package io.github.multiprom.internal.cell;

import io.github.multiprom.model.ChunkKey;
import io.github.multiprom.model.RefinedCells;
import io.github.multiprom.model.RefinedCounts;
import java.util.Map;
import java.util.concurrent.atomic.DoubleAdder;

/** The observations of a native histogram in memory. Thread-safe. */
public final class HeapNative implements DistributionCells {
  private final ChunkDirectory chunks;
  private final DoubleAdder sum = new DoubleAdder();
  // Of a summary with quantiles, what it had counted before, and is in no chunk.
  private final DoubleAdder earlierCount = new DoubleAdder();

  public HeapNative(RefinedCells cells) {
    chunks = new ChunkDirectory(cells);
  }

  @Override
  public void observe(int bucket, double value) {
    observe(bucket, value, 1);
  }

  @Override
  public void observe(int bucket, double value, long times) {
    if (bucket != NO_BUCKET) {
      count(bucket, value, times);
    }
    sum.add(value * times);
  }

  @Override
  public void observeUnsummed(int bucket, double value) {
    count(bucket, value, 1);
  }

  private void count(int bucket, double value, long times) {
    int sign = RefinedCells.signOf(value);
    int exponential = chunks.cells.exponentialOf(sign, value);
    int classic = chunks.cells.classicOf(sign, bucket);
    Chunk chunk = chunks.chunk(sign, exponential, classic);
    int number = ChunkDirectory.number(exponential, classic, chunk.key.level());
    chunk.count(number & (RefinedCells.CHUNK_CELLS - 1), times);
  }

  @Override
  public void addAll(double[] numbers) {
    RefinedCounts all = RefinedCounts.of(numbers);
    earlierCount.add(all.earlierCount());
    for (Map.Entry<ChunkKey, double[]> each : all.chunks().entrySet()) {
      Chunk chunk = chunks.chunk(each.getKey());
      for (int i = 0; i < RefinedCells.CHUNK_CELLS; i++) {
        if (each.getValue()[i] != 0) {
          chunk.count(i, (long) each.getValue()[i]);
        }
      }
    }
    sum.add(numbers[0]);
  }

  @Override
  public double[] read() {
    RefinedCounts counts = new RefinedCounts();
    chunks.all().forEach(chunk -> counts.add(chunk.key, chunk.counted(), 0));
    counts.addEarlier(earlierCount.sum());
    return counts.toNumbers(sum.sum());
  }
}
