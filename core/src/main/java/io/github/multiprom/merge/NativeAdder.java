package io.github.multiprom.merge;

import static io.github.multiprom.model.SeriesLayout.FIRST_BUCKET_CELL;

import io.github.multiprom.model.BucketChunk;
import io.github.multiprom.model.NativeBuckets;
import io.github.multiprom.model.NativeShape;
import io.github.multiprom.model.NativeSum;
import io.github.multiprom.model.RefinedCells;
import io.github.multiprom.model.Snapshot;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Adds up the buckets of a family of histograms that some workers count as native ones. One merge
 * at a time.
 *
 * <p>The cells of a native part count in both views: in the classic buckets of the series, as those
 * of a classic part with the same bounds, and in the native buckets. A classic part knows no more
 * than its bounds: in the native view each of its buckets counts in the exponential bucket of its
 * upper bound, and the one of +Inf in that of what is just behind the last bound. So both views
 * have one count, and once no classic part counts any more, the native view rises as it should.
 */
final class NativeAdder {
  /** What one part adds to a group. */
  private record Share(
      Source source, RefinedCells refined, List<Double> bounds, int series, int[] into) {}

  // Null if there is no native view.
  private final NativeShape shape;
  // By group; null where nothing counts.
  private final List<List<Share>> shares = new ArrayList<>();
  private final NativeSum sum = new NativeSum();

  private NativeAdder(NativeShape shape, SeriesGroups groups, BucketBounds bounds) {
    this.shape = shape;
    for (int group = 0; group < groups.size(); group++) {
      shares.add(null);
    }
    for (int p = 0; p < groups.parts().size(); p++) {
      Part part = groups.parts().get(p);
      RefinedCells refined = RefinedCells.of(part.family());
      for (int i = 0; (refined != null || shape != null) && i < part.seriesCount(); i++) {
        if (groups.isCounting(p, i)) {
          add(
              groups.groupOf(p, i),
              new Share(
                  part.source(),
                  refined,
                  part.family().upperBounds(),
                  part.series()[i],
                  bounds == null ? null : bounds.buckets(p, groups.groupOf(p, i))));
        }
      }
    }
  }

  /**
   * What adds them up.
   *
   * @param shape of the native view; null if there is none
   * @param bounds null if all parts have the same
   * @return null if no part is a native histogram
   */
  static NativeAdder of(NativeShape shape, SeriesGroups groups, BucketBounds bounds) {
    return groups.parts().stream().allMatch(part -> part.family().nativeShape() == null)
        ? null
        : new NativeAdder(shape, groups, bounds);
  }

  private void add(int group, Share share) {
    if (shares.get(group) == null) {
      shares.set(group, new ArrayList<>(1));
    }
    shares.get(group).add(share);
  }

  /**
   * Adds all native parts to the classic buckets, and makes the native view.
   *
   * @param order the groups that are shown
   * @param firstBuckets by group, where its classic buckets begin
   * @param buckets the classic buckets, not cumulative
   * @param views gets the native view by the place of the group in the order
   */
  void merge(int[] order, int[] firstBuckets, double[] buckets, Map<Integer, NativeBuckets> views) {
    for (int i = 0; i < order.length; i++) {
      List<Share> ofGroup = shares.get(order[i]);
      sum.clear();
      for (int s = 0; ofGroup != null && s < ofGroup.size(); s++) {
        Share share = ofGroup.get(s);
        if (share.refined == null) {
          addClassic(share);
        } else {
          addNative(share, firstBuckets[order[i]], buckets);
        }
      }
      if (shape != null) {
        views.put(i, sum.buckets(shape));
      }
    }
  }

  private void addNative(Share share, int firstBucket, double[] buckets) {
    Snapshot snapshot = share.source.snapshot();
    double[] high = snapshot.high();
    for (BucketChunk chunk : snapshot.chunks().getOrDefault(share.series, List.of())) {
      for (int i = 0; i < RefinedCells.CHUNK_CELLS; i++) {
        double count = high[chunk.firstCell() + i];
        if (count != 0) {
          int bucket = share.refined.bucketOf(chunk.key(), i);
          buckets[firstBucket + (share.into == null ? bucket : share.into[bucket])] += count;
        }
      }
      if (shape != null) {
        sum.add(share.refined, chunk.key(), high, chunk.firstCell());
      }
    }
  }

  private void addClassic(Share share) {
    Snapshot snapshot = share.source.snapshot();
    int cell = snapshot.catalog().series().get(share.series).firstCell() + FIRST_BUCKET_CELL;
    int last = share.bounds.size();
    for (int i = 0; i < last; i++) {
      sum.addBelow(share.bounds.get(i), shape.schema(), count(snapshot, cell + i));
    }
    double above = count(snapshot, cell + last);
    if (last == 0) {
      sum.addBelow(Double.POSITIVE_INFINITY, shape.schema(), above);
    } else {
      sum.addAbove(share.bounds.get(last - 1), shape.schema(), above);
    }
  }

  private static double count(Snapshot snapshot, int cell) {
    return snapshot.high()[cell] + snapshot.low()[cell];
  }
}
