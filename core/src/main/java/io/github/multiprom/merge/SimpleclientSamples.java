package io.github.multiprom.merge;

import io.github.multiprom.model.CreatedSeries;
import io.github.multiprom.model.FamilyDescriptor;
import io.prometheus.client.Collector;
import io.prometheus.client.Collector.MetricFamilySamples;
import io.prometheus.client.Collector.MetricFamilySamples.Sample;
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
  private final boolean withCreated;
  private final List<Sample> samples = new ArrayList<>();
  // The value that comes next.
  private int next;

  private SimpleclientSamples(MergedFamily family, boolean withCreated) {
    this.descriptor = family.descriptor();
    this.family = family;
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
        };
    switch (descriptor.type()) {
      case COUNTER -> addCounter();
      case GAUGE -> addGauge();
      case HISTOGRAM -> addHistogram();
      case SUMMARY -> addSummary();
    }
    return new MetricFamilySamples(
        descriptor.name(), descriptor.unit(), type, descriptor.help(), samples);
  }

  private void addCounter() {
    for (int series = 0; series < family.seriesCount(); series++) {
      add("_total", series);
      addCreated(series);
    }
  }

  private void addGauge() {
    for (int series = 0; series < family.seriesCount(); series++) {
      add("", series);
    }
  }

  private void addSummary() {
    for (int series = 0; series < family.seriesCount(); series++) {
      add("_count", series);
      add("_sum", series);
      addCreated(series);
    }
  }

  private void addHistogram() {
    String name = descriptor.name() + "_bucket";
    MergedSeries before = null;
    List<String> labelNames = List.of();
    List<String> bounds = List.of();
    for (int i = 0; i < family.seriesCount(); i++) {
      MergedSeries series = family.series().get(i);
      if (before == null || !before.labelNames().equals(series.labelNames())) {
        labelNames = append(series.labelNames(), "le");
      }
      if (before == null || !before.upperBounds().equals(series.upperBounds())) {
        bounds = bounds(series);
      }
      before = series;
      for (String bound : bounds) {
        samples.add(
            new Sample(
                name, labelNames, append(series.labelValues(), bound), family.values()[next++]));
      }
      // The count is the last bucket.
      next--;
      add("_count", i);
      add("_sum", i);
      addCreated(i);
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

  private void add(String suffix, int series) {
    addSample(suffix, series, family.values()[next++]);
  }

  private void addCreated(int series) {
    if (withCreated) {
      addSample("_created", series, family.createdMs()[series] / MILLIS_PER_SECOND);
    }
  }

  private void addSample(String suffix, int index, double value) {
    MergedSeries series = family.series().get(index);
    samples.add(
        new Sample(descriptor.name() + suffix, series.labelNames(), series.labelValues(), value));
  }
}
