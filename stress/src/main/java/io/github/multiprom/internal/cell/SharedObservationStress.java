package io.github.multiprom.internal.cell;

import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.DoubleBuffer;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.DD_Result;

/**
 * Threads that observe in one shared lane, each with its monitor, lose no observation, and a reader
 * that finds the same cells twice has a count and the sum of just these observations.
 */
@JCStressTest
@Outcome(id = "1.0, 1.0", expect = Expect.ACCEPTABLE, desc = "The own observation.")
@Outcome(id = "2.0, 2.0", expect = Expect.ACCEPTABLE, desc = "And one of the other thread.")
@Outcome(id = "3.0, 3.0", expect = Expect.ACCEPTABLE, desc = "And both of the other thread.")
@Outcome(id = "-1.0, -1.0", expect = Expect.ACCEPTABLE, desc = "The two reads differed.")
@Outcome(expect = Expect.FORBIDDEN, desc = "Buckets and sum of different observations.")
@State
public class SharedObservationStress {
  private static final int ODD_SUM = 0;
  private static final int EVEN_SUM = 1;
  private static final int FIRST_BUCKET = 2;
  private static final int PARITY = 4;
  private static final int CELLS = 5;

  private final DoubleBuffer block =
      ByteBuffer.allocateDirect(CELLS * Double.BYTES)
          .order(ByteOrder.LITTLE_ENDIAN)
          .asDoubleBuffer();

  /** Observes 1 twice, in two buckets. */
  @Actor
  public void writer() {
    observe(FIRST_BUCKET);
    observe(FIRST_BUCKET + 1);
  }

  private void observe(int bucketCell) {
    synchronized (block) {
      LaneDistribution.write(block, ODD_SUM, PARITY, bucketCell, 1);
    }
  }

  /** Observes 1, and reads all cells twice, as a collector does. */
  @Actor
  public void writerAndReader(DD_Result result) {
    observe(FIRST_BUCKET);
    double odd = block.get(ODD_SUM);
    double even = block.get(EVEN_SUM);
    double first = block.get(FIRST_BUCKET);
    double second = block.get(FIRST_BUCKET + 1);
    VarHandle.loadLoadFence();
    if (odd != block.get(ODD_SUM)
        || even != block.get(EVEN_SUM)
        || first != block.get(FIRST_BUCKET)
        || second != block.get(FIRST_BUCKET + 1)) {
      result.r1 = -1;
      result.r2 = -1;
      return;
    }
    result.r1 = first + second;
    result.r2 = ((long) result.r1 & 1) == 1 ? odd : even;
  }
}
