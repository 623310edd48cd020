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
 * Where the chunks of a native histogram are the same before and after its sums were read, the sum
 * is that of the observations which the chunks count.
 */
@JCStressTest
@Outcome(id = "0.0, 0.0", expect = Expect.ACCEPTABLE, desc = "No observation.")
@Outcome(id = "1.0, 1.0", expect = Expect.ACCEPTABLE, desc = "One observation.")
@Outcome(id = "2.0, 2.0", expect = Expect.ACCEPTABLE, desc = "Two observations.")
@Outcome(id = "3.0, 3.0", expect = Expect.ACCEPTABLE, desc = "Three observations.")
@Outcome(id = "-1.0, -1.0", expect = Expect.ACCEPTABLE, desc = "The two reads differed.")
@Outcome(expect = Expect.FORBIDDEN, desc = "Buckets and sum of different observations.")
@State
public class NativeObservationStress {
  private static final int ODD_SUM = 0;
  private static final int EVEN_SUM = 1;
  private static final int PARITY = 2;

  private final DoubleBuffer sums = cells(3);
  private final DoubleBuffer chunks = cells(2);

  private static DoubleBuffer cells(int count) {
    return ByteBuffer.allocateDirect(count * Double.BYTES)
        .order(ByteOrder.LITTLE_ENDIAN)
        .asDoubleBuffer();
  }

  private void observe(int cell) {
    LaneNative.write(sums, ODD_SUM, PARITY, chunks, cell, 1, 1);
  }

  /** Observes 1 three times, in two cells. */
  @Actor
  public void writer() {
    observe(0);
    observe(1);
    observe(0);
  }

  /** Reads the chunks, the sums, and the chunks again, as a collector does. */
  @Actor
  public void reader(DD_Result result) {
    double first = chunks.get(0);
    double second = chunks.get(1);
    VarHandle.loadLoadFence();
    double odd = sums.get(ODD_SUM);
    double even = sums.get(EVEN_SUM);
    VarHandle.loadLoadFence();
    if (first != chunks.get(0) || second != chunks.get(1)) {
      result.r1 = -1;
      result.r2 = -1;
      return;
    }
    result.r1 = first + second;
    result.r2 = ((long) result.r1 & 1) == 1 ? odd : even;
  }
}
