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

/** Cells that are the same in two reads are a count and the sum of just these observations. */
@JCStressTest
@Outcome(id = "0.0, 0.0", expect = Expect.ACCEPTABLE, desc = "No observation.")
@Outcome(id = "1.0, 1.0", expect = Expect.ACCEPTABLE, desc = "One observation.")
@Outcome(id = "2.0, 2.0", expect = Expect.ACCEPTABLE, desc = "Two observations.")
@Outcome(id = "3.0, 3.0", expect = Expect.ACCEPTABLE, desc = "Three observations.")
@Outcome(id = "-1.0, -1.0", expect = Expect.ACCEPTABLE, desc = "The two reads differed.")
@Outcome(expect = Expect.FORBIDDEN, desc = "Buckets and sum of different observations.")
@State
public class ObservationStress {
  private static final int ODD_SUM = 0;
  private static final int EVEN_SUM = 1;
  private static final int FIRST_BUCKET = 2;
  private static final int PARITY = 4;
  private static final int CELLS = 5;

  private final DoubleBuffer block =
      ByteBuffer.allocateDirect(CELLS * Double.BYTES)
          .order(ByteOrder.LITTLE_ENDIAN)
          .asDoubleBuffer();

  /** Observes 1 three times, in two buckets. */
  @Actor
  public void writer() {
    LaneDistribution.write(block, ODD_SUM, PARITY, FIRST_BUCKET, 1);
    LaneDistribution.write(block, ODD_SUM, PARITY, FIRST_BUCKET + 1, 1);
    LaneDistribution.write(block, ODD_SUM, PARITY, FIRST_BUCKET, 1);
  }

  /** Reads all cells twice, as a collector does. */
  @Actor
  public void reader(DD_Result result) {
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
