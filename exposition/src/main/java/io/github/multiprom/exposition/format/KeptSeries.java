package io.github.multiprom.exposition.format;

import io.github.multiprom.merge.MergedSeries;
import java.util.List;

/** Where series were in an earlier merge: what was written of them then is used again. */
final class KeptSeries {
  private KeptSeries() {}

  /** For each series of a list its place in an older one; -1 if it is new. */
  @SuppressWarnings("ReferenceEquality") // A merge keeps the objects.
  static int[] places(List<MergedSeries> before, List<MergedSeries> now) {
    int[] places = new int[now.size()];
    int next = 0;
    for (int i = 0; i < places.length; i++) {
      MergedSeries one = now.get(i);
      while (next < before.size()
          && before.get(next) != one
          && MergedSeries.ORDER.compare(before.get(next), one) < 0) {
        next++;
      }
      places[i] = next < before.size() && before.get(next) == one ? next++ : -1;
    }
    return places;
  }
}
