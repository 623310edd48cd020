package io.github.multiprom.merge;

import io.github.multiprom.model.CreatedSeries;
import io.github.multiprom.model.FamilyDescriptor;
import io.github.multiprom.model.MetricType;
import io.github.multiprom.model.QuantileWindow;
import io.github.multiprom.model.SeriesExemplar;
import io.prometheus.client.Collector;
import io.prometheus.client.Collector.MetricFamilySamples;
import io.prometheus.client.Collector.MetricFamilySamples.Sample;
import io.prometheus.client.exemplars.Exemplar;
import java.util.ArrayList;
import java.util.List;

/**
 * Writes a merged family as simpleclient's samples, in the order in which its own metrics give
 * them. One use.
 */
final class SimpleclientSamples {
  private static final double MILLIS_PER_SECOND = 1000;

  private final FamilyDescriptor descriptor;
  private final MergedFamily family;
  private final String createdName;
  private final boolean withCreated;
  private final List<Sample> samples = new ArrayList<>();
  // The value that comes next.
  private int next;
  // The series with buckets or quantiles before, and what its samples have in common with those of
  // the next.
  private MergedSeries before;
  private List<String> labelNames = List.of();
  private List<String> bounds = List.of();

  private SimpleclientSamples(MergedFamily family, boolean withCreated) {
    this.descriptor = family.descriptor();
    this.family = family;
    createdName = SampleNames.created(descriptor);
    this.withCreated = withCreated && family.withCreated();
  }

  /** The family's samples, with created samples unless the environment disables them. */
  static MetricFamilySamples of(MergedFamily family) {
    return of(family, CreatedSeries.SHOWN);
  }

  static MetricFamilySamples of(MergedFamily family, boolean withCreated) {
    return new SimpleclientSamples(family, withCreated).write();
  }

  private MetricFamilySamples write() {
    Collector.Type type =
        switch (descriptor.type()) {
          case COUNTER -> Collector.Type.COUNTER;
          case GAUGE -> Collector.Type.GAUGE;
          case HISTOGRAM -> Collector.Type.HISTOGRAM;
          case SUMMARY -> Collector.Type.SUMMARY;
          case INFO -> Collector.Type.INFO;
          case STATESET -> Collector.Type.STATE_SET;
        };
    List<String> names = SampleNames.of(descriptor);
    boolean histogram = descriptor.type() == MetricType.HISTOGRAM;
    boolean quantiles = descriptor.window() != null;
    for (int series = 0; series < family.seriesCount(); series++) {
      if (histogram) {
        addBuckets(names.get(0), series);
      } else if (quantiles) {
        addQuantiles(names.get(0), family.series().get(series));
      }
      for (int sample = histogram || quantiles ? 1 : 0; sample < names.size(); sample++) {
        addSample(names.get(sample), series, family.values()[next++]);
      }
      if (withCreated) {
        addSample(createdName, series, family.createdMs()[series] / MILLIS_PER_SECOND);
      }
    }
    return new MetricFamilySamples(
        descriptor.name(), descriptor.unit(), type, descriptor.help(), samples);
  }

  private void addBuckets(String name, int index) {
    MergedSeries series = family.series().get(index);
    if (before == null || !before.labelNames().equals(series.labelNames())) {
      labelNames = append(series.labelNames(), "le");
    }
    if (before == null || !before.upperBounds().equals(series.upperBounds())) {
      bounds = bounds(series);
    }
    before = series;
    for (int bucket = 0; bucket < bounds.size(); bucket++) {
      samples.add(
          new Sample(
              name,
              labelNames,
              append(series.labelValues(), bounds.get(bucket)),
              family.values()[next++],
              exemplar(family.exemplar(index, bucket))));
    }
    // The count is the last bucket.
    next--;
  }

  private void addQuantiles(String name, MergedSeries series) {
    if (before == null || !before.labelNames().equals(series.labelNames())) {
      labelNames = append(series.labelNames(), "quantile");
    }
    before = series;
    for (QuantileWindow.Quantile each : descriptor.window().quantiles()) {
      String quantile = Collector.doubleToGoString(each.quantile());
      samples.add(
          new Sample(
              name, labelNames, append(series.labelValues(), quantile), family.values()[next++]));
    }
  }

  private static List<String> bounds(MergedSeries series) {
    List<String> bounds = new ArrayList<>();
    series.upperBounds().forEach(bound -> bounds.add(Collector.doubleToGoString(bound)));
    bounds.add("+Inf");
    return bounds;
  }

  private static List<String> append(List<String> list, String last) {
    List<String> all = new ArrayList<>(list.size() + 1);
    all.addAll(list);
    all.add(last);
    return all;
  }

  private void addSample(String name, int index, double value) {
    MergedSeries series = family.series().get(index);
    boolean isTotal = descriptor.type() == MetricType.COUNTER && !name.equals(createdName);
    samples.add(
        new Sample(
            name,
            series.labelNames(),
            series.labelValues(),
            value,
            isTotal ? exemplar(family.exemplar(index, 0)) : null));
  }

  private static Exemplar exemplar(SeriesExemplar exemplar) {
    if (exemplar == null) {
      return null;
    }
    try {
      return new Exemplar(
          exemplar.value(), exemplar.timeMs(), exemplar.labels().toArray(new String[0]));
    } catch (IllegalArgumentException e) {
      // Of a file that was not written by this API.
      return null;
    }
  }
}
