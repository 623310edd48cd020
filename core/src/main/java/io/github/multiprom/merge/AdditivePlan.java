package io.github.multiprom.merge;

import static io.github.multiprom.model.SeriesLayout.EVEN_SUM_CELL;
import static io.github.multiprom.model.SeriesLayout.FIRST_BUCKET_CELL;

import io.github.multiprom.model.DoubleDouble;
import io.github.multiprom.model.EpochClock;
import io.github.multiprom.model.FamilyDescriptor;
import io.github.multiprom.model.MetricType;
import io.github.multiprom.model.SeriesExemplar;
import io.github.multiprom.model.Snapshot;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Merges counters, histograms and summaries: sums over every incarnation that ever counted, dead
 * and retired ones too. A merged histogram's count is its +Inf bucket. One merge at a time.
 *
 * <p>Bucket bounds that differ: see {@link BucketBounds}. A plan with such bounds follows nothing.
 *
 * <p>The buckets of native histograms are added up by {@link NativeAdder}, those of summaries with
 * quantiles by {@link WindowAdder}.
 *
 * <p>A group's sums have its number. What is added to groups that are not shown does not matter.
 */
final class AdditivePlan implements FamilyPlan {
  private static final double MICROS_PER_MS = 1e3;

  private final FamilyDescriptor descriptor;
  private final boolean withCreated;
  private final SeriesLabels labels;
  private final SeriesGroups groups;
  // Null if all parts have the same.
  private final BucketBounds bounds;
  private final List<Double> sameBounds;
  private final ShownSeries shown;
  private MergedFamily merged;
  // One for each part.
  private List<AdditiveShare> shares = List.of();
  // By group, with room for more.
  private int groupCount;
  private double[] createdMs = {};
  // How many series were made then.
  private int[] earliest = {};
  private double[] sumHigh = {};
  private double[] sumLow = {};
  // Where the buckets begin; and one more.
  private int[] firstBuckets = {0};
  // Not cumulative. Whole numbers, which a double adds exactly.
  private double[] buckets = {};
  // Null unless some part is a native histogram.
  private NativeAdder natives;
  // Null unless some part is a summary with quantiles.
  private WindowAdder windows;
  // Reused from incarnation to incarnation.
  private double[] addends = {};

  AdditivePlan(FamilyDefinition definition, boolean withCreated, List<MergedSeries> old) {
    descriptor = definition.descriptor();
    this.withCreated = withCreated;
    labels = new SeriesLabels(descriptor, definition.parts());
    groups = new SeriesGroups(labels, definition.parts());
    sameBounds = BucketBounds.same(definition.parts());
    bounds = sameBounds == null ? new BucketBounds(groups) : null;
    shown = new ShownSeries(old);
    plan();
  }

  @Override
  public boolean follow(FamilyDefinition definition, boolean createdToo, WorkerNames names) {
    if (!descriptor.equals(definition.descriptor())
        || withCreated != createdToo
        || sameBounds == null
        || !sameBounds.equals(BucketBounds.same(definition.parts()))
        || !labels.isLike(new SeriesLabels(descriptor, definition.parts()))) {
      return false;
    }
    groups.update(definition.parts());
    if (groups.isMostlyEmpty()) {
      return false;
    }
    plan();
    return true;
  }

  private void plan() {
    addGroups();
    noteCreated();
    List<AdditiveShare> now = new ArrayList<>(groups.parts().size());
    for (int p = 0; p < groups.parts().size(); p++) {
      now.add(share(p));
    }
    shares = now;
    if (descriptor.type() == MetricType.SUMMARY) {
      windows = WindowAdder.of(descriptor.window(), groups);
    } else {
      natives = NativeAdder.of(descriptor.nativeShape(), groups, bounds);
    }
    if (shown.show(groups.sorted(), groups::isShown, this::series)) {
      int values = 0;
      for (MergedSeries one : shown.list()) {
        values += MergedFamily.width(descriptor, one);
      }
      merged =
          new MergedFamily(
              descriptor,
              shown.list(),
              new double[values],
              withCreated,
              new double[shown.list().size()],
              new HashMap<>(),
              new HashMap<>());
    }
    for (int i = 0; i < shown.order().length; i++) {
      merged.createdMs()[i] = createdMs[shown.order()[i]];
    }
  }

