package io.github.multiprom.metrics;

import io.github.multiprom.model.FamilyDescriptor;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/**
 * The families of one name that a source gives; there is one for each list of label names and of
 * bucket bounds. One thread at a time, that which samples the source.
 */
final class SampledFamily {
  /** A gauge that was not given for so long is removed, so that others have its place. */
  private static final long REMOVE_NANOS = 60_000_000_000L;

  private record Key(List<String> labelNames, List<String> labelValues) {}

  final FamilyDescriptor kind;

  /** Whose numbers these are. */
  Sampler.Entry owner;

  private final List<MetricFamily> families = new ArrayList<>();
  private final Map<Key, SampledSeries> series = new HashMap<>();

  /** Families of the name, type and mode of a descriptor. */
  SampledFamily(FamilyDescriptor kind, Sampler.Entry owner) {
    this.kind = kind;
    this.owner = owner;
  }

  /** Whether the application took the name for itself. */
  boolean isGivenUp(FamilyHome home) {
    return families.stream().anyMatch(family -> family.home() != home);
  }

  void add(MetricFamily family) {
    families.add(family);
  }

  /** The family with these label names and bounds; null if there is none. */
  MetricFamily find(FamilyDescriptor shape) {
    for (MetricFamily family : families) {
      if (family.hasLists(shape)) {
        return family;
      }
    }
    return null;
  }

  SampledSeries find(String[] labelNames, String[] labelValues) {
    return series.get(new Key(List.of(labelNames), List.of(labelValues)));
  }

  void add(String[] labelNames, String[] labelValues, SampledSeries added) {
    series.put(new Key(List.of(labelNames), List.of(labelValues)), added);
  }

  Collection<SampledSeries> series() {
    return series.values();
  }

  /** Withdraws the gauges for which a condition holds, and removes those that were long ago. */
  void withdrawIf(Predicate<SampledSeries> condition, long nowNanos) {
    for (Iterator<SampledSeries> all = series.values().iterator(); all.hasNext(); ) {
      SampledSeries one = all.next();
      if (one.withdrawnNanos == 0 && condition.test(one)) {
        one.withdraw(nowNanos);
      } else if (one.withdrawnNanos != 0
          && nowNanos - one.withdrawnNanos > REMOVE_NANOS
          && one.child.family.noLabels == null) {
        one.child.family.remove(one.child.labelValues().toArray(new String[0]));
        all.remove();
      }
    }
  }
}
