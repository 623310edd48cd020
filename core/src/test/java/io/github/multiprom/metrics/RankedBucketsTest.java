package io.github.multiprom.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.multiprom.model.ExponentialBuckets;
import io.github.multiprom.model.NativeBuckets;
import io.github.multiprom.model.RefinedCells;
import java.util.Map;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Two views of the same observations, joined by rank. */
class RankedBucketsTest {
  private record Meeting(int bucket, int sign, int number) implements Comparable<Meeting> {
    @Override
    public int compareTo(Meeting other) {
      return toString().compareTo(other.toString());
    }
  }

  private static double value(Random random, double[] bounds) {
    double value =
        switch (random.nextInt(8)) {
          case 0 -> 0;
          case 1 -> random.nextBoolean() ? 0x1p-128 : Math.nextUp(0x1p-128);
          case 2 -> Math.scalb(1.0, random.nextInt(40) - 20);
          case 3, 4 -> bounds.length == 0 ? 1 : bounds[random.nextInt(bounds.length)];
          default -> Math.exp(3 * random.nextGaussian());
        };
    value = random.nextInt(6) == 0 ? Math.nextUp(value) : value;
    return random.nextInt(3) == 0 ? -value : value;
  }

  @Test
  void findTheMeetingsOfBothViews() {
    long seed = Long.getLong("multiprom.test.seed", System.nanoTime());
    System.out.println("seed " + seed);
    Random random = new Random(seed);
    for (int shape = 0; shape < 500; shape++) {
      int schema =
          NativeBuckets.MIN_SCHEMA
              + random.nextInt(NativeBuckets.MAX_SCHEMA - NativeBuckets.MIN_SCHEMA + 1);
      double[] bounds =
          random
              .doubles(random.nextInt(12))
              .map(d -> random.nextInt(3) == 0 ? Math.rint(8 * d - 2) : Math.exp(9 * d - 6) - 1)
              .sorted()
              .distinct()
              .toArray();
      ExponentialBuckets exponential = ExponentialBuckets.of(schema);
      long[] classic = new long[bounds.length + 1];
      long zero = 0;
      SortedMap<Integer, Long> positive = new TreeMap<>();
      SortedMap<Integer, Long> negative = new TreeMap<>();
      Map<Meeting, Long> expected = new TreeMap<>();
      for (int i = 0; i < 300; i++) {
        double value = value(random, bounds);
        int bucket = 0;
        while (bucket < bounds.length && value > bounds[bucket]) {
          bucket++;
        }
        classic[bucket]++;
        int sign = RefinedCells.signOf(value);
        int number = sign == RefinedCells.ZERO ? 0 : exponential.indexOf(Math.abs(value));
        expected.merge(new Meeting(bucket, sign, number), 1L, Long::sum);
        switch (sign) {
          case RefinedCells.POSITIVE -> positive.merge(number + 1, 1L, Long::sum);
          case RefinedCells.NEGATIVE -> negative.merge(number + 1, 1L, Long::sum);
          default -> zero++;
        }
      }
      NativeBuckets buckets =
          new NativeBuckets(
              schema,
              NativeBuckets.ZERO_THRESHOLD,
              zero,
              indices(positive),
              counts(positive),
              indices(negative),
              counts(negative));
      assertTrue(RankedBuckets.isValid(buckets));

      Map<Meeting, Long> found = new TreeMap<>();
      RankedBuckets.of(buckets, schema, NativeBuckets.ZERO_THRESHOLD)
          .join(
              classic,
              (bucket, sign, number, times) ->
                  found.merge(new Meeting(bucket, sign, number), times, Long::sum));

      assertEquals(expected, found, "schema " + schema);
    }
  }

  private static int[] indices(SortedMap<Integer, Long> buckets) {
    return buckets.keySet().stream().mapToInt(index -> index).toArray();
  }

  private static long[] counts(SortedMap<Integer, Long> buckets) {
    return buckets.values().stream().mapToLong(count -> count).toArray();
  }

  @Test
  void leaveWhatIsNew() {
    RankedBuckets before = ranked(3, new int[] {-3, 7}, 4, 1);
    RankedBuckets now = ranked(3, new int[] {-3, 7, 9}, 5, 1, 2);
    assertTrue(now.subtract(before));
    assertFalse(ranked(3, new int[] {-3, 9}, 5, 2).subtract(before));
    assertFalse(ranked(3, new int[] {-3, 7}, 3, 9).subtract(before));
  }

  private static RankedBuckets ranked(int schema, int[] indices, long... counts) {
    NativeBuckets buckets =
        new NativeBuckets(schema, 0, 0, indices, counts, new int[0], new long[0]);
    return RankedBuckets.of(buckets, schema, 0);
  }
}
