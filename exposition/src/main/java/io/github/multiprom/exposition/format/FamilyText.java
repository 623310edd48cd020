package io.github.multiprom.exposition.format;

import io.github.multiprom.merge.MergedFamily;
import io.github.multiprom.merge.MergedSeries;
import io.github.multiprom.merge.SampleNames;
import io.github.multiprom.model.FamilyDescriptor;
import io.github.multiprom.model.MetricType;
import io.github.multiprom.model.SeriesExemplar;
import io.prometheus.client.Collector;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;

/**
 * A family's text in one format. One thread.
 *
 * <p>All that stands before a number is kept while a series is the same object, and so are the
 * whole lines that tell when series were made. When series come or go, what is kept of the others
 * is copied.
 */
final class FamilyText {
  private static final double MS_PER_SECOND = 1e3;
  private static final long MS_IN_SECOND = 1000;

  private final FamilyDescriptor descriptor;
  private final boolean openMetrics;
  private final boolean histogram;
  // Of a summary; else empty.
  private final List<String> quantiles;
  private final List<String> sampleNames;
  private final String createdName;
  private final byte[] header;
  private final byte[] createdHeader;

  private List<MergedSeries> series = List.of();
  // What stands before the numbers, and for each series its first line; and one more.
  private Pieces prefixes = new Pieces(0, 0);
  private int[] firstLines = {0};
  // Of the series that were there when created lines were asked for last.
  private List<MergedSeries> createdSeries = List.of();
  private double[] createdMs = {};
  private Pieces created = new Pieces(0, 0);
  // The bounds of the last histogram series.
  private List<Double> upperBounds = List.of();
  private List<String> bounds = texts(upperBounds);

  /** The text of a family of which nothing was written yet. */
  FamilyText(FamilyDescriptor descriptor, ExpositionFormat format) {
    this.descriptor = descriptor;
    openMetrics = format == ExpositionFormat.OPENMETRICS;
    histogram = descriptor.type() == MetricType.HISTOGRAM;
    quantiles = Quantiles.labels(descriptor);
    sampleNames = SampleNames.of(descriptor);
    createdName = SampleNames.created(descriptor);
    header = openMetrics ? openMetricsHeader() : textHeader();
    createdHeader = textHeader(createdName, "gauge");
  }

  /**
   * Writes the samples whose names are wanted. A family without series yet is shown by its header,
   * as simpleclient does.
   *
   * @param withCreated whether each series is followed by the sample that tells when it was made
   */
  void write(MergedFamily family, Predicate<String> wantedNames, boolean withCreated, Bytes out) {
    boolean[] wanted = new boolean[sampleNames.size()];
    boolean wantsCreated = withCreated && wantedNames.test(createdName);
    boolean any = wantsCreated;
    for (int i = 0; i < wanted.length; i++) {
      wanted[i] = wantedNames.test(sampleNames.get(i));
      any |= wanted[i];
    }
    if (!any) {
      return;
    }
    follow(family);
    if (wantsCreated) {
      followCreated(family);
    }
    out.add(header);
    double[] values = family.values();
    boolean hasExemplars = descriptor.type() == MetricType.COUNTER;
    int value = 0;
    int line = 0;
    for (int index = 0; index < family.seriesCount(); index++) {
      int sample = 0;
      if (histogram) {
        int buckets = family.width(index) - 1;
        if (wanted[sample++]) {
          for (int i = 0; i < buckets; i++) {
            writeLine(line + i, values[value + i], family.exemplar(index, i), out);
          }
        }
        line += buckets;
        // The count is the last bucket.
        value += buckets - 1;
      } else if (!quantiles.isEmpty()) {
        boolean wantsQuantiles = wanted[sample++];
        for (int i = 0; i < quantiles.size(); i++, line++, value++) {
          // OpenMetrics allows none below 0.
          if (wantsQuantiles && !(openMetrics && values[value] < 0)) {
            writeLine(line, values[value], null, out);
          }
        }
      }
      // The sum is the last value of a series.
      double sum = values[value + wanted.length - sample - 1];
      boolean withoutTotals = openMetrics && isWithoutTotals(series.get(index), sum);
      for (; sample < wanted.length; sample++, line++, value++) {
        boolean isCount = !histogram && sample == wanted.length - 2;
        if (wanted[sample] && !(withoutTotals && !isCount)) {
          SeriesExemplar exemplar = hasExemplars ? family.exemplar(index, 0) : null;
          writeLine(line, values[value], exemplar, out);
        }
      }
      if (wantsCreated) {
        created.write(index, out);
      }
    }
  }

