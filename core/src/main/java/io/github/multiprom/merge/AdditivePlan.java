package io.github.multiprom.merge;

import io.github.multiprom.model.DoubleDouble;
import io.github.multiprom.model.EpochClock;
import io.github.multiprom.model.FamilyDescriptor;
import io.github.multiprom.model.MetricType;
import io.github.multiprom.model.Snapshot;
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
  // Reused from incarnation to incarnation.
  private final double[] addends;
  // Not cumulative. Whole numbers, which a double adds exactly.
  private final double[] buckets;

  /**
   * What one incarnation adds: runs of series whose cells follow one another as their sums do.
   * Workers that make their series in the same order have few runs.
   *
   * @param cells for each run the first cell
   * @param sums for each run the index of the first sum
   * @param lengths for each run the number of series
   * @param stride cells of a series
   * @param buckets for each of its buckets the bucket that counts it; null for the same
   */
  private record Share(
      int source, int[] cells, int[] sums, int[] lengths, int stride, int[] buckets) {}

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
    addends = new double[descriptor.type() == MetricType.COUNTER ? groups.size() : 0];
    buckets = new double[groups.size() * bucketCount];
    merged = merged(groups, createdMs, oldLabelValues);
  }

  private static double createdMs(Part part, int i) {
    return Math.floor(
        part.descriptor(i).createdNanos() / (double) EpochClock.NANOS_PER_MILLISECOND);
  }

  private void addShare(SeriesGroups groups, int p, double[] createdMs) {
    Part part = groups.parts().get(p);
    int stride = part.family().cellCount();
    int[] cells = new int[part.seriesCount()];
    int[] sums = new int[cells.length];
    int[] lengths = new int[cells.length];
    int runs = 0;
    int nextCell = -1;
    int nextSum = -1;
    for (int i = 0; i < cells.length; i++) {
      if (groups.isCounting(p, i)) {
        int sum = groups.groupOf(p, i);
        createdMs[sum] = Math.min(createdMs[sum], createdMs(part, i));
        int cell = part.descriptor(i).firstCell();
        if (cell != nextCell || sum != nextSum) {
          cells[runs] = cell;
          sums[runs++] = sum;
        }
        lengths[runs - 1]++;
        nextCell = cell + stride;
        nextSum = sum + 1;
      }
    }
    if (runs > 0) {
      shares.add(
          new Share(
              part.source(),
              Arrays.copyOf(cells, runs),
              Arrays.copyOf(sums, runs),
              Arrays.copyOf(lengths, runs),
              stride,
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
  public MergedFamily merge(List<Snapshot> sources) {
    Arrays.fill(sumHigh, 0);
    Arrays.fill(sumLow, 0);
    Arrays.fill(buckets, 0);
    for (Share share : shares) {
      Snapshot source = sources.get(share.source);
      if (descriptor.type() == MetricType.COUNTER) {
        addCounters(share, source.high());
        if (!source.lowIsZero()) {
          addCounters(share, source.low());
        }
      } else {
        addDistributions(share, source.high(), source.low());
      }
    }
    write(merged.values());
    return merged;
  }

  private void addCounters(Share share, double[] words) {
    for (int run = 0; run < share.cells.length; run++) {
      int first = share.sums[run];
      int length = share.lengths[run];
      System.arraycopy(words, share.cells[run], addends, first, length);
      DoubleDouble.accumulate(sumHigh, sumLow, addends, first, first + length);
    }
  }

  private void addDistributions(Share share, double[] high, double[] low) {
    for (int run = 0; run < share.cells.length; run++) {
      int cell = share.cells[run];
      int end = share.sums[run] + share.lengths[run];
      for (int sum = share.sums[run]; sum < end; sum++, cell += share.stride) {
        DoubleDouble.accumulate(sumHigh, sumLow, sum, high[cell + SUM_CELL]);
        DoubleDouble.accumulate(sumHigh, sumLow, sum, low[cell + SUM_CELL]);
        if (share.buckets == null) {
          addBuckets(sum, high, low, cell + FIRST_BUCKET_CELL);
        } else {
          addBuckets(sum, high, low, cell + FIRST_BUCKET_CELL, share.buckets);
        }
      }
    }
  }

  private void addBuckets(int sum, double[] high, double[] low, int cell) {
    int first = sum * bucketCount;
    for (int i = 0; i < bucketCount; i++) {
      buckets[first + i] += high[cell + i] + low[cell + i];
    }
  }

  private void addBuckets(int sum, double[] high, double[] low, int cell, int[] into) {
    int first = sum * bucketCount;
    for (int i = 0; i < into.length; i++) {
      buckets[first + into[i]] += high[cell + i] + low[cell + i];
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
      values[at++] = DoubleDouble.sum(sumHigh, sumLow, sum);
    }
  }
}
