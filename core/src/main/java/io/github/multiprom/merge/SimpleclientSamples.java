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
 * them. Immutable.
 */
final class SimpleclientSamples {
  private static final double MILLIS_PER_SECOND = 1000;

  private final FamilyDescriptor descriptor;
  private final MergedFamily family;
  private final boolean withCreated;
  private final List<Sample> samples = new ArrayList<>();

  private SimpleclientSamples(MergedFamily family, boolean withCreated) {
    this.descriptor = family.descriptor();
    this.family = family;
    this.withCreated = withCreated;
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
      add("_total", series, 0);
      addCreated(series);
    }
  }

  private void addGauge() {
    for (int series = 0; series < family.seriesCount(); series++) {
      add("", series, 0);
    }
  }

  private void addSummary() {
    for (int series = 0; series < family.seriesCount(); series++) {
      add("_count", series, 0);
      add("_sum", series, 1);
      addCreated(series);
    }
  }

  private void addHistogram() {
    String name = descriptor.name() + "_bucket";
    List<String> labelNames = append(family.labelNames(), "le");
    List<String> bounds = new ArrayList<>();
    descriptor.upperBounds().forEach(bound -> bounds.add(Collector.doubleToGoString(bound)));
    bounds.add("+Inf");
    int sum = bounds.size();
    for (int series = 0; series < family.seriesCount(); series++) {
      List<String> labelValues = family.labelValues().get(series);
      for (int i = 0; i < bounds.size(); i++) {
        samples.add(
            new Sample(name, labelNames, append(labelValues, bounds.get(i)), value(series, i)));
      }
      add("_count", series, sum - 1);
      add("_sum", series, sum);
      addCreated(series);
    }
  }

  private static List<String> append(List<String> list, String last) {
    List<String> all = new ArrayList<>(list.size() + 1);
    all.addAll(list);
    all.add(last);
    return all;
  }

  private double value(int series, int index) {
    return family.values()[series * family.width() + index];
  }

  private void add(String suffix, int series, int index) {
    addSample(suffix, series, value(series, index));
  }

  private void addCreated(int series) {
    if (withCreated) {
      addSample("_created", series, family.createdMs()[series] / MILLIS_PER_SECOND);
    }
  }

  private void addSample(String suffix, int series, double value) {
    samples.add(
        new Sample(
            descriptor.name() + suffix,
            family.labelNames(),
            family.labelValues().get(series),
            value));
  }
}
