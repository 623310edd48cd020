package io.github.multiprom.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.List;
import org.junit.jupiter.api.Test;

class NativeSumTest {
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private final RefinedCells finest =
      RefinedCells.of(
          new FamilyDescriptor(
                  "h", MetricType.HISTOGRAM, "", "", List.of(), GaugeFold.SUM, false, List.of())
              .withNativeShape(new NativeShape(NativeBuckets.MAX_SCHEMA, 160)));

  private void add(RefinedCounts counts, double value) {
    int sign = RefinedCells.signOf(value);
    int j = finest.exponentialOf(sign, value);
    double[] cells = new double[RefinedCells.CHUNK_CELLS];
    cells[j & (RefinedCells.CHUNK_CELLS - 1)] = 1;
    counts.add(new ChunkKey(sign, 0, j >> RefinedCells.CHUNK_BITS), cells, 0);
  }

  /** So a file of a few hundred bytes does not take megabytes of those who read it. */
  @Test
  void takesLittleHeapForValuesThatAreFarApart() {
    RefinedCounts counts = new RefinedCounts();
    for (double value : new double[] {1e-38, 1, Double.MAX_VALUE, Double.POSITIVE_INFINITY}) {
      add(counts, value);
      add(counts, -value);
    }
    counts.buckets(finest);
    long before = THREADS.getCurrentThreadAllocatedBytes();
    NativeBuckets buckets = counts.buckets(finest);
    long allocated = THREADS.getCurrentThreadAllocatedBytes() - before;

    assertTrue(allocated < 256 << 10, allocated + " bytes");
    assertEquals(NativeBuckets.MAX_SCHEMA, buckets.schema());
    int[] indices = {-32315, 0, 1024 << 8, (1024 << 8) + 1};
    assertArrayEquals(indices, buckets.positiveIndices());
    assertArrayEquals(indices, buckets.negativeIndices());
    assertArrayEquals(new long[] {1, 1, 1, 1}, buckets.positiveCounts());
    assertEquals(8, buckets.count());
  }

  /** What one series had is not in the next one, near or far. */
  @Test
  void startsWithNothing() {
    NativeSum sum = new NativeSum();
    for (double value : new double[] {1, 1e30, 2, 1e-30}) {
      RefinedCounts counts = new RefinedCounts();
      add(counts, value);
      sum.clear();
      counts.chunks().forEach((key, cells) -> sum.add(finest, key, cells, 0));
      assertEquals(1, sum.buckets(finest.shape()).count());
    }
  }
}
