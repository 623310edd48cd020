package io.github.multiprom.internal.cell;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.D_Result;

/** Threads that share a cell lose no increment. */
@JCStressTest
@Outcome(id = "3.0", expect = Expect.ACCEPTABLE, desc = "Both increments.")
@Outcome(expect = Expect.FORBIDDEN, desc = "An increment is lost.")
@State
public class SharedCellStress {
  private final ByteBuffer cells = ByteBuffer.allocateDirect(8).order(ByteOrder.LITTLE_ENDIAN);

  /** Adds 1. */
  @Actor
  public void one() {
    SharedCells.add(cells, 0, 1);
  }

  /** Adds 2. */
  @Actor
  public void two() {
    SharedCells.add(cells, 0, 2);
  }

  /** Reads the sum. */
  @Arbiter
  public void sum(D_Result result) {
    result.r1 = cells.getDouble(0);
  }
}
