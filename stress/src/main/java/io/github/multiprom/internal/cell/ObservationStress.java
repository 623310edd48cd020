package io.github.multiprom.internal.cell;

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
  private final ObservedBlock block = new ObservedBlock();

  /** Observes 1 three times, in two buckets. */
  @Actor
  public void writer() {
    block.observe(0);
    block.observe(1);
    block.observe(0);
  }

  /** Reads all cells twice, as a collector does. */
  @Actor
  public void reader(DD_Result result) {
    block.read(result);
  }
}
