package io.github.multiprom.exposition.text;

import io.github.multiprom.merge.MergedFamily;
import io.github.multiprom.model.CreatedSeries;
import io.github.multiprom.model.MetricType;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Writes merged families as text, in one format. One thread.
 *
 * <p>What it writes is what simpleclient 0.16 writes for the same samples, but for the numbers,
 * which it prints as Go does. All that stands before a number is rendered once and kept while a
 * family's series stay the same; a warm scrape copies bytes and prints numbers.
 */
public final class TextWriter {
  private static final int MAX_GONE = 16;
  private static final int MAX_OTHERS = 1_000;

  private final ExpositionFormat format;
  private final Map<String, RenderedFamily> rendered = new HashMap<>();

  /** A writer of a format. */
  public TextWriter(ExpositionFormat format) {
    this.format = format;
  }

  /**
   * Writes families, and forgets others.
   *
   * @param families sorted by name
   * @param sampleNames which samples are wanted, by name
   * @return the text in UTF-8, in one array
   */
  public byte[] write(List<MergedFamily> families, Predicate<String> sampleNames) {
    return text(families, sampleNames).toByteArray();
  }

  /**
   * Writes families in chunks, which need less memory than one array, and forgets others.
   *
   * @param families sorted by name
   * @param sampleNames which samples are wanted, by name
   */
  public ExpositionText text(List<MergedFamily> families, Predicate<String> sampleNames) {
    ExpositionText text = textOfSome(families, sampleNames);
    forgetOthers(families, MAX_GONE);
    return text;
  }

  /** Writes families, and keeps what it has rendered of the others. */
  public ExpositionText textOfSome(List<MergedFamily> families, Predicate<String> sampleNames) {
    Chunks text = new Chunks();
    write(families, sampleNames, text);
    // If nobody asks for all families, those that are gone are forgotten here.
    forgetOthers(families, MAX_OTHERS);
    return text.toText();
  }

  void write(List<MergedFamily> families, Predicate<String> sampleNames, Bytes out) {
    List<MergedFamily> withCreated = new ArrayList<>();
    for (MergedFamily family : families) {
      RenderedFamily prefixes = rendered(family);
      boolean created = CreatedSeries.SHOWN && family.withCreated();
      boolean inline = created && format == ExpositionFormat.OPENMETRICS;
      writeSamples(family, prefixes, sampleNames, inline, out);
      if (created && !inline && sampleNames.test(prefixes.createdName())) {
        withCreated.add(family);
      }
    }
    // As simpleclient does: the old format knows no created samples, so they are gauges behind.
    withCreated.sort(Comparator.comparing(family -> family.descriptor().name() + "_created"));
    for (MergedFamily family : withCreated) {
      writeCreatedFamily(family, rendered(family), out);
    }
    if (format == ExpositionFormat.OPENMETRICS) {
      out.add("# EOF\n");
    }
  }

  private RenderedFamily rendered(MergedFamily family) {
    String name = family.descriptor().name();
    RenderedFamily known = rendered.get(name);
    if (known == null || !known.isOf(family)) {
      known = new RenderedFamily(family, format);
      rendered.put(name, known);
    }
    return known;
  }

  private void forgetOthers(List<MergedFamily> families, int max) {
    if (rendered.size() > 2 * families.size() + max) {
      Set<String> names = new HashSet<>();
      families.forEach(family -> names.add(family.descriptor().name()));
      rendered.keySet().retainAll(names);
    }
  }

  private static void writeSamples(
      MergedFamily family,
      RenderedFamily prefixes,
      Predicate<String> sampleNames,
      boolean withCreated,
      Bytes out) {
    boolean[] wanted = prefixes.wanted(sampleNames);
    boolean wantsCreated = withCreated && sampleNames.test(prefixes.createdName());
    boolean any = wantsCreated;
    for (boolean one : wanted) {
      any |= one;
    }
    // A family without series yet is shown by its header, as simpleclient does.
    if (!any) {
      return;
    }
    out.add(prefixes.header());
    double[] values = family.values();
    boolean histogram = family.descriptor().type() == MetricType.HISTOGRAM;
    CreatedLines created = wantsCreated ? prefixes.created(family) : null;
    int value = 0;
    int line = 0;
    for (int series = 0; series < family.seriesCount(); series++) {
      int sample = 0;
      if (histogram) {
        int buckets = family.width(series) - 1;
        if (wanted[sample++]) {
          for (int i = 0; i < buckets; i++) {
            prefixes.addLine(line + i, values[value + i], out);
          }
        }
        line += buckets;
        // The count is the last bucket.
        value += buckets - 1;
      }
      for (; sample < wanted.length; sample++, line++, value++) {
        if (wanted[sample]) {
          prefixes.addLine(line, values[value], out);
        }
      }
      if (wantsCreated) {
        created.addLine(series, out);
      }
    }
  }

  private static void writeCreatedFamily(MergedFamily family, RenderedFamily prefixes, Bytes out) {
    if (family.seriesCount() == 0) {
      return;
    }
    out.add(prefixes.createdHeader());
    prefixes.created(family).addLines(out);
  }
}
