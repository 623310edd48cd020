package io.github.multiprom.exposition.format;

import io.github.multiprom.merge.MergedFamily;
import io.github.multiprom.merge.MergedSeries;
import io.github.multiprom.merge.SampleNames;
import io.github.multiprom.model.CreatedSeries;
import io.github.multiprom.model.FamilyDescriptor;
import io.github.multiprom.model.MetricType;
import io.github.multiprom.model.NativeBuckets;
import io.github.multiprom.model.QuantileWindow.Quantile;
import io.github.multiprom.model.SeriesExemplar;
import java.util.List;
import java.util.function.Predicate;

/**
 * A family as a message {@code io.prometheus.client.MetricFamily}, by the field numbers of
 * Prometheus' {@code metrics.proto}. One thread.
 *
 * <p>The labels of a series are kept as bytes while it is the same object.
 *
 * <p>Protobuf knows no infos and state sets: they are gauges, as in text 0.0.4. The name is that of
 * the samples, with {@code _total} or {@code _info}.
 */
final class FamilyProtobuf {
  // Of a family.
  private static final int NAME = 1;
  private static final int HELP = 2;
  private static final int TYPE = 3;
  private static final int METRIC = 4;
  private static final int UNIT = 5;

  private static final int TYPE_COUNTER = 0;
  private static final int TYPE_GAUGE = 1;
  private static final int TYPE_SUMMARY = 2;
  private static final int TYPE_HISTOGRAM = 4;

  // Of a metric, which is a series; labels also of an exemplar.
  private static final int LABEL = 1;
  private static final int GAUGE = 2;
  private static final int COUNTER = 3;
  private static final int SUMMARY = 4;
  private static final int HISTOGRAM = 7;

  private static final int LABEL_NAME = 1;
  private static final int LABEL_VALUE = 2;

  // Of a gauge or counter.
  private static final int VALUE = 1;
  private static final int COUNTER_EXEMPLAR = 2;
  private static final int COUNTER_CREATED = 3;

  // Of a summary or histogram.
  private static final int COUNT = 1;
  private static final int SUM = 2;
  private static final int SUMMARY_QUANTILE = 3;
  private static final int SUMMARY_CREATED = 4;
  private static final int BUCKET = 3;
  private static final int HISTOGRAM_CREATED = 15;

  private static final int QUANTILE = 1;
  private static final int QUANTILE_VALUE = 2;

  private static final int CUMULATIVE_COUNT = 1;
  private static final int UPPER_BOUND = 2;
  private static final int BUCKET_EXEMPLAR = 3;

  private static final int EXEMPLAR_VALUE = 2;
  private static final int EXEMPLAR_TIME = 3;

  private static final int SECONDS = 1;
  private static final int NANOS = 2;
  private static final long MS_PER_SECOND = 1_000;
  private static final long NANOS_PER_MS = 1_000_000;

  private final FamilyDescriptor descriptor;
  private final List<String> names;
  private final Message header = new Message();
  private final boolean withCreated;

  private List<MergedSeries> series = List.of();
  private Pieces labels = new Pieces(0, 0);

  // Used again for each series.
  private final Message metric = new Message();
  private final Message value = new Message();
  private final Message part = new Message();
  private final NativeMessage nativeMessage = new NativeMessage();

  /** The message of a family of which nothing was written yet. */
  FamilyProtobuf(FamilyDescriptor descriptor) {
    this.descriptor = descriptor;
    names = SampleNames.all(descriptor);
    withCreated = CreatedSeries.SHOWN && !descriptor.type().isSet();
    header
        .text(NAME, name(descriptor))
        .text(HELP, descriptor.help())
        .count(TYPE, type(descriptor.type()));
    if (!descriptor.unit().isEmpty()) {
      header.text(UNIT, descriptor.unit());
    }
  }

  private static String name(FamilyDescriptor descriptor) {
    return switch (descriptor.type()) {
      case COUNTER -> descriptor.name() + "_total";
      case INFO -> descriptor.name() + "_info";
      case GAUGE, STATESET, SUMMARY, HISTOGRAM -> descriptor.name();
    };
  }

  private static int type(MetricType type) {
    return switch (type) {
      case COUNTER -> TYPE_COUNTER;
      case GAUGE, INFO, STATESET -> TYPE_GAUGE;
      case SUMMARY -> TYPE_SUMMARY;
      case HISTOGRAM -> TYPE_HISTOGRAM;
    };
  }

  /** Whether any sample of the family is wanted: its message has them all. */
  boolean isWanted(Predicate<String> sampleNames) {
    return names.stream().anyMatch(sampleNames);
  }

