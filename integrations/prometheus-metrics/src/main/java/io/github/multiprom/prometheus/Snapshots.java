package io.github.multiprom.prometheus;

import io.github.multiprom.merge.MergedFamily;
import io.github.multiprom.merge.MergedSeries;
import io.github.multiprom.model.FamilyDescriptor;
import io.github.multiprom.model.NativeBuckets;
import io.github.multiprom.model.QuantileWindow;
import io.github.multiprom.model.SeriesExemplar;
import io.prometheus.metrics.model.snapshots.ClassicHistogramBuckets;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Exemplar;
import io.prometheus.metrics.model.snapshots.Exemplars;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot.HistogramDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.InfoSnapshot;
import io.prometheus.metrics.model.snapshots.InfoSnapshot.InfoDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricMetadata;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.NativeHistogramBuckets;
import io.prometheus.metrics.model.snapshots.Quantile;
import io.prometheus.metrics.model.snapshots.Quantiles;
import io.prometheus.metrics.model.snapshots.StateSetSnapshot;
import io.prometheus.metrics.model.snapshots.StateSetSnapshot.StateSetDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.SummarySnapshot;
import io.prometheus.metrics.model.snapshots.SummarySnapshot.SummaryDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Unit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Makes the snapshots of prometheus-metrics from merged families. One thread at a time. */
final class Snapshots {
  /** The labels that were made of a list of series, which is the same from merge to merge. */
  private record Made(List<MergedSeries> series, Labels[] labels) {}

  private final Map<String, Made> made = new HashMap<>();

  /**
   * The snapshot of a family.
   *
   * @throws IllegalArgumentException if prometheus-metrics refuses its name or a label
   */
  MetricSnapshot of(MergedFamily family) {
    FamilyDescriptor descriptor = family.descriptor();
    MetricMetadata metadata = metadata(descriptor);
    return switch (descriptor.type()) {
      case COUNTER -> counter(metadata, family);
      case GAUGE -> gauge(metadata, family);
      case INFO -> info(metadata, family);
      case STATESET -> stateSet(metadata, family);
      case SUMMARY -> summary(metadata, family);
      case HISTOGRAM -> histogram(metadata, family);
    };
  }

  private static MetricMetadata metadata(FamilyDescriptor descriptor) {
    Unit unit = descriptor.unit().isEmpty() ? null : new Unit(descriptor.unit());
    return new MetricMetadata(descriptor.name(), descriptor.help(), unit);
  }

  @SuppressWarnings("ReferenceEquality") // The list is the same as long as no series comes or goes.
  private Labels[] labels(MergedFamily family) {
    String name = family.descriptor().name();
    Made known = made.get(name);
    if (known == null || known.series != family.series()) {
      Labels[] labels = new Labels[family.seriesCount()];
      for (int i = 0; i < labels.length; i++) {
        MergedSeries series = family.series().get(i);
        labels[i] = Labels.of(series.labelNames(), series.labelValues());
      }
      known = new Made(family.series(), labels);
      made.put(name, known);
    }
    return known.labels;
  }

  private static long createdMs(MergedFamily family, int index) {
    return family.withCreated() ? (long) family.createdMs()[index] : 0;
  }

  private static Exemplar exemplar(MergedFamily family, int index, int bucket) {
    SeriesExemplar exemplar = family.exemplar(index, bucket);
    return exemplar == null
        ? null
        : new Exemplar(
            exemplar.value(),
            Labels.of(exemplar.labels().toArray(new String[0])),
            exemplar.timeMs());
  }

  private MetricSnapshot counter(MetricMetadata metadata, MergedFamily family) {
    Labels[] labels = labels(family);
    List<CounterDataPointSnapshot> points = new ArrayList<>(labels.length);
    for (int i = 0; i < labels.length; i++) {
      points.add(
          new CounterDataPointSnapshot(
              family.values()[i], labels[i], exemplar(family, i, 0), createdMs(family, i)));
    }
    return new CounterSnapshot(metadata, points);
  }

  private MetricSnapshot gauge(MetricMetadata metadata, MergedFamily family) {
    Labels[] labels = labels(family);
    List<GaugeDataPointSnapshot> points = new ArrayList<>(labels.length);
    for (int i = 0; i < labels.length; i++) {
      points.add(new GaugeDataPointSnapshot(family.values()[i], labels[i], null));
    }
    return new GaugeSnapshot(metadata, points);
  }

  private MetricSnapshot info(MetricMetadata metadata, MergedFamily family) {
    List<InfoDataPointSnapshot> points = new ArrayList<>();
    for (Labels labels : labels(family)) {
      points.add(new InfoDataPointSnapshot(labels));
    }
    return new InfoSnapshot(metadata, points);
  }

