package io.github.multiprom.internal.cell;

import io.github.multiprom.internal.file.WorkerFile;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.JJ_Result;

/** A record whose end is published last is seen whole or not at all. */
@JCStressTest
@Outcome(id = "0, 0", expect = Expect.ACCEPTABLE, desc = "Nothing published yet.")
@Outcome(id = "0, 7", expect = Expect.ACCEPTABLE, desc = "Written, not published.")
@Outcome(id = "24, 7", expect = Expect.ACCEPTABLE, desc = "Published and whole.")
@Outcome(id = "24, 0", expect = Expect.FORBIDDEN, desc = "Published before it was written.")
@State
public class PublishStress {
  private static final int PUBLISHED_OFFSET = 0;
  private static final int RECORD_OFFSET = 16;

  private final ByteBuffer file = ByteBuffer.allocateDirect(24).order(ByteOrder.LITTLE_ENDIAN);

  /** Writes the record, then publishes its end. */
  @Actor
  public void writer() {
    file.putLong(RECORD_OFFSET, 7);
    WorkerFile.setWord(file, PUBLISHED_OFFSET, 24);
  }

  /** Reads the published end, then the record. */
  @Actor
  public void reader(JJ_Result result) {
    result.r1 = file.getLong(PUBLISHED_OFFSET);
    VarHandle.loadLoadFence();
    result.r2 = file.getLong(RECORD_OFFSET);
  }
}
