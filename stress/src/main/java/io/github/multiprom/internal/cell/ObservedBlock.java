package io.github.multiprom.internal.cell;

import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.DoubleBuffer;
import org.openjdk.jcstress.infra.results.DD_Result;

/** The block of one distribution with two buckets, in which 1 is observed. */
final class ObservedBlock {
  private static final int ODD_SUM = 0;
  private static final int EVEN_SUM = 1;
  private static final int FIRST_BUCKET = 2;
  private static final int PARITY = 4;
  private static final int CELLS = 5;

  private final DoubleBuffer cells =
      ByteBuffer.allocateDirect(CELLS * Double.BYTES)
          .order(ByteOrder.LITTLE_ENDIAN)
          .asDoubleBuffer();

  /** Observes 1; one thread at a time. */
  void observe(int bucket) {
    LaneDistribution.write(cells, ODD_SUM, PARITY, FIRST_BUCKET + bucket, 1);
  }

  /** Reads all cells twice, as a collector does: count and sum, or -1 if the two reads differ. */
  void read(DD_Result result) {
    double odd = cells.get(ODD_SUM);
    double even = cells.get(EVEN_SUM);
    double first = cells.get(FIRST_BUCKET);
    double second = cells.get(FIRST_BUCKET + 1);
    VarHandle.loadLoadFence();
    if (odd != cells.get(ODD_SUM)
        || even != cells.get(EVEN_SUM)
        || first != cells.get(FIRST_BUCKET)
        || second != cells.get(FIRST_BUCKET + 1)) {
      result.r1 = -1;
      result.r2 = -1;
      return;
    }
    result.r1 = first + second;
    result.r2 = ((long) result.r1 & 1) == 1 ? odd : even;
  }
}