  /** Writes a line; the old format knows no exemplars. */
  private void writeLine(int line, double value, SeriesExemplar exemplar, Bytes out) {
    if (exemplar == null || !openMetrics) {
      prefixes.writeLine(line, value, out);
      return;
    }
    prefixes.write(line, out);
    out.addNumber(value);
    // Instead of the end of the line.
    out.length--;
    out.add(" # {");
    List<String> labels = exemplar.labels();
    for (int i = 0; i < labels.size(); i += 2) {
      addLabel(labels.get(i), labels.get(i + 1), i == 0, out);
    }
    out.add("} ");
    out.addNumber(exemplar.value());
    out.length--;
    long ms = exemplar.timeMs();
    out.add(String.format(Locale.ROOT, " %d.%03d\n", ms / MS_IN_SECOND, ms % MS_IN_SECOND));
  }

  /**
   * Whether OpenMetrics wants a histogram without count and sum, or a summary without sum: a sum of
   * what may be negative is no counter, and NaN is none. It allows no count without a sum.
   */
  private boolean isWithoutTotals(MergedSeries one, double sum) {
    return switch (descriptor.type()) {
      case HISTOGRAM ->
          Double.isNaN(sum) || (!one.upperBounds().isEmpty() && one.upperBounds().get(0) < 0);
      case SUMMARY -> !(sum >= 0);
      case COUNTER, GAUGE, INFO, STATESET -> false;
    };
  }

  /** Writes the samples that tell when the series were made, as a family of gauges. */
  void writeCreatedFamily(MergedFamily family, Bytes out) {
    if (family.seriesCount() > 0) {
      followCreated(family);
      out.add(createdHeader);
      created.writeAll(out);
    }
  }

  @SuppressWarnings("ReferenceEquality") // That is how a merge says that no series came or went.
  private void follow(MergedFamily family) {
    List<MergedSeries> now = family.series();
    if (now == series) {
      return;
    }
    int lines = 0;
    for (int i = 0; i < now.size(); i++) {
      // A histogram's count is its last bucket.
      lines += family.width(i) + (histogram ? 1 : 0);
    }
    Pieces all = new Pieces(lines, prefixes.length());
    int[] places = KeptSeries.places(series, now);
    int[] first = new int[now.size() + 1];
    for (int i = 0; i < places.length; ) {
      int place = places[i];
      if (place < 0) {
        addPrefixes(now.get(i), all);
        first[++i] = all.count();
        continue;
      }
      // Series that follow one another as they did are copied together.
      int shift = all.count() - firstLines[place];
      int end = place;
      while (i < places.length && places[i] == end) {
        first[++i] = firstLines[++end] + shift;
      }
      all.add(prefixes, firstLines[place], firstLines[end]);
    }
    all.trim();
    series = now;
    prefixes = all;
    firstLines = first;
  }

  @SuppressWarnings("ReferenceEquality")
  private void followCreated(MergedFamily family) {
    List<MergedSeries> now = family.series();
    if (now == createdSeries && Arrays.equals(createdMs, family.createdMs())) {
      return;
    }
    double[] ms = family.createdMs().clone();
    Pieces all = new Pieces(ms.length, created.length());
    int[] places = KeptSeries.places(createdSeries, now);
    for (int i = 0; i < places.length; i++) {
      if (places[i] >= 0 && createdMs[places[i]] == ms[i]) {
        all.add(created, places[i], places[i] + 1);
      } else {
        addPrefix(createdName, now.get(i), null, null, all.bytes());
        all.bytes().addNumber(ms[i] / MS_PER_SECOND);
        all.end();
      }
    }
    all.trim();
    createdSeries = now;
    createdMs = ms;
    created = all;
  }

