package io.github.multiprom.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.multiprom.internal.cell.DistributionCells;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class BucketsTest {
  private static final List<Double> DEFAULT =
      List.of(.005, .01, .025, .05, .075, .1, .25, .5, .75, 1.0, 2.5, 5.0, 7.5, 10.0);
  private static final int ROUNDS = 2000;

  /** The definition: the first bucket whose bound is not below the value. */
  private static int expected(List<Double> bounds, double value) {
    if (Double.isNaN(value)) {
      return DistributionCells.NO_BUCKET;
    }
    int bucket = 0;
    while (bucket < bounds.size() && bounds.get(bucket) < value) {
      bucket++;
    }
    return bucket;
  }

  private static void assertFound(List<Double> bounds, String message) {
    Buckets buckets = new Buckets(bounds);
    assertEquals(bounds.size() + 1, buckets.count());
    List<Double> values =
        new ArrayList<>(
            List.of(
                0.0,
                -0.0,
                Double.MIN_VALUE,
                -Double.MIN_VALUE,
                Double.MAX_VALUE,
                -Double.MAX_VALUE,
                Double.POSITIVE_INFINITY,
                Double.NEGATIVE_INFINITY,
                Double.NaN,
                Double.longBitsToDouble(-1)));
    for (double bound : bounds) {
      values.addAll(
          List.of(bound, Math.nextUp(bound), Math.nextDown(bound), -bound, bound * 1.3, bound / 2));
    }
    for (double value : values) {
      assertEquals(expected(bounds, value), buckets.of(value), () -> message + ": " + value);
    }
  }

  @Test
  void findsTheDefaultBuckets() {
    assertFound(DEFAULT, "default");
  }

  @Test
  void findsUnusualBuckets() {
    assertFound(List.of(), "none");
    assertFound(List.of(0.0), "zero");
    assertFound(List.of(-0.0, 1.0), "minus zero");
    assertFound(List.of(-2.0, -1.0), "below zero");
    assertFound(List.of(-1.0, 0.0, 1.0), "around zero");
    assertFound(List.of(1.0, Math.nextUp(1.0), 2.0), "next to one another");
    assertFound(List.of(Double.MIN_VALUE, 2 * Double.MIN_VALUE, Double.MAX_VALUE), "the extremes");
    assertFound(List.of(1e-300, 1.0, Math.nextUp(1.0), 1e300), "close and far");
  }

  @Test
  void findsMoreBucketsThanAShortCounts() {
    for (double start : new double[] {-50_000, 1}) {
      List<Double> bounds = new ArrayList<>();
      for (int i = 0; i < 40_000; i++) {
        bounds.add(start + i);
      }
      Buckets buckets = new Buckets(bounds);
      for (double value : new double[] {start, start + 39_998.5, start + 50_000}) {
        assertEquals(expected(bounds, value), buckets.of(value));
      }
    }
  }

  @Test
  void findsRandomBuckets() {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    for (int round = 0; round < ROUNDS; round++) {
      double scale = random.nextInt(4) == 0 ? 40 : 3;
      boolean signed = random.nextBoolean();
      TreeSet<Double> bounds = new TreeSet<>();
      for (int i = random.nextInt(60); i >= 0; i--) {
        double size = Math.exp(scale * random.nextGaussian());
        bounds.add(signed && random.nextBoolean() ? -size : size);
      }
      assertFound(List.copyOf(bounds), "seed " + seed + " bounds " + bounds);
    }
  }
}
