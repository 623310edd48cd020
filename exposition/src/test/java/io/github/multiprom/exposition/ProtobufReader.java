package io.github.multiprom.exposition;

import io.prometheus.client.Collector;
import io.prometheus.client.Collector.MetricFamilySamples;
import io.prometheus.client.Collector.MetricFamilySamples.Sample;
import io.prometheus.metrics.expositionformats.generated.com_google_protobuf_4_36_1.Metrics;
import io.prometheus.metrics.shaded.com_google_protobuf_4_36_1.Timestamp;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;

/** Reads protobuf with the messages of the Prometheus Java client. */
public final class ProtobufReader {
  private ProtobufReader() {}

  /** The families, in their order. */
  public static List<Metrics.MetricFamily> read(byte[] bytes) throws IOException {
    List<Metrics.MetricFamily> families = new ArrayList<>();
    InputStream in = new ByteArrayInputStream(bytes);
    for (Metrics.MetricFamily family = Metrics.MetricFamily.parseDelimitedFrom(in);
        family != null;
        family = Metrics.MetricFamily.parseDelimitedFrom(in)) {
      families.add(family);
    }
    return families;
  }

  /** A family as simpleclient would have it, with the classic view of histograms. */
  public static MetricFamilySamples samples(Metrics.MetricFamily family) {
    List<Sample> samples = new ArrayList<>();
    for (Metrics.Metric metric : family.getMetricList()) {
      Labels labels = Labels.of(metric);
      String name = family.getName();
      switch (family.getType()) {
        case COUNTER -> {
          Metrics.Counter counter = metric.getCounter();
          String withoutTotal = name.substring(0, name.length() - "_total".length());
          samples.add(labels.sample(name, counter.getValue()));
          samples.add(labels.created(withoutTotal, counter.getCreatedTimestamp()));
        }
        case GAUGE -> samples.add(labels.sample(name, metric.getGauge().getValue()));
        case SUMMARY -> {
          Metrics.Summary summary = metric.getSummary();
          for (Metrics.Quantile quantile : summary.getQuantileList()) {
            String text = Collector.doubleToGoString(quantile.getQuantile());
            samples.add(labels.with("quantile", text).sample(name, quantile.getValue()));
          }
          samples.add(labels.sample(name + "_count", (double) summary.getSampleCount()));
          samples.add(labels.sample(name + "_sum", summary.getSampleSum()));
          samples.add(labels.created(name, summary.getCreatedTimestamp()));
        }
        case HISTOGRAM -> {
          Metrics.Histogram histogram = metric.getHistogram();
          for (Metrics.Bucket bucket : histogram.getBucketList()) {
            String le = Collector.doubleToGoString(bucket.getUpperBound());
            samples.add(
                labels
                    .with("le", le)
                    .sample(name + "_bucket", (double) bucket.getCumulativeCount()));
          }
          samples.add(labels.sample(name + "_count", (double) histogram.getSampleCount()));
          samples.add(labels.sample(name + "_sum", histogram.getSampleSum()));
          samples.add(labels.created(name, histogram.getCreatedTimestamp()));
        }
        default -> throw new IllegalArgumentException("type " + family.getType());
      }
    }
    Collector.Type type = Collector.Type.valueOf(family.getType().name());
    return new MetricFamilySamples(family.getName(), type, family.getHelp(), samples);
  }

  private record Labels(List<String> names, List<String> values) {
    static Labels of(Metrics.Metric metric) {
      return new Labels(
          metric.getLabelList().stream().map(Metrics.LabelPair::getName).toList(),
          metric.getLabelList().stream().map(Metrics.LabelPair::getValue).toList());
    }

    Labels with(String name, String value) {
      List<String> moreNames = new ArrayList<>(names);
      List<String> moreValues = new ArrayList<>(values);
      moreNames.add(name);
      moreValues.add(value);
      return new Labels(moreNames, moreValues);
    }

    Sample sample(String name, double value) {
      return new Sample(name, names, values, value);
    }

    Sample created(String name, Timestamp time) {
      double ms = time.getSeconds() * 1e3 + time.getNanos() / 1e6;
      return sample(name + "_created", ms / 1e3);
    }
  }
}
