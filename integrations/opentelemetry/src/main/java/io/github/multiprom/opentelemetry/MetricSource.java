package io.github.multiprom.opentelemetry;

import io.github.multiprom.metrics.GaugeMode;
import io.github.multiprom.metrics.SampleSink;
import io.github.multiprom.metrics.SampledSource;
import io.github.multiprom.model.NativeBuckets;
import io.opentelemetry.sdk.metrics.data.AggregationTemporality;
import io.opentelemetry.sdk.metrics.data.DoublePointData;
import io.opentelemetry.sdk.metrics.data.ExponentialHistogramData;
import io.opentelemetry.sdk.metrics.data.ExponentialHistogramPointData;
import io.opentelemetry.sdk.metrics.data.HistogramData;
import io.opentelemetry.sdk.metrics.data.HistogramPointData;
import io.opentelemetry.sdk.metrics.data.LongPointData;
import io.opentelemetry.sdk.metrics.data.MetricData;
import io.opentelemetry.sdk.metrics.data.PointData;
import io.opentelemetry.sdk.metrics.data.SumData;
import io.opentelemetry.sdk.metrics.data.SummaryPointData;
import io.opentelemetry.sdk.metrics.export.CollectionRegistration;
import java.util.Collection;

/** The metrics of an SDK that are sampled. One thread at a time. */
final class MetricSource implements SampledSource {
  private static final double[] NO_BOUNDS = {};

  private final CollectionRegistration registration;
  private final boolean scopeLabels;
  private final boolean targetInfo;

  MetricSource(CollectionRegistration registration, boolean scopeLabels, boolean targetInfo) {
    this.registration = registration;
    this.scopeLabels = scopeLabels;
    this.targetInfo = targetInfo;
  }

  @Override
  public void sample(SampleSink to) {
    Collection<MetricData> metrics = registration.collectAllMetrics();
    for (MetricData metric : metrics) {
      String name = PrometheusNames.family(metric.getName(), metric.getUnit());
      new Family(to, metric, name).sample();
    }
    if (targetInfo && !metrics.isEmpty()) {
      PointLabels labels = PointLabels.of(metrics.iterator().next().getResource().getAttributes());
      to.info("target", "", labels.names(), labels.values());
    }
  }

  /** A metric on its way to the sink. */
  private final class Family {
    private final SampleSink to;
    private final MetricData metric;
    private final String name;
    private final String help;

    Family(SampleSink to, MetricData metric, String name) {
      this.to = to;
      this.metric = metric;
      this.name = name;
      help = metric.getDescription();
    }

    void sample() {
      switch (metric.getType()) {
        case LONG_GAUGE -> metric.getLongGaugeData().getPoints().forEach(p -> gauge(p, value(p)));
        case DOUBLE_GAUGE ->
            metric.getDoubleGaugeData().getPoints().forEach(p -> gauge(p, value(p)));
        case LONG_SUM -> sum(metric.getLongSumData());
        case DOUBLE_SUM -> sum(metric.getDoubleSumData());
        case HISTOGRAM -> histogram(metric.getHistogramData());
        case EXPONENTIAL_HISTOGRAM -> exponential(metric.getExponentialHistogramData());
        case SUMMARY -> metric.getSummaryData().getPoints().forEach(this::summary);
      }
    }

    private static double value(PointData point) {
      return point instanceof LongPointData whole
          ? (double) whole.getValue()
          : ((DoublePointData) point).getValue();
    }

    private PointLabels labels(PointData point) {
      return scopeLabels
          ? PointLabels.of(point.getAttributes(), metric.getInstrumentationScopeInfo())
          : PointLabels.of(point.getAttributes());
    }

    /** Totals since the last look could not be told from those that are read twice. */
    private boolean isCumulative(AggregationTemporality temporality) {
      if (temporality == AggregationTemporality.DELTA) {
        to.refuse(name, "delta");
        return false;
      }
      return true;
    }

    private void gauge(PointData point, double value) {
      PointLabels labels = labels(point);
      to.gauge(name, help, labels.names(), labels.values(), value);
    }

    private void sum(SumData<?> sum) {
      if (isCumulative(sum.getAggregationTemporality())) {
        for (PointData point : sum.getPoints()) {
          PointLabels labels = labels(point);
          if (sum.isMonotonic()) {
            to.counter(name, help, labels.names(), labels.values(), value(point));
          } else {
            to.gauge(name, help, labels.names(), labels.values(), value(point), GaugeMode.LIVESUM);
          }
        }
      }
    }

    private void histogram(HistogramData histogram) {
      if (isCumulative(histogram.getAggregationTemporality())) {
        for (HistogramPointData point : histogram.getPoints()) {
          double[] bounds = point.getBoundaries().stream().mapToDouble(bound -> bound).toArray();
          double[] counts = point.getCounts().stream().mapToDouble(count -> count).toArray();
          histogram(point, bounds, counts, point.getSum());
        }
      }
    }

    private void exponential(ExponentialHistogramData histogram) {
      if (isCumulative(histogram.getAggregationTemporality())) {
        histogram.getPoints().forEach(this::exponential);
      }
    }

    private void exponential(ExponentialHistogramPointData point) {
      double[] count = {(double) point.getCount()};
      if (point.getScale() < NativeBuckets.MIN_SCHEMA) {
        // Count and sum are right all the same.
        histogram(point, NO_BOUNDS, count, point.getSum());
        return;
      }
      PointLabels labels = labels(point);
      NativeBuckets buckets = ScaledBuckets.of(point);
      to.histogram(
          name, help, labels.names(), labels.values(), NO_BOUNDS, count, point.getSum(), buckets);
    }

    private void histogram(PointData point, double[] bounds, double[] counts, double sum) {
      PointLabels labels = labels(point);
      to.histogram(name, help, labels.names(), labels.values(), bounds, counts, sum);
    }

    private void summary(SummaryPointData point) {
      if (!point.getValues().isEmpty()) {
        to.refuse(name, "quantile");
      }
      PointLabels labels = labels(point);
      double count = (double) point.getCount();
      to.summary(name, help, labels.names(), labels.values(), count, point.getSum());
    }
  }
}
