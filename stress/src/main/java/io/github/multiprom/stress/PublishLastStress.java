package io.github.multiprom.stress;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.LL_Result;

/** A record whose length is stored last is seen whole or not at all. */
@JCStressTest
@Outcome(id = "0, 0", expect = Expect.ACCEPTABLE, desc = "Nothing published yet.")
@Outcome(id = "0, 7", expect = Expect.ACCEPTABLE, desc = "Written, not published.")
@Outcome(id = "1, 7", expect = Expect.ACCEPTABLE, desc = "Published and whole.")
@Outcome(id = "1, 0", expect = Expect.FORBIDDEN, desc = "Published before it was written.")
@State
public class PublishLastStress {
  private static final VarHandle CELL =
      MethodHandles.byteBufferViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final int LENGTH_OFFSET = 0;
  private static final int RECORD_OFFSET = 8;

  private final ByteBuffer file = ByteBuffer.allocateDirect(16).order(ByteOrder.LITTLE_ENDIAN);

  /** Writes the record, then publishes it. */
  @Actor
  public void writer() {
    CELL.set(file, RECORD_OFFSET, 7L);
    CELL.setRelease(file, LENGTH_OFFSET, 1L);
  }

  /** Reads the length, then the record. */
  @Actor
  public void reader(LL_Result result) {
    result.r1 = (long) CELL.getAcquire(file, LENGTH_OFFSET);
    result.r2 = (long) CELL.get(file, RECORD_OFFSET);
  }
}