  /** Writes the fields of the message. */
  void write(MergedFamily family, Bytes out) {
    follow(family.series());
    out.add(header.array, 0, header.length);
    int first = 0;
    for (int index = 0; index < family.seriesCount(); index++) {
      metric.clear();
      labels.write(index, metric);
      switch (descriptor.type()) {
        case COUNTER -> addCounter(family, index, first);
        case GAUGE, INFO, STATESET ->
            metric.message(GAUGE, value.clear().number(VALUE, family.values()[first]));
        case SUMMARY -> addSummary(family, index, first);
        case HISTOGRAM -> addHistogram(family, index, first);
      }
      metric.writeTo(METRIC, out);
      first += family.width(index);
    }
  }

  @SuppressWarnings("ReferenceEquality") // That is how a merge says that no series came or went.
  private void follow(List<MergedSeries> now) {
    if (now == series) {
      return;
    }
    Pieces all = new Pieces(now.size(), labels.length());
    int[] places = KeptSeries.places(series, now);
    for (int i = 0; i < places.length; i++) {
      if (places[i] >= 0) {
        all.add(labels, places[i], places[i] + 1);
      } else {
        MergedSeries one = now.get(i);
        for (int label = 0; label < one.labelNames().size(); label++) {
          label(one.labelNames().get(label), one.labelValues().get(label))
              .writeTo(LABEL, all.bytes());
        }
        all.end();
      }
    }
    all.trim();
    series = now;
    labels = all;
  }

  private Message label(String name, String text) {
    return part.clear().text(LABEL_NAME, name).text(LABEL_VALUE, text);
  }

  private void addCounter(MergedFamily family, int index, int first) {
    value.clear().number(VALUE, family.values()[first]);
    SeriesExemplar exemplar = family.exemplar(index, 0);
    if (exemplar != null) {
      value.message(COUNTER_EXEMPLAR, message(exemplar));
    }
    addCreated(COUNTER_CREATED, family, index);
    metric.message(COUNTER, value);
  }

  private void addSummary(MergedFamily family, int index, int first) {
    double[] values = family.values();
    List<Quantile> quantiles =
        descriptor.window() == null ? List.of() : descriptor.window().quantiles();
    int totals = first + quantiles.size();
    value.clear().count(COUNT, count(values[totals])).number(SUM, values[totals + 1]);
    for (int i = 0; i < quantiles.size(); i++) {
      part.clear().number(QUANTILE, quantiles.get(i).quantile());
      value.message(SUMMARY_QUANTILE, part.number(QUANTILE_VALUE, values[first + i]));
    }
    addCreated(SUMMARY_CREATED, family, index);
    metric.message(SUMMARY, value);
  }

  private void addHistogram(MergedFamily family, int index, int first) {
    double[] values = family.values();
    List<Double> bounds = series.get(index).upperBounds();
    int infinity = bounds.size();
    NativeBuckets nativeBuckets = family.nativeBuckets(index);
    long count = nativeBuckets == null ? count(values[first + infinity]) : nativeBuckets.count();
    value.clear().count(COUNT, count).number(SUM, values[first + infinity + 1]);
    if (family.hasClassicView(index)) {
      for (int i = 0; i <= infinity; i++) {
        double bound = i == infinity ? Double.POSITIVE_INFINITY : bounds.get(i);
        part.clear().count(CUMULATIVE_COUNT, count(values[first + i])).number(UPPER_BOUND, bound);
        SeriesExemplar exemplar = family.exemplar(index, i);
        if (exemplar != null) {
          part.message(BUCKET_EXEMPLAR, message(exemplar));
        }
        value.message(BUCKET, part);
      }
    }
    addCreated(HISTOGRAM_CREATED, family, index);
    if (nativeBuckets != null) {
      nativeMessage.addTo(value, nativeBuckets);
      addNativeExemplars(family.exemplars().get(index));
    }
    metric.message(HISTOGRAM, value);
  }

  private void addNativeExemplars(SeriesExemplar[] exemplars) {
    if (exemplars != null) {
      for (SeriesExemplar exemplar : exemplars) {
        if (exemplar != null) {
          value.message(NativeMessage.EXEMPLAR, message(exemplar));
        }
      }
    }
  }

  /** A number of observations; 0 for NaN and less than 0, which only a damaged file has. */
  private static long count(double number) {
    return (long) Math.max(0, number);
  }

  private void addCreated(int field, MergedFamily family, int index) {
    if (withCreated) {
      value.message(field, time((long) family.createdMs()[index]));
    }
  }

  private static Message message(SeriesExemplar exemplar) {
    Message message = new Message();
    List<String> all = exemplar.labels();
    for (int i = 0; i < all.size(); i += 2) {
      message.message(
          LABEL, new Message().text(LABEL_NAME, all.get(i)).text(LABEL_VALUE, all.get(i + 1)));
    }
    return message
        .number(EXEMPLAR_VALUE, exemplar.value())
        .message(EXEMPLAR_TIME, time(exemplar.timeMs()));
  }

  private static Message time(long ms) {
    return new Message()
        .count(SECONDS, Math.floorDiv(ms, MS_PER_SECOND))
        .count(NANOS, Math.floorMod(ms, MS_PER_SECOND) * NANOS_PER_MS);
  }
}