  private MergedSeries series(int group) {
    return labels.series(groups.labelValues(group), boundsOf(group));
  }

  private List<Double> boundsOf(int group) {
    return bounds == null ? sameBounds : bounds.of(group);
  }

  private void addGroups() {
    int count = groups.size();
    if (count > createdMs.length) {
      int capacity = groupCount == 0 ? count : count + count / 2;
      createdMs = Arrays.copyOf(createdMs, capacity);
      earliest = Arrays.copyOf(earliest, capacity);
      sumHigh = new double[capacity];
      sumLow = new double[capacity];
      addends = new double[descriptor.type() == MetricType.COUNTER ? capacity : 0];
      firstBuckets = Arrays.copyOf(firstBuckets, capacity + 1);
    }
    for (int group = groupCount; group < count; group++) {
      createdMs[group] = Double.POSITIVE_INFINITY;
      firstBuckets[group + 1] = firstBuckets[group] + bucketCount(group);
    }
    groupCount = count;
    if (firstBuckets[count] > buckets.length) {
      buckets = new double[firstBuckets[count] + firstBuckets[count] / 2];
    }
  }

  private int bucketCount(int group) {
    return switch (descriptor.type()) {
      case COUNTER, GAUGE, INFO, STATESET -> 0;
      case SUMMARY -> 1;
      case HISTOGRAM -> bounds == null || groups.isShown(group) ? boundsOf(group).size() + 1 : 0;
    };
  }

  /** Follows the earliest time at which one of a group's series was made. */
  private void noteCreated() {
    for (int p = 0; p < groups.parts().size(); p++) {
      for (int i = groups.known(p); i < groups.parts().get(p).seriesCount(); i++) {
        noteCreated(p, i, groups.groupOf(p, i));
      }
    }
    BitSet lost = (BitSet) groups.renewed().clone();
    // After those that came: the retained totals have what a worker had that was retired.
    groups.visitGone(
        (part, i, group) -> {
          if (createdMs(part, i) == createdMs[group] && --earliest[group] == 0) {
            lost.set(group);
          }
        });
    lost.stream().forEach(group -> createdMs[group] = Double.POSITIVE_INFINITY);
    groups.visit(lost, this::noteCreated);
  }

  private void noteCreated(int p, int i, int group) {
    if (groups.isCounting(p, i)) {
      double ms = createdMs(groups.parts().get(p), i);
      earliest[group] =
          ms < createdMs[group] ? 1 : earliest[group] + (ms == createdMs[group] ? 1 : 0);
      createdMs[group] = Math.min(createdMs[group], ms);
    }
  }

  private static double createdMs(Part part, int i) {
    return Math.floor(
        part.descriptor(i).createdNanos() / (double) EpochClock.NANOS_PER_MILLISECOND);
  }

  /** The share of a part: the one that there was, if possible, and what came since. */
  private AdditiveShare share(int p) {
    boolean goesOn = groups.before(p) >= 0 && !groups.hasLeftOut(p);
    Part part = groups.parts().get(p);
    AdditiveShare share = goesOn ? shares.get(groups.before(p)) : new AdditiveShare(part);
    for (int i = goesOn ? groups.known(p) : 0; i < part.seriesCount(); i++) {
      int group = groups.groupOf(p, i);
      if (bounds == null ? !groups.isLeftOut(p, i) : groups.isCounting(p, i)) {
        share.add(
            part.descriptor(i).firstCell(),
            group,
            bounds == null ? null : bounds.buckets(p, group));
      }
    }
    return share;
  }

  @Override
  public FamilyDescriptor descriptor() {
    return descriptor;
  }

  @Override
  public List<MergedSeries> series() {
    return merged.series();
  }

  @Override
  public int knownCount() {
    return groups.size();
  }