  /** Each state is a series of its own here, with the family's name as a label. */
  private static MetricSnapshot stateSet(MetricMetadata metadata, MergedFamily family) {
    Map<Labels, Map<String, Boolean>> states = new LinkedHashMap<>();
    for (int i = 0; i < family.seriesCount(); i++) {
      MergedSeries series = family.series().get(i);
      List<String> names = new ArrayList<>(series.labelNames());
      List<String> values = new ArrayList<>(series.labelValues());
      int at = names.indexOf(family.descriptor().name());
      names.remove(at);
      String state = values.remove(at);
      states
          .computeIfAbsent(Labels.of(names, values), none -> new LinkedHashMap<>())
          .put(state, family.values()[i] != 0);
    }
    List<StateSetDataPointSnapshot> points = new ArrayList<>(states.size());
    states.forEach((labels, byState) -> points.add(stateSet(labels, byState)));
    return new StateSetSnapshot(metadata, points);
  }

  private static StateSetDataPointSnapshot stateSet(Labels labels, Map<String, Boolean> byState) {
    boolean[] isTrue = new boolean[byState.size()];
    int i = 0;
    for (boolean state : byState.values()) {
      isTrue[i++] = state;
    }
    return new StateSetDataPointSnapshot(byState.keySet().toArray(new String[0]), isTrue, labels);
  }

  private MetricSnapshot summary(MetricMetadata metadata, MergedFamily family) {
    Labels[] labels = labels(family);
    List<SummaryDataPointSnapshot> points = new ArrayList<>(labels.length);
    int at = 0;
    for (int i = 0; i < labels.length; i++, at += family.width(i - 1)) {
      int totals = at + family.width(i) - 2;
      points.add(
          new SummaryDataPointSnapshot(
              (long) family.values()[totals],
              family.values()[totals + 1],
              quantiles(family, at),
              labels[i],
              Exemplars.EMPTY,
              createdMs(family, i)));
    }
    return new SummarySnapshot(metadata, points);
  }

  private static Quantiles quantiles(MergedFamily family, int first) {
    QuantileWindow window = family.descriptor().window();
    if (window == null) {
      return Quantiles.EMPTY;
    }
    List<Quantile> quantiles = new ArrayList<>();
    for (QuantileWindow.Quantile each : window.quantiles()) {
      quantiles.add(new Quantile(each.quantile(), family.values()[first + quantiles.size()]));
    }
    return Quantiles.of(quantiles);
  }

  private MetricSnapshot histogram(MetricMetadata metadata, MergedFamily family) {
    Labels[] labels = labels(family);
    List<HistogramDataPointSnapshot> points = new ArrayList<>(labels.length);
    int at = 0;
    for (int i = 0; i < labels.length; i++) {
      double sum = family.values()[at + family.series().get(i).upperBounds().size() + 1];
      ClassicHistogramBuckets classic =
          family.hasClassicView(i) ? classic(family, i, at) : ClassicHistogramBuckets.EMPTY;
      Exemplars exemplars = exemplars(family, i);
      NativeBuckets buckets = family.nativeBuckets(i);
      points.add(
          buckets == null
              ? new HistogramDataPointSnapshot(
                  classic, sum, labels[i], exemplars, createdMs(family, i))
              : new HistogramDataPointSnapshot(
                  classic,
                  buckets.schema(),
                  buckets.zeroCount(),
                  buckets.zeroThreshold(),
                  NativeHistogramBuckets.of(buckets.positiveIndices(), buckets.positiveCounts()),
                  NativeHistogramBuckets.of(buckets.negativeIndices(), buckets.negativeCounts()),
                  sum,
                  labels[i],
                  exemplars,
                  createdMs(family, i)));
      at += family.width(i);
    }
    return new HistogramSnapshot(metadata, points);
  }

  private static ClassicHistogramBuckets classic(MergedFamily family, int index, int at) {
    List<Double> finite = family.series().get(index).upperBounds();
    double[] bounds = new double[finite.size() + 1];
    long[] counts = new long[bounds.length];
    double before = 0;
    for (int b = 0; b < bounds.length; b++) {
      bounds[b] = b < finite.size() ? finite.get(b) : Double.POSITIVE_INFINITY;
      double cumulative = family.values()[at + b];
      counts[b] = (long) (cumulative - before);
      before = cumulative;
    }
    return ClassicHistogramBuckets.of(bounds, counts);
  }

  private static Exemplars exemplars(MergedFamily family, int index) {
    SeriesExemplar[] all = family.exemplars().get(index);
    if (all == null) {
      return Exemplars.EMPTY;
    }
    List<Exemplar> exemplars = new ArrayList<>();
    for (int b = 0; b < all.length; b++) {
      if (all[b] != null) {
        exemplars.add(exemplar(family, index, b));
      }
    }
    return Exemplars.of(exemplars);
  }
}
