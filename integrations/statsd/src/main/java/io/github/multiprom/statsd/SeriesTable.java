package io.github.multiprom.statsd;

import io.github.multiprom.metrics.BridgedFamilies;
import io.github.multiprom.metrics.Counter;
import io.github.multiprom.metrics.Gauge;
import io.github.multiprom.metrics.GaugeMode;
import io.github.multiprom.metrics.Histogram;
import io.github.multiprom.metrics.MetricFamily;
import io.github.multiprom.metrics.Summary;
import io.github.multiprom.metrics.Worker;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The families and series that the bridge has in its worker, within its limits. Guarded by the
 * {@link DatagramReader}.
 */
final class SeriesTable {
  /** Lists of label names, all names together; senders choose them. */
  private static final int MAX_FAMILIES = 10_000;

  /** Lists of label names of one name: a removal looks at each. */
  private static final int MAX_LISTS_PER_NAME = 100;

  /** Characters of label values, of all series together. */
  private static final long MAX_LABEL_LENGTH = 64 << 20;

  private static final String OVERFLOW = "overflow";

  /** A family by what senders and the mapping say of it. */
  private record FamilyKey(
      SeriesKey.Kind kind, String name, List<String> labelNames, List<Double> bounds) {}

  /** What there is of one name. */
  private static final class Name {
    final List<FamilyKey> families = new ArrayList<>(1);
    int seriesCount;
  }

  /** A series cannot be had. */
  static final class RefusedException extends Exception {
    private static final long serialVersionUID = 1;

    final Refusal refusal;

    private RefusedException(Refusal refusal, Throwable cause) {
      super(refusal.label(), cause);
      this.refusal = refusal;
    }
  }

  private final BridgedFamilies bridged;
  private final int maxSeries;
  private final MergedGauges mergedGauges;
  private final Map<SeriesKey, BridgedSeries> series = new HashMap<>();
  private final Map<FamilyKey, MetricFamily> families = new HashMap<>();
  private final Map<String, Name> names = new HashMap<>();
  private long labelLength;
  private long removals;

  SeriesTable(Worker worker, int maxSeries) {
    this.maxSeries = maxSeries;
    bridged = new BridgedFamilies(worker);
    mergedGauges = new MergedGauges(bridged);
  }

  int seriesCount() {
    return series.size();
  }

  int familyCount() {
    return families.size();
  }

  /** How many series were removed so far. */
  long removals() {
    return removals;
  }

  /** All series, to look at. */
  Collection<BridgedSeries> all() {
    return series.values();
  }

  /**
   * The series of a key, made if need be; beyond a limit the one for all such label sets.
   *
   * @param bounds of a histogram's buckets
   * @throws RefusedException if there is none
   */
  BridgedSeries find(SeriesKey key, String help, List<Double> bounds) throws RefusedException {
    BridgedSeries known = series.get(key);
    if (known != null) {
      return known;
    }
    List<String> labelNames = List.copyOf(key.labels().keySet());
    boolean isFull = series.size() >= maxSeries || labelLength >= MAX_LABEL_LENGTH;
    if (isFull && labelNames.isEmpty()) {
      throw new RefusedException(Refusal.LIMIT, null);
    }
    MetricFamily family = family(new FamilyKey(key.kind(), key.name(), labelNames, bounds), help);
    String[] values = key.labels().values().toArray(new String[0]);
    Object child = isFull ? null : child(family, values);
    if (child != null && !BridgedFamilies.isOverflow(family, child)) {
      return add(new BridgedSeries.Place(key, family, values, false), child);
    }
    Arrays.fill(values, OVERFLOW);
    SeriesKey other = overflowKey(key);
    BridgedSeries overflow = series.get(other);
    return overflow != null
        ? overflow
        : add(new BridgedSeries.Place(other, family, values, true), child(family, values));
  }

  private static SeriesKey overflowKey(SeriesKey key) {
    var labels = new TreeMap<>(key.labels());
    labels.replaceAll((name, value) -> OVERFLOW);
    return new SeriesKey(key.kind(), key.name(), labels);
  }

  private BridgedSeries add(BridgedSeries.Place place, Object child) {
    BridgedSeries added =
        switch (place.key().kind()) {
          case COUNTER -> new BridgedSeries.OfCounter(place, (Counter.Child) child);
          case GAUGE -> new BridgedSeries.OfGauge(place, (Gauge.Child) child, mergedGauges);
          case HISTOGRAM -> new BridgedSeries.OfHistogram(place, (Histogram.Child) child);
          case SUMMARY -> new BridgedSeries.OfSummary(place, (Summary.Child) child);
        };
    series.put(place.key(), added);
    names.get(place.key().name()).seriesCount++;
    labelLength += length(place.labelValues());
    return added;
  }

  private static long length(String[] values) {
    long length = 0;
    for (String value : values) {
      length += value.length();
    }
    return length;
  }

  private static Object child(MetricFamily family, String[] values) {
    if (family instanceof Counter counter) {
      return counter.labels(values);
    }
    if (family instanceof Gauge gauge) {
      return gauge.labels(values);
    }
    return family instanceof Histogram histogram
        ? histogram.labels(values)
        : ((Summary) family).labels(values);
  }

  private MetricFamily family(FamilyKey key, String help) throws RefusedException {
    MetricFamily known = families.get(key);
    if (known != null) {
      return known;
    }
    Name name = names.get(key.name);
    if (families.size() >= MAX_FAMILIES
        || (name != null && name.families.size() >= MAX_LISTS_PER_NAME)) {
      throw new RefusedException(Refusal.LIMIT, null);
    }
    MetricFamily made;
    try {
      made = make(key, help);
    } catch (IllegalArgumentException e) {
      throw new RefusedException(Refusal.CONFLICT, e);
    }
    families.put(key, made);
    names.computeIfAbsent(key.name, any -> new Name()).families.add(key);
    return made;
  }

  private MetricFamily make(FamilyKey key, String help) {
    String[] labelNames = key.labelNames.toArray(new String[0]);
    return switch (key.kind) {
      case COUNTER -> bridged.make(Counter.build(key.name, help).labelNames(labelNames));
      case GAUGE ->
          bridged.make(
              Gauge.build(key.name, help).labelNames(labelNames).mode(GaugeMode.MOSTRECENT));
      case HISTOGRAM ->
          bridged.make(
              Histogram.build(key.name, help)
                  .labelNames(labelNames)
                  .buckets(key.bounds.stream().mapToDouble(Double::doubleValue).toArray()));
      case SUMMARY -> bridged.make(Summary.build(key.name, help).labelNames(labelNames));
    };
  }

  /** Removes a series, and its name with the last one. */
  void remove(BridgedSeries gone) {
    if (gone.removed) {
      return;
    }
    gone.removed = true;
    removals++;
    BridgedSeries.Place place = gone.place;
    mergedGauges.removed(place.key().name(), place.key().labels());
    series.remove(place.key());
    labelLength -= length(place.labelValues());
    place.family().remove(place.labelValues());
    Name name = names.get(place.key().name());
    if (--name.seriesCount == 0) {
      name.families.forEach(families::remove);
      names.remove(place.key().name());
      bridged.forget(place.family());
    }
  }
}