  private void addPrefixes(MergedSeries one, Pieces all) {
    if (histogram) {
      if (!one.upperBounds().equals(upperBounds)) {
        upperBounds = one.upperBounds();
        bounds = texts(upperBounds);
      }
      for (String le : bounds) {
        addPrefix(sampleNames.get(0), one, "le", le, all.bytes());
        all.end();
      }
    }
    for (String quantile : quantiles) {
      addPrefix(sampleNames.get(0), one, "quantile", quantile, all.bytes());
      all.end();
    }
    for (int sample = histogram || !quantiles.isEmpty() ? 1 : 0;
        sample < sampleNames.size();
        sample++) {
      addPrefix(sampleNames.get(sample), one, null, null, all.bytes());
      all.end();
    }
  }

  private static List<String> texts(List<Double> upperBounds) {
    List<String> texts = new ArrayList<>();
    upperBounds.forEach(bound -> texts.add(Collector.doubleToGoString(bound)));
    texts.add("+Inf");
    return texts;
  }

  private byte[] textHeader() {
    return switch (descriptor.type()) {
      case COUNTER -> textHeader(descriptor.name() + "_total", typeName());
      // The old format does not know these types.
      case INFO -> textHeader(descriptor.name() + "_info", "gauge");
      case STATESET -> textHeader(descriptor.name(), "gauge");
      case GAUGE, HISTOGRAM, SUMMARY -> textHeader(descriptor.name(), typeName());
    };
  }

  private byte[] textHeader(String name, String type) {
    Bytes bytes = new Bytes();
    bytes.add("# HELP " + name + " ");
    addEscaped(descriptor.help(), false, bytes);
    bytes.add("\n# TYPE " + name + " " + type + "\n");
    return bytes.toArray();
  }

  private byte[] openMetricsHeader() {
    Bytes bytes = new Bytes();
    bytes.add("# TYPE " + descriptor.name() + " " + typeName() + "\n");
    if (!descriptor.unit().isEmpty()) {
      bytes.add("# UNIT " + descriptor.name() + " " + descriptor.unit() + "\n");
    }
    bytes.add("# HELP " + descriptor.name() + " ");
    addEscaped(descriptor.help(), true, bytes);
    bytes.add('\n');
    return bytes.toArray();
  }

  private String typeName() {
    return descriptor.type().name().toLowerCase(Locale.ROOT);
  }

  /** Adds all that stands before a number, with another label unless its name is null. */
  private void addPrefix(
      String name, MergedSeries series, String otherName, String other, Bytes bytes) {
    List<String> labelNames = series.labelNames();
    List<String> values = series.labelValues();
    bytes.add(name);
    if (!labelNames.isEmpty() || otherName != null) {
      bytes.add('{');
      for (int i = 0; i < labelNames.size(); i++) {
        addLabel(labelNames.get(i), values.get(i), i == 0, bytes);
      }
      if (otherName != null) {
        addLabel(otherName, other, labelNames.isEmpty(), bytes);
      }
      bytes.add('}');
    }
    bytes.add(' ');
  }

  /** simpleclient puts a comma behind each label in the old format, and between them in the new. */
  private void addLabel(String name, String value, boolean first, Bytes bytes) {
    if (openMetrics && !first) {
      bytes.add(',');
    }
    bytes.add(name + "=\"");
    addEscaped(value, true, bytes);
    bytes.add('"');
    if (!openMetrics) {
      bytes.add(',');
    }
  }

  private static void addEscaped(String text, boolean quotes, Bytes bytes) {
    String escaped = text.replace("\\", "\\\\").replace("\n", "\\n");
    bytes.add(quotes ? escaped.replace("\"", "\\\"") : escaped);
  }
}