  @Override
  public MergedFamily merge(double nowMicros) {
    Arrays.fill(sumHigh, 0, groupCount, 0);
    Arrays.fill(sumLow, 0, groupCount, 0);
    Arrays.fill(buckets, 0, firstBuckets[groupCount], 0);
    for (AdditiveShare share : shares) {
      Snapshot source = share.source.snapshot();
      if (descriptor.type() == MetricType.COUNTER) {
        addCounters(share, source.high());
        if (!source.lowIsZero()) {
          addCounters(share, source.low());
        }
      } else {
        addDistributions(share, source.high(), source.low());
      }
    }
    merged.natives().clear();
    if (natives != null) {
      natives.merge(shown.order(), firstBuckets, buckets, merged.natives());
    }
    write(merged.values(), (long) (nowMicros / MICROS_PER_MS));
    merged.exemplars().clear();
    if (shares.stream().anyMatch(share -> !share.source.snapshot().exemplars().isEmpty())) {
      addExemplars();
    }
    return merged;
  }

  private void addExemplars() {
    Map<Integer, NewestExemplars> byGroup = new HashMap<>();
    for (int p = 0; p < groups.parts().size(); p++) {
      Part part = groups.parts().get(p);
      Map<Integer, List<SeriesExemplar>> its = part.source().snapshot().exemplars();
      for (int i = 0; !its.isEmpty() && i < part.seriesCount(); i++) {
        List<SeriesExemplar> ofSeries = its.getOrDefault(part.series()[i], List.of());
        if (!ofSeries.isEmpty() && groups.isCounting(p, i)) {
          int group = groups.groupOf(p, i);
          NewestExemplars newest =
              byGroup.computeIfAbsent(
                  group, g -> new NewestExemplars(boundsOf(g), descriptor.nativeShape() != null));
          ofSeries.forEach(newest::add);
        }
      }
    }
    for (int i = 0; !byGroup.isEmpty() && i < shown.order().length; i++) {
      NewestExemplars newest = byGroup.get(shown.order()[i]);
      if (newest != null) {
        merged.exemplars().put(i, newest.byBucket());
      }
    }
  }

  private void addCounters(AdditiveShare share, double[] words) {
    for (int run = 0; run < share.runs; run++) {
      int first = share.sums[run];
      int length = share.lengths[run];
      System.arraycopy(words, share.cells[run], addends, first, length);
      DoubleDouble.accumulate(sumHigh, sumLow, addends, first, first + length);
    }
  }

  private void addDistributions(AdditiveShare share, double[] high, double[] low) {
    for (int run = 0; run < share.runs; run++) {
      int cell = share.cells[run];
      int end = share.sums[run] + share.lengths[run];
      int[] into = share.buckets[run];
      for (int sum = share.sums[run]; sum < end; sum++, cell += share.stride) {
        DoubleDouble.accumulate(sumHigh, sumLow, sum, high[cell + EVEN_SUM_CELL]);
        DoubleDouble.accumulate(sumHigh, sumLow, sum, low[cell + EVEN_SUM_CELL]);
        if (share.hasChunks) {
          continue;
        }
        if (into == null) {
          addBuckets(sum, high, low, cell + FIRST_BUCKET_CELL);
        } else {
          addBuckets(sum, high, low, cell + FIRST_BUCKET_CELL, into);
        }
      }
    }
  }

  private void addBuckets(int sum, double[] high, double[] low, int cell) {
    int first = firstBuckets[sum];
    int count = firstBuckets[sum + 1] - first;
    for (int i = 0; i < count; i++) {
      buckets[first + i] += high[cell + i] + low[cell + i];
    }
  }

  private void addBuckets(int sum, double[] high, double[] low, int cell, int[] into) {
    int first = firstBuckets[sum];
    for (int i = 0; i < into.length; i++) {
      buckets[first + into[i]] += high[cell + i] + low[cell + i];
    }
  }

  private void write(double[] values, long nowMs) {
    int at = 0;
    for (int sum : shown.order()) {
      if (descriptor.window() != null) {
        double[] quantiles = windows.quantiles(sum, nowMs);
        System.arraycopy(quantiles, 0, values, at, quantiles.length);
        at += quantiles.length;
      }
      double count = windows == null ? 0 : windows.count(sum);
      for (int i = firstBuckets[sum]; i < firstBuckets[sum + 1]; i++) {
        count += buckets[i];
        values[at++] = count;
      }
      values[at++] = DoubleDouble.sum(sumHigh, sumLow, sum);
    }
  }
}
