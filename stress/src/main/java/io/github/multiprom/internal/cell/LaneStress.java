package io.github.multiprom.internal.cell;

import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.DoubleBuffer;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.DDD_Result;

/** A lane's cell, written by its thread without atomic operations, only rises for a reader. */
@JCStressTest
@Outcome(
    id = {"0.0, 0.0, 3.0", "0.0, 1.0, 3.0", "0.0, 3.0, 3.0", "1.0, 1.0, 3.0", "1.0, 3.0, 3.0"},
    expect = Expect.ACCEPTABLE,
    desc = "It rises, and in the end has both increments.")
@Outcome(id = "3.0, 3.0, 3.0", expect = Expect.ACCEPTABLE, desc = "Both increments.")
@Outcome(expect = Expect.FORBIDDEN, desc = "It falls, is torn, or lost an increment.")
@State
public class LaneStress {
  private static final int CELL = 1;

  private final DoubleBuffer block =
      ByteBuffer.allocateDirect(16).order(ByteOrder.LITTLE_ENDIAN).asDoubleBuffer();

  /** Adds 1, then 2. */
  @Actor
  public void owner() {
    LaneCounter.add(block, CELL, 1);
    LaneCounter.add(block, CELL, 2);
  }

  /** Reads twice. */
  @Actor
  public void reader(DDD_Result result) {
    result.r1 = block.get(CELL);
    VarHandle.loadLoadFence();
    result.r2 = block.get(CELL);
  }

  /** Reads what is left. */
  @Arbiter
  public void end(DDD_Result result) {
    result.r3 = block.get(CELL);
  }
}
