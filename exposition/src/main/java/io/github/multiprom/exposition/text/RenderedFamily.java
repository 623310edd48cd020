package io.github.multiprom.exposition.text;

import io.github.multiprom.merge.MergedFamily;
import io.github.multiprom.merge.MergedSeries;
import io.github.multiprom.model.FamilyDescriptor;
import io.github.multiprom.model.MetricType;
import io.prometheus.client.Collector;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Predicate;

/** All of a family's text but the numbers that change. One thread. */
public final class RenderedFamily {
  private final FamilyDescriptor descriptor;
  private final List<MergedSeries> series;
  private final String[] sampleNames;
  private final byte[] header;
  private final byte[] createdHeader;
  private final byte[] prefixes;
  private final int[] prefixEnds;
  private final byte[] createdPrefixes;
  private final int[] createdPrefixEnds;
  private CreatedLines created;

  RenderedFamily(MergedFamily family, ExpositionFormat format) {
    descriptor = family.descriptor();
    series = family.series();
    boolean openMetrics = format == ExpositionFormat.OPENMETRICS;
    List<String> suffixes = suffixes(descriptor);
    sampleNames = suffixes.stream().map(descriptor.name()::concat).toArray(String[]::new);
    header = openMetrics ? openMetricsHeader() : textHeader();
    createdHeader = textHeader(createdName(), "gauge");
    Bytes all = new Bytes();
    Bytes allCreated = new Bytes();
    prefixEnds = new int[lineCount(family)];
    createdPrefixEnds = new int[family.withCreated() ? series.size() : 0];
    boolean histogram = descriptor.type() == MetricType.HISTOGRAM;
    List<Double> upperBounds = null;
    List<String> bounds = List.of();
    int end = 0;
    for (int i = 0; i < series.size(); i++) {
      MergedSeries one = series.get(i);
      if (histogram && !one.upperBounds().equals(upperBounds)) {
        upperBounds = one.upperBounds();
        bounds = texts(upperBounds);
      }
      for (String le : bounds) {
        addPrefix(sampleNames[0], one, le, openMetrics, all);
        prefixEnds[end++] = all.length;
      }
      for (int sample = histogram ? 1 : 0; sample < sampleNames.length; sample++) {
        addPrefix(sampleNames[sample], one, null, openMetrics, all);
        prefixEnds[end++] = all.length;
      }
      if (family.withCreated()) {
        addPrefix(createdName(), one, null, openMetrics, allCreated);
        createdPrefixEnds[i] = allCreated.length;
      }
    }
    prefixes = all.toArray();
    createdPrefixes = allCreated.toArray();
  }

  private static int lineCount(MergedFamily family) {
    int lines = 0;
    for (int i = 0; i < family.seriesCount(); i++) {
      // A histogram's count is its last bucket.
      lines += family.width(i) + (family.descriptor().type() == MetricType.HISTOGRAM ? 1 : 0);
    }
    return lines;
  }

  private static List<String> texts(List<Double> upperBounds) {
    List<String> texts = new ArrayList<>();
    upperBounds.forEach(bound -> texts.add(Collector.doubleToGoString(bound)));
    texts.add("+Inf");
    return texts;
  }

  /** The names of all samples that a family can have. */
  public static Set<String> sampleNames(FamilyDescriptor descriptor) {
    Set<String> names = new HashSet<>();
    suffixes(descriptor).forEach(suffix -> names.add(descriptor.name() + suffix));
    if (descriptor.type() != MetricType.GAUGE) {
      names.add(createdName(descriptor));
    }
    return names;
  }

  private static List<String> suffixes(FamilyDescriptor descriptor) {
    return switch (descriptor.type()) {
      case COUNTER -> List.of("_total");
      case GAUGE -> List.of("");
      case SUMMARY -> List.of("_count", "_sum");
      case HISTOGRAM -> List.of("_bucket", "_count", "_sum");
    };
  }

  private byte[] textHeader() {
    boolean counter = descriptor.type() == MetricType.COUNTER;
    return textHeader(descriptor.name() + (counter ? "_total" : ""), typeName());
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

  private static void addPrefix(
      String name, MergedSeries series, String le, boolean openMetrics, Bytes bytes) {
    List<String> labelNames = series.labelNames();
    List<String> values = series.labelValues();
    bytes.add(name);
    if (!labelNames.isEmpty() || le != null) {
      bytes.add('{');
      for (int i = 0; i < labelNames.size(); i++) {
        addLabel(labelNames.get(i), values.get(i), i == 0, openMetrics, bytes);
      }
      if (le != null) {
        addLabel("le", le, labelNames.isEmpty(), openMetrics, bytes);
      }
      bytes.add('}');
    }
    bytes.add(' ');
  }

  /** simpleclient puts a comma behind each label in the old format, and between them in the new. */
  private static void addLabel(
      String name, String value, boolean first, boolean openMetrics, Bytes bytes) {
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

  /** Whether this is still the text of a family: whether it has the very same series. */
  @SuppressWarnings("ReferenceEquality") // That is how a merge says that no series came or went.
  boolean isOf(MergedFamily family) {
    return family.series() == series
        && family.withCreated() == (createdPrefixEnds.length == series.size())
        && family.descriptor().equals(descriptor);
  }

  /** Which samples of each series are wanted; a histogram's buckets are the first. */
  boolean[] wanted(Predicate<String> names) {
    boolean[] wanted = new boolean[sampleNames.length];
    for (int i = 0; i < wanted.length; i++) {
      wanted[i] = names.test(sampleNames[i]);
    }
    return wanted;
  }

  String createdName() {
    return createdName(descriptor);
  }

  private static String createdName(FamilyDescriptor descriptor) {
    return descriptor.name() + "_created";
  }

  byte[] header() {
    return header;
  }

  byte[] createdHeader() {
    return createdHeader;
  }

  /** Adds the line of a sample. */
  void addLine(int index, double value, Bytes out) {
    out.addLine(prefixes, index == 0 ? 0 : prefixEnds[index - 1], prefixEnds[index], value);
  }

  /** The created samples, rendered when they are first asked for. */
  CreatedLines created(MergedFamily family) {
    if (created == null || !created.areOf(family.createdMs())) {
      created = new CreatedLines(createdPrefixes, createdPrefixEnds, family.createdMs());
    }
    return created;
  }
}
