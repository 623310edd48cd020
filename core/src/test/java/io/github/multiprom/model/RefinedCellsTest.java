package io.github.multiprom.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class RefinedCellsTest {
  private static FamilyDescriptor family(List<Double> bounds, int schema) {
    return new FamilyDescriptor(
            "h", MetricType.HISTOGRAM, "", "", List.of(), GaugeFold.SUM, false, bounds)
        .withNativeShape(new NativeShape(schema, 1000));
  }

  private static double value(Random random, Double[] bounds) {
    double value = Math.exp(random.nextGaussian() * 3) * (random.nextBoolean() ? 1 : -1);
    if (bounds.length > 0 && random.nextInt(4) == 0) {
      value = bounds[random.nextInt(bounds.length)];
    }
    return switch (random.nextInt(12)) {
      case 0, 1 -> Math.nextUp(value);
      case 2, 3 -> Math.nextDown(value);
      case 4 -> 0;
      default -> value;
    };
  }

  /** Whatever the bounds are, each cell says which of both buckets its values were in. */
  @Test
  void namesOneMeetingOfTwoPartitions() {
    long seed = Long.getLong("multiprom.test.seed", System.nanoTime());
    System.out.println("seed " + seed);
    Random random = new Random(seed);
    for (int round = 0; round < 500; round++) {
      int schema = random.nextInt(13) - 4;
      int level = random.nextInt(Math.min(3, schema + 5));
      TreeSet<Double> some = new TreeSet<>();
      int count = random.nextInt(20);
      while (some.size() < count) {
        double bound =
            random.nextInt(4) == 0
                ? Math.pow(2, random.nextInt(20) - 10)
                : Math.exp(random.nextGaussian() * 3);
        some.add(random.nextInt(8) == 0 ? 0.0 : random.nextBoolean() ? bound : -bound);
      }
      Double[] bounds = some.toArray(new Double[0]);
      RefinedCells cells = RefinedCells.of(family(List.of(bounds), schema));
      RefinedCounts counts = new RefinedCounts();
      double[] classic = new double[bounds.length + 1];
      Map<List<Integer>, Long> exponential = new HashMap<>();
      for (int i = 0; i < 400; i++) {
        double value = value(random, bounds);
        int bucket = 0;
        while (bucket < bounds.length && value > bounds[bucket]) {
          bucket++;
        }
        int sign = RefinedCells.signOf(value);
        int itsLevel = sign == RefinedCells.ZERO ? 0 : level;
        int j = cells.exponentialOf(sign, value);
        int number = (j >> itsLevel) + cells.classicOf(sign, bucket);
        double[] one = new double[RefinedCells.CHUNK_CELLS];
        one[number & (RefinedCells.CHUNK_CELLS - 1)] = 1;
        ChunkKey key = new ChunkKey(sign, itsLevel, number >> RefinedCells.CHUNK_BITS);
        assertTrue(cells.isPossible(key), key + " of " + value);
        counts.add(key, one, 0);
        classic[bucket]++;
        exponential.merge(List.of(sign, j >> itsLevel), 1L, Long::sum);
      }
      String shape = "schema " + schema + " level " + level + " bounds " + some;
      assertArrayEquals(classic, counts.classic(cells), shape);
      Map<List<Integer>, Long> found = new HashMap<>();
      counts
          .chunks()
          .forEach(
              (key, each) -> {
                for (int i = 0; i < each.length; i++) {
                  if (each[i] != 0) {
                    int j = key.sign() == RefinedCells.ZERO ? 0 : cells.exponentialOf(key, i);
                    found.merge(List.of(key.sign(), j), (long) each[i], Long::sum);
                  }
                }
              });
      assertEquals(exponential, found, shape);
      double[] numbers = counts.toNumbers(7);
      assertArrayEquals(numbers, RefinedCounts.of(numbers).toNumbers(7));
    }
  }

  @Test
  void findsBucketsAsALogarithmDoes() {
    Random random = new Random(3);
    for (int schema = NativeBuckets.MIN_SCHEMA; schema <= NativeBuckets.MAX_SCHEMA; schema++) {
      ExponentialBuckets buckets = ExponentialBuckets.of(schema);
      double perDoubling = Math.pow(2, schema);
      for (int i = 0; i < 20_000; i++) {
        double value = Math.pow(2, random.nextDouble() * 1100 - 120);
        if (value < Double.POSITIVE_INFINITY) {
          double exact = Math.log(value) / Math.log(2) * perDoubling;
          if (Math.abs(exact - Math.rint(exact)) > 1e-9) {
            assertEquals((int) Math.ceil(exact) - 1, buckets.indexOf(value), schema + " " + value);
          }
        }
      }
      for (int exponent = -127; exponent <= 1023; exponent++) {
        int at = (int) Math.ceil(exponent * perDoubling) - 1;
        assertEquals(at, buckets.indexOf(Math.pow(2, exponent)), schema + " 2^" + exponent);
      }
      assertEquals(buckets.last() - 1, buckets.indexOf(Double.MAX_VALUE));
      assertEquals(buckets.last(), buckets.indexOf(Double.POSITIVE_INFINITY));
    }
  }

  /** A value of client_golang's table, which is not what a power of two gives. */
  @Test
  void hasTheBoundsOfClientGolang() {
    double bound = 1.0027112750502025;
    ExponentialBuckets buckets = ExponentialBuckets.of(8);
    assertEquals(0, buckets.indexOf(bound));
    assertEquals(1, buckets.indexOf(Math.nextUp(bound)));
    assertEquals(127, buckets.indexOf(1.414213562373095));
    assertEquals(128, buckets.indexOf(Math.nextUp(1.414213562373095)));
  }
}
