package io.github.multiprom.store;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** Two threads never get the same lane, and each finds its own again. */
@JCStressTest
@Outcome(
    id = {"1, 2", "2, 1"},
    expect = Expect.ACCEPTABLE,
    desc = "A lane for each.")
@Outcome(expect = Expect.FORBIDDEN, desc = "A lane that is shared, or lost.")
@State
public class LaneStress {
  private final Lanes lanes = new Lanes(2);

  /** Claims a lane twice. */
  @Actor
  public void one(II_Result result) {
    int first = lanes.claim().number;
    result.r1 = lanes.claim().number == first ? first : -1;
  }

  /** Claims a lane twice. */
  @Actor
  public void two(II_Result result) {
    int first = lanes.claim().number;
    result.r2 = lanes.claim().number == first ? first : -1;
  }
}
