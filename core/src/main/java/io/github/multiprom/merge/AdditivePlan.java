package io.github.multiprom.merge;

import io.github.multiprom.model.DoubleDouble;
import io.github.multiprom.model.EpochClock;
import io.github.multiprom.model.FamilyDescriptor;
import io.github.multiprom.model.MetricType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Merges counters, histograms and summaries: sums over every incarnation that ever counted, dead
 * and retired ones too. A merged histogram's count is its +Inf bucket. One merge at a time.
 *
 * <p>Bucket bounds that differ from the newest: a part adds at each bound b its cumulative count at
 * its own greatest bound that is not above b. So no bucket is overstated, the buckets stay
 * cumulative, and as long as the workers do not change every bucket only rises.
 */
final class AdditivePlan implements FamilyPlan {
  /** Of a distribution's cells the merge needs the sum and the buckets. */
  private static final int SUM_CELL = 1;

  private static final int FIRST_BUCKET_CELL = 2;

  private final FamilyDescriptor descriptor;
  private final List<Share> shares = new ArrayList<>();
  private final MergedFamily merged;
  // By position in the output: where the sums of that series begin.
  private final int[] order;
  private final int bucketCount;
  private final double[] sumHigh;
  private final double[] sumLow;
  // Not cumulative. Whole numbers, which a double adds exactly.
  private final double[] buckets;

  /**
   * What one incarnation adds: for each of its series the first cell and the index of the sum.
   *
   * @param buckets for each of its buckets the bucket that counts it; null for the same
   */
  private record Share(int source, int[] cells, int[] sums, int[] buckets) {}

  AdditivePlan(FamilyDefinition definition, List<List<String>> oldLabelValues) {
    descriptor = definition.descriptor();
    bucketCount = descriptor.type().isDistribution() ? descriptor.upperBounds().size() + 1 : 0;
    SeriesGroups groups = new SeriesGroups(descriptor, definition.parts());
    double[] createdMs = new double[groups.size()];
    Arrays.fill(createdMs, Double.POSITIVE_INFINITY);
    for (int p = 0; p < groups.parts().size(); p++) {
      addShare(groups, p, createdMs);
    }
    // Removed series have nobody left who made them.
    order = Arrays.stream(groups.sorted()).filter(sum -> Double.isFinite(createdMs[sum])).toArray();
    sumHigh = new double[groups.size()];
    sumLow = new double[groups.size()];
    buckets = new double[groups.size() * bucketCount];
    merged = merged(groups, createdMs, oldLabelValues);
  }

  private static double createdMs(Part part, int i) {
    return Math.floor(
        part.descriptor(i).createdNanos() / (double) EpochClock.NANOS_PER_MILLISECOND);
  }

  private void addShare(SeriesGroups groups, int p, double[] createdMs) {
    Part part = groups.parts().get(p);
    int[] cells = new int[part.seriesCount()];
    int[] sums = new int[cells.length];
    int count = 0;
    for (int i = 0; i < cells.length; i++) {
      if (groups.isCounting(p, i)) {
        int sum = groups.groupOf(p, i);
        createdMs[sum] = Math.min(createdMs[sum], createdMs(part, i));
        cells[count] = part.descriptor(i).firstCell();
        sums[count++] = sum;
      }
    }
    if (count > 0) {
      shares.add(
          new Share(
              part.source(),
              Arrays.copyOf(cells, count),
              Arrays.copyOf(sums, count),
              bucketsFor(part.family().upperBounds(), descriptor.upperBounds())));
    }
  }

  /**
   * For each bucket of a part the merged bucket that counts it: the one of the least bound that is
   * not below its own. The cumulative counts are then as the class says.
   */
  private static int[] bucketsFor(List<Double> bounds, List<Double> mergedBounds) {
    if (bounds.equals(mergedBounds)) {
      return null;
    }
    int[] buckets = new int[bounds.size() + 1];
    int merged = 0;
    for (int i = 0; i < bounds.size(); i++) {
      while (merged < mergedBounds.size() && mergedBounds.get(merged) < bounds.get(i)) {
        merged++;
      }
      buckets[i] = merged;
    }
    buckets[bounds.size()] = mergedBounds.size();
    return buckets;
  }

  private MergedFamily merged(
      SeriesGroups groups, double[] createdMs, List<List<String>> oldLabelValues) {
    List<List<String>> labelValues = new ArrayList<>(order.length);
    double[] sortedCreatedMs = new double[order.length];
    for (int i = 0; i < order.length; i++) {
      labelValues.add(groups.labelValues(order[i]));
      sortedCreatedMs[i] = createdMs[order[i]];
    }
    return new MergedFamily(
        descriptor,
        descriptor.labelNames(),
        FamilyPlan.keepIfEqual(oldLabelValues, List.copyOf(labelValues)),
        new double[order.length * MergedFamily.width(descriptor)],
        sortedCreatedMs);
  }

  @Override
  public FamilyDescriptor descriptor() {
    return descriptor;
  }

  @Override
  public List<List<String>> labelValues() {
    return merged.labelValues();
  }

  @Override
  public MergedFamily merge(double[][] highs, double[][] lows) {
    Arrays.fill(sumHigh, 0);
    Arrays.fill(sumLow, 0);
    Arrays.fill(buckets, 0);
    boolean counter = descriptor.type() == MetricType.COUNTER;
    for (Share share : shares) {
      double[] high = highs[share.source];
      double[] low = lows[share.source];
      addSums(share, high, low, counter ? 0 : SUM_CELL);
      if (share.buckets != null) {
        addOtherBuckets(share, high, low);
      } else if (!counter) {
        addBuckets(share, high, low);
      }
    }
    write(merged.values());
    return merged;
  }

  private void addSums(Share share, double[] high, double[] low, int sumCell) {
    int[] cells = share.cells;
    int[] sums = share.sums;
    for (int i = 0; i < cells.length; i++) {
      int cell = cells[i] + sumCell;
      DoubleDouble.add(sumHigh, sumLow, sums[i], high[cell], low[cell]);
    }
  }

  private void addBuckets(Share share, double[] high, double[] low) {
    for (int i = 0; i < share.cells.length; i++) {
      int cell = share.cells[i] + FIRST_BUCKET_CELL;
      int bucket = share.sums[i] * bucketCount;
      for (int end = bucket + bucketCount; bucket < end; bucket++, cell++) {
        buckets[bucket] += high[cell] + low[cell];
      }
    }
  }

  private void addOtherBuckets(Share share, double[] high, double[] low) {
    for (int i = 0; i < share.cells.length; i++) {
      int cell = share.cells[i] + FIRST_BUCKET_CELL;
      int firstBucket = share.sums[i] * bucketCount;
      for (int bucket : share.buckets) {
        buckets[firstBucket + bucket] += high[cell] + low[cell];
        cell++;
      }
    }
  }

  private void write(double[] values) {
    int at = 0;
    for (int sum : order) {
      double count = 0;
      for (int i = sum * bucketCount; i < (sum + 1) * bucketCount; i++) {
        count += buckets[i];
        values[at++] = count;
      }
      values[at++] = sumHigh[sum];
    }
  }
}
