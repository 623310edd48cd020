package io.github.multiprom.internal.cell;

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
  private final ObservedBlock block = new ObservedBlock();

  /** Observes 1 twice, in two buckets. */
  @Actor
  public void writer() {
    observe(0);
    observe(1);
  }

  private void observe(int bucket) {
    synchronized (block) {
      block.observe(bucket);
    }
  }

  /** Observes 1, and reads all cells twice, as a collector does. */
  @Actor
  public void writerAndReader(DD_Result result) {
    observe(0);
    block.read(result);
  }
}
