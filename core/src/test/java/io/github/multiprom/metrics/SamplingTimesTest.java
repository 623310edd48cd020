package io.github.multiprom.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class SamplingTimesTest {
  private final SamplingTimes times = new SamplingTimes(1);

  private static long ms(long milliseconds) {
    return TimeUnit.MILLISECONDS.toNanos(milliseconds);
  }

  @Test
  void beginAtOnceAndTwiceSoonAfterASourceWasAdded() {
    times.added(ms(1000));
    assertEquals(0, times.untilDue(ms(1000)));
    times.began(ms(1000));
    times.ended(ms(1000), ms(1001));
    assertEquals(ms(99), times.untilDue(ms(1001)));
    times.ended(ms(1100), ms(1101));
    assertEquals(ms(199), times.untilDue(ms(1101)));
    times.ended(ms(1300), ms(1301));
    assertEquals(ms(1000), times.untilDue(ms(1301)));
  }

  @Test
  void beginAtOnceForASourceThatWasAddedDuringALongPass() {
    times.began(ms(1000));
    times.added(ms(1010));
    times.ended(ms(1000), ms(1500));
    assertEquals(0, times.untilDue(ms(1500)));
    assertFalse(times.isFresh(ms(1500)));
    times.began(ms(1500));
    times.ended(ms(1500), ms(1510));
    assertEquals(ms(1000), times.untilDue(ms(1510)));
    assertTrue(times.isFresh(ms(1510)));
  }

  @Test
  void leaveTheirPauseForSourcesThatAreAddedInEachPass() {
    for (int pass = 0; pass < 3; pass++) {
      times.began(ms(1000));
      times.added(ms(1000));
      times.ended(ms(1000), ms(1500));
      assertEquals(0, times.untilDue(ms(1500)));
    }
    times.began(ms(2000));
    times.added(ms(2000));
    times.ended(ms(2000), ms(2500));
    assertEquals(ms(15_000), times.untilDue(ms(2500)));
    assertTrue(times.isFresh(ms(2500)));
  }

  @Test
  void leaveAHundredTimesAPassUpToFifteenSeconds() {
    times.ended(ms(1000), ms(1050));
    assertEquals(ms(5000), times.untilDue(ms(1050)));
    assertTrue(times.isFresh(ms(6000)));
    assertFalse(times.isFresh(ms(6050)));
    times.ended(ms(1000), ms(61_000));
    assertEquals(ms(15_000), times.untilDue(ms(61_000)));
  }

  @Test
  void leaveALongerPeriodIfItIsSet() {
    SamplingTimes slow = new SamplingTimes(30);
    slow.added(0);
    slow.began(ms(1000));
    slow.ended(ms(1000), ms(1001));
    assertEquals(ms(30_000), slow.untilDue(ms(1001)));
    assertFalse(slow.isFresh(ms(1252)));
  }

  @Test
  void areFreshForAQuarterOfASecond() {
    assertFalse(times.isFresh(0));
    times.ended(ms(1000), ms(1001));
    assertTrue(times.isFresh(ms(1250)));
    assertFalse(times.isFresh(ms(1251)));
  }

  @Test
  void repeatNoPassThatFailsAtOnce() {
    times.added(0);
    times.began(0);
    assertEquals(ms(1000), times.untilDue(0));
  }
}
