package io.github.multiprom.exposition;

import io.github.multiprom.merge.MergedFamily;
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
final class RenderedFamily {
  /** One sample of each series: the name's suffix, the le label or null, the value's index. */
  private record Shape(String suffix, String le, int value) {}

  private final FamilyDescriptor descriptor;
  private final List<List<String>> labelValues;
  private final String[] sampleNames;
  private final int[] valueOf;
  private final byte[] header;
  private final byte[] createdHeader;
  private final byte[] prefixes;
  private final int[] prefixEnds;
  private final byte[] createdPrefixes;
  private final int[] createdPrefixEnds;
  private CreatedLines created;

  RenderedFamily(MergedFamily family, ExpositionFormat format) {
    descriptor = family.descriptor();
    labelValues = family.labelValues();
    boolean openMetrics = format == ExpositionFormat.OPENMETRICS;
    List<Shape> shapes = shapes(descriptor);
    sampleNames = new String[shapes.size()];
    valueOf = new int[shapes.size()];
    for (int i = 0; i < valueOf.length; i++) {
      sampleNames[i] = descriptor.name() + shapes.get(i).suffix;
      valueOf[i] = shapes.get(i).value;
    }
    header = openMetrics ? openMetricsHeader() : textHeader();
    createdHeader = textHeader(createdName(), "gauge");
    Bytes all = new Bytes();
    Bytes allCreated = new Bytes();
    prefixEnds = new int[labelValues.size() * shapes.size()];
    createdPrefixEnds = new int[labelValues.size()];
    int end = 0;
    for (int series = 0; series < labelValues.size(); series++) {
      List<String> values = labelValues.get(series);
      for (int i = 0; i < valueOf.length; i++) {
        addPrefix(sampleNames[i], family.labelNames(), values, shapes.get(i).le, openMetrics, all);
        prefixEnds[end++] = all.length;
      }
      addPrefix(createdName(), family.labelNames(), values, null, openMetrics, allCreated);
      createdPrefixEnds[series] = allCreated.length;
    }
    prefixes = all.toArray();
    createdPrefixes = allCreated.toArray();
  }

  /** The names of all samples that a family can have. */
  static Set<String> sampleNames(FamilyDescriptor descriptor) {
    Set<String> names = new HashSet<>();
    for (Shape shape : shapes(descriptor)) {
      names.add(descriptor.name() + shape.suffix);
    }
    if (descriptor.type() != MetricType.GAUGE) {
      names.add(createdName(descriptor));
    }
    return names;
  }

  private static List<Shape> shapes(FamilyDescriptor descriptor) {
    List<Shape> shapes = new ArrayList<>();
    switch (descriptor.type()) {
      case COUNTER -> shapes.add(new Shape("_total", null, 0));
      case GAUGE -> shapes.add(new Shape("", null, 0));
      case SUMMARY -> {
        shapes.add(new Shape("_count", null, 0));
        shapes.add(new Shape("_sum", null, 1));
      }
      case HISTOGRAM -> {
        List<Double> bounds = descriptor.upperBounds();
        for (int i = 0; i < bounds.size(); i++) {
          shapes.add(new Shape("_bucket", Collector.doubleToGoString(bounds.get(i)), i));
        }
        shapes.add(new Shape("_bucket", "+Inf", bounds.size()));
        shapes.add(new Shape("_count", null, bounds.size()));
        shapes.add(new Shape("_sum", null, bounds.size() + 1));
      }
    }
    return shapes;
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
      String name,
      List<String> labelNames,
      List<String> values,
      String le,
      boolean openMetrics,
      Bytes bytes) {
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
    return family.labelValues() == labelValues && family.descriptor().equals(descriptor);
  }

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

  /** For each sample of a series the index of its value. */
  int[] valueOf() {
    return valueOf;
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
