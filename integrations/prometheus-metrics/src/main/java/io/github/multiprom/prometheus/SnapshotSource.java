package io.github.multiprom.prometheus;

import io.github.multiprom.metrics.SampleSink;
import io.github.multiprom.metrics.SampledSource;
import io.github.multiprom.model.NativeBuckets;
import io.prometheus.metrics.model.registry.Collector;
import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.snapshots.ClassicHistogramBuckets;
import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.DataPointSnapshot;
import io.prometheus.metrics.model.snapshots.DistributionDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot.HistogramDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.InfoSnapshot.InfoDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import io.prometheus.metrics.model.snapshots.NativeHistogramBucket;
import io.prometheus.metrics.model.snapshots.NativeHistogramBuckets;
import io.prometheus.metrics.model.snapshots.StateSetSnapshot.StateSetDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.SummarySnapshot.SummaryDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.UnknownSnapshot.UnknownDataPointSnapshot;
import java.util.Arrays;
import java.util.function.Supplier;

/** A collector of prometheus-metrics that is sampled. One thread at a time. */
final class SnapshotSource implements SampledSource {
  /** Gauge histograms, as their counts fall. */
  private static final String GAUGE_HISTOGRAM = "gauge_histogram";

  private final Supplier<MetricSnapshots> collector;

  SnapshotSource(Collector collector) {
    this.collector =
        () -> {
          MetricSnapshot snapshot = collector.collect();
          return snapshot == null ? MetricSnapshots.of() : MetricSnapshots.of(snapshot);
        };
  }

  SnapshotSource(MultiCollector collector) {
    this.collector = collector::collect;
  }

  @Override
  public void sample(SampleSink to) {
    for (MetricSnapshot family : collector.get()) {
      for (DataPointSnapshot point : family.getDataPoints()) {
        new Point(to, family, point.getLabels()).sample(family, point);
      }
    }
  }

  /** What all samples of a data point have. */
  private static final class Point {
    private final SampleSink to;
    private final String name;
    private final String help;
    private final String[] names;
    private final String[] values;

    Point(SampleSink to, MetricSnapshot family, Labels labels) {
      this.to = to;
      name = family.getMetadata().getPrometheusName();
      String given = family.getMetadata().getHelp();
      help = given == null ? "" : given;
      names = new String[labels.size()];
      values = new String[labels.size()];
      for (int i = 0; i < names.length; i++) {
        names[i] = labels.getPrometheusName(i);
        values[i] = labels.getValue(i);
      }
    }

    void sample(MetricSnapshot family, DataPointSnapshot point) {
      if (point instanceof CounterDataPointSnapshot counter) {
        to.counter(name, help, names, values, counter.getValue());
      } else if (point instanceof GaugeDataPointSnapshot gauge) {
        to.gauge(name, help, names, values, gauge.getValue());
      } else if (point instanceof UnknownDataPointSnapshot unknown) {
        to.gauge(name, help, names, values, unknown.getValue());
      } else if (point instanceof InfoDataPointSnapshot) {
        to.info(name, help, names, values);
      } else if (point instanceof StateSetDataPointSnapshot states) {
        stateSet(states);
      } else if (point instanceof SummaryDataPointSnapshot summary) {
        if (summary.getQuantiles().size() > 0) {
          to.refuse(name, "quantile");
        }
        summary(summary);
      } else if (point instanceof HistogramDataPointSnapshot histogram) {
        if (((HistogramSnapshot) family).isGaugeHistogram()) {
          to.refuse(name, GAUGE_HISTOGRAM);
        } else {
          histogram(histogram);
        }
      }
    }

    private void stateSet(StateSetDataPointSnapshot states) {
      String[] withState = Arrays.copyOf(names, names.length + 1);
      withState[names.length] = name;
      for (int i = 0; i < states.size(); i++) {
        String[] itsValues = Arrays.copyOf(values, values.length + 1);
        itsValues[values.length] = states.getName(i);
        to.gauge(name, help, withState, itsValues, states.isTrue(i) ? 1 : 0);
      }
    }

    private void summary(DistributionDataPointSnapshot point) {
      if (point.hasCount()) {
        double sum = point.hasSum() ? point.getSum() : Double.NaN;
        to.summary(name, help, names, values, (double) point.getCount(), sum);
      }
    }

    private void histogram(HistogramDataPointSnapshot point) {
      double[] bounds = {};
      double[] counts = {(double) point.getCount()};
      if (point.hasClassicHistogramData()) {
        ClassicHistogramBuckets buckets = point.getClassicBuckets();
        bounds = new double[buckets.size() - 1];
        counts = new double[buckets.size()];
        for (int i = 0; i < counts.length; i++) {
          counts[i] = (double) buckets.getCount(i);
          if (i < bounds.length) {
            bounds[i] = buckets.getUpperBound(i);
          }
        }
      }
      double sum = point.hasSum() ? point.getSum() : Double.NaN;
      if (point.hasNativeHistogramData()) {
        to.histogram(name, help, names, values, bounds, counts, sum, nativeBuckets(point));
      } else {
        to.histogram(name, help, names, values, bounds, counts, sum);
      }
    }

    private static NativeBuckets nativeBuckets(HistogramDataPointSnapshot point) {
      NativeHistogramBuckets positive = point.getNativeBucketsForPositiveValues();
      NativeHistogramBuckets negative = point.getNativeBucketsForNegativeValues();
      return new NativeBuckets(
          point.getNativeSchema(),
          point.getNativeZeroThreshold(),
          point.getNativeZeroCount(),
          indices(positive),
          counts(positive),
          indices(negative),
          counts(negative));
    }

    private static int[] indices(NativeHistogramBuckets buckets) {
      return buckets.stream().mapToInt(NativeHistogramBucket::getBucketIndex).toArray();
    }

    private static long[] counts(NativeHistogramBuckets buckets) {
      return buckets.stream().mapToLong(NativeHistogramBucket::getCount).toArray();
    }
  }
}
